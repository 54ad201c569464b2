"""ISO base media files: boxes in boxes, each with its length and four letters.

    0        4        8                      16
    ┌────────┬────────┬──────────────────────┐
    │ size   │ kind   │ body: fields, boxes  │      size 1: a 64-bit size follows the kind
    └────────┴────────┴──────────────────────┘      size 0: to the end of what surrounds it

Invariant: a box lies within what surrounds it, or reading it raises. A *full* box begins its body with a
version (one byte) and flags (three). All numbers are big-endian. Source: ISO/IEC 14496-12, 4.2.
Page: docs/netflix/boxes.md
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from netflix.package.errors import DamagedBox

HEADER_BYTES = 8
LONG_HEADER_BYTES = 16
FULL_BYTES = 4  # version and flags
TO_THE_END, LONG = 0, 1  # sizes that mean something else


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box lies in the data it was found in: [begin, end), its body from `body` on."""

    kind: str
    begin: int
    body: int
    end: int

    @property
    def fields(self) -> int:
        """Return where a full box's own fields begin: behind version and flags."""
        return self.body + FULL_BYTES


def walk(data: bytes, begin: int = 0, end: int | None = None) -> Iterator[Box]:
    """Yield the boxes in `data[begin:end]`, one after the other, without looking into them.

    Raises `DamagedBox` for one that is shorter than its header or longer than what surrounds it.
    """
    end = len(data) if end is None else end
    while begin < end:
        if end - begin < HEADER_BYTES:
            raise DamagedBox(
                f"{end - begin} bytes at {begin} are too few for a box: the file is cut off"
            )
        size, kind = struct.unpack_from(">I4s", data, begin)
        header = HEADER_BYTES
        if size == LONG and end - begin >= LONG_HEADER_BYTES:
            header = LONG_HEADER_BYTES
            (size,) = struct.unpack_from(">Q", data, begin + HEADER_BYTES)
        elif size == TO_THE_END:
            size = end - begin
        name = kind.decode("latin-1")
        if not header <= size <= end - begin:
            raise DamagedBox(
                f"box {name!r} at {begin} says {size} bytes, of {end - begin} that there are"
            )
        yield Box(name, begin, begin + header, begin + size)
        begin += size


def find(data: bytes, path: str, within: Box | None = None) -> Box:
    """Return the first box at `path`, such as "moov/trak/mdia". Raises `DamagedBox` if there is none."""
    found = within
    for kind in path.split("/"):
        begin, end = (found.body, found.end) if found else (0, len(data))
        found = next((each for each in walk(data, begin, end) if each.kind == kind), None)
        if found is None:
            raise DamagedBox(
                f"there is no box {kind!r} where {path!r} leads; the file is not whole"
            )
    assert found is not None
    return found


def maybe(data: bytes, path: str, within: Box | None = None) -> Box | None:
    """Return the first box at `path`, or None."""
    try:
        return find(data, path, within)
    except DamagedBox:
        return None


def box(kind: str, *parts: bytes) -> bytes:
    """Return a box of these parts."""
    body = b"".join(parts)
    return struct.pack(">I4s", HEADER_BYTES + len(body), kind.encode("latin-1")) + body


def full(kind: str, version: int, flags: int, *parts: bytes) -> bytes:
    """Return a full box: one that begins with a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def u16(*numbers: int) -> bytes:
    """Return numbers of 16 bits."""
    return struct.pack(f">{len(numbers)}H", *numbers)


def u32(*numbers: int) -> bytes:
    """Return numbers of 32 bits."""
    return struct.pack(f">{len(numbers)}I", *numbers)


def u64(*numbers: int) -> bytes:
    """Return numbers of 64 bits."""
    return struct.pack(f">{len(numbers)}Q", *numbers)


def read_u32(data: bytes, box: Box, index: int) -> int:
    """Return the `index`-th number of 32 bits of a full box. Raises `DamagedBox` if it has fewer."""
    at = box.fields + 4 * index
    if at + 4 > box.end:
        raise DamagedBox(f"box {box.kind!r} at {box.begin} ends before its field {index}")
    (number,) = struct.unpack_from(">I", data, at)
    return int(number)


def read_table(data: bytes, box: Box, columns: int, skip: int = 0) -> list[tuple[int, ...]]:
    """Return the rows of a full box's table: a count, then so many rows of 32-bit numbers.

    `skip` fields of 32 bits stand before the count. Raises `DamagedBox` if the box is too short.
    """
    count = read_u32(data, box, skip)
    begin = box.fields + 4 * (skip + 1)
    if begin + 4 * columns * count > box.end:
        raise DamagedBox(f"box {box.kind!r} at {box.begin} has no room for its {count} rows")
    numbers = struct.unpack_from(f">{columns * count}I", data, begin)
    return [tuple(numbers[at : at + columns]) for at in range(0, len(numbers), columns)]


def tree(data: bytes, begin: int = 0, end: int | None = None, depth: int = 0) -> Iterator[str]:
    """Yield a line for each box, indented by depth, into the boxes that hold others."""
    for each in walk(data, begin, end):
        yield f"{'  ' * depth}{each.kind}  {each.end - each.begin:,} B"
        if each.kind in CONTAINERS:
            yield from tree(data, each.body, each.end, depth + 1)


CONTAINERS = {
    "moov",
    "trak",
    "mdia",
    "minf",
    "stbl",
    "edts",
    "dinf",
    "mvex",
    "moof",
    "traf",
    "sinf",
    "schi",
}
