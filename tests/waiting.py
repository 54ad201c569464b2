"""Waiting for something to come true, with a bound."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
WAIT_S_MAX = 120


def until(condition: Callable[[], Found]) -> Found:
    """Wait until `condition` gives something; return that."""
    deadline = time.monotonic() + WAIT_S_MAX
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing came of it in {WAIT_S_MAX} s")
