"""Which files differ between two places, so that only those are carried.

    source          target          what is done
    a  3 B  10:00   a  3 B  11:00   nothing: the copy is younger
    b  4 B  10:00   b  3 B  11:00   carried: another size
    c  3 B  12:00   c  3 B  11:00   carried, unless the ETag says that the bytes are the same
    d  …            –               carried
    –               e  …            removed, with --delete

A newer time with equal bytes is what a checkout or a `touch` makes of a file; reading it here is cheaper
than sending it. Cost: a walk of both sides, O(files) memory. Page: docs/s3/client.md
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

TIME_SLACK_S = 1.0  # Last-Modified has whole seconds, and some file systems too


@dataclass(frozen=True, slots=True)
class Item:
    """A file or an object, by its name below the folder or prefix."""

    name: str
    size_bytes: int
    modified_s: float
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What makes the target like the source."""

    carry: list[Item]
    remove: list[str]

    @property
    def size_bytes(self) -> int:
        return sum(item.size_bytes for item in self.carry)


def plan(
    source: Iterable[Item],
    target: Iterable[Item],
    *,
    is_equal: Callable[[Item, Item], bool] = lambda one, other: False,
    with_removal: bool = False,
) -> Plan:
    """Return what to carry and what to remove, each in order of name.

    `is_equal` is asked about the bytes of two of one size when the source is younger.
    """
    have = {item.name: item for item in target}
    wanted = {item.name: item for item in source}
    carry = [item for item in wanted.values() if _differs(item, have, is_equal)]
    extra = have.keys() - wanted.keys() if with_removal else set()
    return Plan(sorted(carry, key=lambda item: item.name), sorted(extra))


def _differs(item: Item, have: Mapping[str, Item], is_equal: Callable[[Item, Item], bool]) -> bool:
    other = have.get(item.name)
    if other is None or other.size_bytes != item.size_bytes:
        return True
    is_younger = item.modified_s > other.modified_s + TIME_SLACK_S
    return is_younger and not is_equal(item, other)
