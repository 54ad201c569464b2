"""A log is cut into segments: files named for the first sequence that they hold.

    journal/00000000000000000001.log     records 1 … 4095
    journal/00000000000000004096.log     records 4096 … 8190
    journal/00000000000000008191.log     records 8191 …           the last one grows

Names sort as their numbers do, so a directory listing is the index: the record wanted is in the
last segment that starts at or before it, and a segment that does not start where the one before it
ended is missing something. Source: Kafka's log directory. Page: docs/chapters/log.md
"""

from bisect import bisect_right

from chapters.sim.disk import Disk

SEGMENT_BYTES_MAX = 8 * 1024 * 1024  # read whole at recovery, dropped whole by retention
_DIGITS = 20  # enough for 2⁶⁴
_SUFFIX = ".log"


def segment_name(log: str, first: int) -> str:
    """Return the file name of the segment of `log` that starts with sequence `first`."""
    return f"{log}/{first:0{_DIGITS}d}{_SUFFIX}"


def segment_starts(disk: Disk, log: str) -> list[int]:
    """Return the first sequence of each segment of `log`, ascending; skip other files."""
    prefix = f"{log}/"
    stems = (
        name.removeprefix(prefix).removesuffix(_SUFFIX)
        for name in disk.names(prefix)
        if name.endswith(_SUFFIX)
    )
    return sorted(int(stem) for stem in stems if len(stem) == _DIGITS and stem.isdecimal())


def segment_holding(starts: list[int], sequence: int) -> int | None:
    """Return the start of the segment that `sequence` belongs in, or None if it was dropped."""
    index = bisect_right(starts, sequence) - 1
    return starts[index] if index >= 0 else None
