"""Keys arrive in random order and leave as sorted tables; then count what reading and writing cost.

The disk is simulated and counts: bytes written, blocks read. Page: docs/chapters/lsm.md
"""

from collections.abc import Sequence
from random import Random

from chapters.lsm.tree import Tree
from chapters.sim.chance import Chance
from chapters.sim.disk import SimDisk
from chapters.sim.errors import at_least

TITLE = "The LSM tree"

KIB = 1024
PAGE_BYTES = 4096  # what a tree that is changed in place writes for one entry, at the least
BATCH = 50
VALUE = bytes(40)
_LINES = 10


class CountingDisk(SimDisk):
    """A simulated disk that counts what passes."""

    written_bytes = 0
    reads = 0

    def append(self, name: str, data: bytes) -> None:
        super().append(name, data)
        self.written_bytes += len(data)

    def read(self, name: str, offset: int = 0, size: int | None = None) -> bytes:
        self.reads += 1
        return super().read(name, offset, size)


def key(number: int) -> bytes:
    """Return the key of that number; there is none of the odd numbers."""
    return b"photo-%09d" % (2 * number)


def open_tree(disk: SimDisk, memtable_kib: int, *, has_filters: bool = True) -> Tree:
    """Open a tree that caches nothing, so that every block it looks at is a read."""
    return Tree(
        disk=disk,
        memtable_bytes_max=memtable_kib * KIB,
        cache_bytes_max=0,
        has_filters=has_filters,
    )


def put_all(tree: Tree, numbers: Sequence[int]) -> None:
    """Apply the keys of `numbers`, in that order, a batch at a time."""
    for start in range(0, len(numbers), BATCH):
        batch = [(key(number), VALUE) for number in numbers[start : start + BATCH]]
        tree.apply(tree.applied + 1, batch)


def reads_for_each(tree: Tree, disk: CountingDisk, wanted: Sequence[bytes]) -> float:
    """Return how many blocks are read to look one of `wanted` up, on average."""
    before = disk.reads
    for each in wanted:
        tree.get(each)
    return (disk.reads - before) / len(wanted)


def demo(
    *, seed: int = 7, keys: int = 20_000, memtable_kib: int = 128, lookups: int = 1000
) -> None:
    """Fill a tree in random order, look keys up, pull the plug, delete everything."""
    at_least(_LINES * BATCH, keys=keys)
    at_least(1, memtable_kib=memtable_kib, lookups=lookups)
    rng = Chance(seed).stream("keys")
    order = rng.sample(range(keys), keys)
    disk, bare = CountingDisk(rng=Random(seed)), CountingDisk(rng=Random(seed))
    tree = open_tree(disk, memtable_kib)
    unfiltered = open_tree(bare, memtable_kib, has_filters=False)
    show_writes(tree, disk, order)
    put_all(unfiltered, order)
    show_reads(tree, disk, unfiltered, bare, rng.choices(range(keys), k=lookups))
    tree = show_crash(tree, disk, order, memtable_kib)
    show_deletion(tree, disk, order)


def show_writes(tree: Tree, disk: CountingDisk, order: Sequence[int]) -> None:
    """Print the tables as they come, and how often each byte has been written."""
    entry_bytes = len(key(0)) + len(VALUE)
    print(f"{len(order):,} entries of {entry_bytes} B arrive in random order.\n")
    print("  arrived   written ×   entries in each table, newest first")
    step = -(-len(order) // (_LINES * BATCH)) * BATCH
    for start in range(0, len(order), step):
        put_all(tree, order[start : start + step])
        arrived = min(start + step, len(order))
        amplification = disk.written_bytes / (arrived * entry_bytes)
        sizes = "  ".join(f"{count:,}" for count in tree.tables)
        print(f"  {arrived:7,}   {amplification:9.1f}   {sizes}")
    print(
        f"\nChanged in place, each entry would cost a page of {PAGE_BYTES} B: "
        f"written × {PAGE_BYTES / entry_bytes:.0f}."
    )


def show_reads(
    tree: Tree, disk: CountingDisk, unfiltered: Tree, bare: CountingDisk, numbers: Sequence[int]
) -> None:
    """Print what a lookup reads, for keys that are there and for keys that are not."""
    present = [key(number) for number in numbers]
    absent = [each + b"?" for each in present]
    print(f"\nBlocks read by one lookup among {len(tree.tables)} tables and the memtable:\n")
    print("                     present key   absent key")
    for name, each, its_disk in (
        ("without filters", unfiltered, bare),
        ("with Bloom filters", tree, disk),
    ):
        there, missing = (reads_for_each(each, its_disk, keys) for keys in (present, absent))
        print(f"  {name:18} {there:11.2f}   {missing:10.2f}")


def show_crash(tree: Tree, disk: CountingDisk, order: Sequence[int], memtable_kib: int) -> Tree:
    """Pull the plug; print what is left, and what the log's last batches bring back."""
    applied, flushed = tree.applied, tree.flushed
    disk.crash()
    tree = open_tree(disk, memtable_kib)
    print(f"\nPower fails after batch {applied}, with {flushed} batches flushed.")
    found = sum(1 for _ in tree.dump())
    print(f"Opened again: {found:,} entries, all batches up to {tree.flushed}.")
    put_all(tree, order[tree.flushed * BATCH :])
    found = sum(1 for _ in tree.dump())
    print(f"With {applied - flushed} batches applied again from the log: {found:,} entries.")
    return tree


def show_deletion(tree: Tree, disk: CountingDisk, order: Sequence[int]) -> None:
    """Delete everything; print the tables with their tombstones, and what merging leaves."""
    for start in range(0, len(order), BATCH):
        batch = [(key(number), None) for number in order[start : start + BATCH]]
        tree.apply(tree.applied + 1, batch)
    tree.flush()
    print(f"\nAll deleted: {sum(tree.tables):,} entries on disk, tombstones and what they hide.")
    while tree.compact():
        pass
    live = len(tree.scan(b"", limit=1))
    print(f"All merged:  {sum(tree.tables):,} entries on disk, {live} of them live.")


if __name__ == "__main__":
    demo()
