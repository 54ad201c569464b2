"""A request's range: `bytes=500-999`, `bytes=500-`, `bytes=-500`.

Page: docs/spotify/delivery.md
"""

import re

from spotify.errors import Refused

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


class OutOfRange(Refused):
    """A range that begins behind the end: `size` is where the file ends."""

    def __init__(self, size: int) -> None:
        super().__init__(416, f"the range begins behind the end: the file has {size} bytes")
        self.size = size


def span(header: str, size: int) -> tuple[int, int] | None:
    """Return the first byte and the one behind the last; None for all of the file.

    What is no single range is taken for none, as RFC 9110 has it. Raises `OutOfRange`.
    """
    match = _RANGE.match(header.strip())
    if not match or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        if int(last) == 0:
            raise OutOfRange(size)
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise OutOfRange(size)
    return int(first), min(size, int(last) + 1) if last else size
