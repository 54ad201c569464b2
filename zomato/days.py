"""What is behind the page: one day after another, and how fast the time passes.

Page: docs/zomato/serve.md
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from zomato.town.shop import Shop

SPEED = 1.0  # minutes a second, at the beginning


@dataclass(slots=True)
class Days:
    """`begin(number)` makes the day of that number; `turn` is held by whoever asks or changes anything."""

    begin: Callable[[int], Shop]
    turn: AbstractContextManager[object]
    shop: Shop
    speed: float = SPEED
    number: int = 0

    def pass_s(self, seconds: float) -> None:
        """Let so many real seconds pass."""
        if not self.shop.is_over:
            self.shop.pass_to(self.shop.minute + seconds * self.speed)

    def begin_another(self) -> dict[str, object]:
        """Begin the next day."""
        self.number += 1
        self.shop = self.begin(self.number)
        return {"number": self.number}
