"""Belady's MIN: what is needed again last goes. It knows the future: a yardstick, and no policy.

Nothing can have more hits on the same requests (of objects of one size), so the distance of a policy to
this is what is left to gain. Source: Belady, "A study of replacement algorithms for a virtual-storage
computer", 1966; Mattson et al., 1970, for the proof. Page: docs/chapters/cache.md
"""

from collections.abc import Sequence
from heapq import heappop, heappush

from chapters.cache.policy import Key


def hits(trace: Sequence[Key], capacity: int) -> int:
    """Return the most hits that any cache of so many objects can have. O(n log n)."""
    following = next_uses(trace)
    due: dict[Key, int] = {}  # what is in, and when it is needed next
    queue: list[
        tuple[int, Key]
    ] = []  # by the next use, latest first; entries that are out of date stay
    found = 0
    for place, key in enumerate(trace):
        found += key in due
        due[key] = following[place]
        heappush(queue, (-following[place], key))
        if len(due) > capacity:
            _throw_out(due, queue)  # the newcomer itself, if it is the one that is needed last
    return found


def next_uses(trace: Sequence[Key]) -> list[int]:
    """Return for each request when its key is needed again; the trace's length if never."""
    seen: dict[Key, int] = {}
    following = [len(trace)] * len(trace)
    for place in range(len(trace) - 1, -1, -1):
        following[place] = seen.get(trace[place], len(trace))
        seen[trace[place]] = place
    return following


def _throw_out(due: dict[Key, int], queue: list[tuple[int, Key]]) -> None:
    while True:
        negative, key = heappop(queue)
        if due.get(key) == -negative:
            del due[key]
            return
