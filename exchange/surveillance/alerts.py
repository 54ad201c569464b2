"""An alert: somebody should look at this. It accuses nobody.

Each detector gives a score, and a threshold says from which on it is an alert: the higher, the fewer false
ones, and the more that is missed. Page: docs/exchange/surveillance.md
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from exchange.surveillance.acts import Act

SPOOFING, LAYERING, WASH, CLOSE = "spoofing", "layering", "wash-trade", "marking-the-close"
MOMENTUM = "momentum-ignition"
KINDS = (SPOOFING, LAYERING, WASH, MOMENTUM, CLOSE)


@dataclass(frozen=True, slots=True)
class Alert:
    """A pattern that was seen: by whom, from which command to which, and how clearly."""

    kind: str
    accounts: tuple[int, ...]
    symbol: str
    first: int  # sequence
    last: int
    score: float


class Detector(Protocol):
    """Acts in, alerts out, with bounded memory."""

    def hear(self, act: Act) -> Iterator[Alert]: ...
    def close(self) -> Iterator[Alert]: ...
