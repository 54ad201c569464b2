"""Nanoseconds since 1970 as FIX writes them, in UTC: 20261128-09:30:00.250, and back.

Page: docs/exchange/fix.md
"""

from datetime import UTC, datetime
from functools import lru_cache

from chapters.sim.clock import MS, S

_FORM = "%Y%m%d-%H:%M:%S"


def stamp(now_ns: int) -> str:
    """Return `now_ns` to the millisecond."""
    seconds, rest_ns = divmod(now_ns, S)
    return f"{_second(seconds)}.{rest_ns // MS:03d}"


@lru_cache(maxsize=64)  # a busy session writes thousands of messages in one second
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(_FORM)


@lru_cache(maxsize=64)
def _seconds(text: str) -> int:
    return int(datetime.strptime(text, _FORM).replace(tzinfo=UTC).timestamp())


def instant(text: str) -> int:
    """Return the nanoseconds that a valid UTC timestamp stands for. Raises `ValueError`."""
    whole, _, fraction = text.partition(".")
    leap = whole.endswith(":60")  # a leap second is the one before it, for us
    return _seconds(whole[:-2] + "59" if leap else whole) * S + int(f"{fraction:0<9}")
