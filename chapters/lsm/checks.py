"""What the LSM tree's exercises check: merged runs, lookups and their reads, and trees on top.

Page: docs/chapters/lsm.md
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.lsm.block import Entry, encode, find
from chapters.lsm.cache import BlockCache
from chapters.lsm.merge import merge
from chapters.lsm.table import Table
from chapters.lsm.tree import Tree
from chapters.lsm.writer import TableWriter
from chapters.sim.disk import SimDisk

DELETED = "deleted"
Pairs = list[list[str | None]]  # [key, value], None for a tombstone
_BLOCKS_PADDING = bytes(300)  # so that a dozen entries fill a block
_STRIDE = 10  # between the keys of a table


def entries_of(pairs: Pairs) -> list[Entry]:
    """Return the pairs as entries."""
    return [(str(key).encode(), None if value is None else value.encode()) for key, value in pairs]


def merges(runs: list[Pairs], tombstones: bool, reverse: bool) -> JSON:
    """Drive `merge` over runs of [key, value] pairs, newest first."""
    merged = merge([entries_of(run) for run in runs], tombstones=tombstones, reverse=reverse)
    return [[key.decode(), DELETED if value is None else value.decode()] for key, value in merged]


def merges_lazily(runs: int, entries: int, wanted: int) -> JSON:
    """Merge long runs, take the first `wanted` entries; say whether more was read than needed."""
    taken = 0

    def counted(first: int) -> Iterator[Entry]:
        nonlocal taken
        for number in range(first, runs * entries, runs):
            taken += 1
            yield b"%08d" % number, b"value"

    merged = merge([counted(first) for first in range(runs)], tombstones=False)
    found = [key.decode() for key, _ in islice(merged, wanted)]
    return [found, "only the heads" if taken <= wanted + 2 * runs else f"{taken} entries read"]


def answers_as_a_tree(seed: str, batches: int) -> JSON:
    """Put, delete, flush and merge at random; return what the tree holds, both ways."""
    rng = Random(seed)
    tree = Tree(disk=SimDisk(rng=Random(seed)))
    for sequence in range(1, batches + 1):
        names = [b"%02d" % rng.randrange(40) for _ in range(5)]
        tree.apply(sequence, [(name, rng.choice([None, b"of %d" % sequence])) for name in names])
        if sequence % 3 == 0:
            tree.flush()
        if sequence % 10 == 0:
            tree.compact(30)
    return [
        [[key.decode(), value.decode()] for key, value in found]
        for found in (tree.scan(b"", limit=99), tree.scan(b"1", b"3", limit=9, reverse=True))
    ]


def _run(rng: Random, letters: str, *, deletions: float = 0.0, reverse: bool = False) -> JSON:
    chosen = sorted(rng.sample(letters, rng.randint(2, len(letters))), reverse=reverse)
    return [
        [letter, None if rng.random() < deletions else f"{letter}{rng.randrange(100)}"]
        for letter in chosen
    ]


def disjoint_runs(rng: Random) -> Iterator[Case]:
    yield [], False, False
    yield [[["", "the empty key"], ["a", ""]]], False, False
    for _ in range(4):
        yield [_run(rng, "bdfh"), _run(rng, "aceg"), []], False, False


def overlapping_runs(rng: Random) -> Iterator[Case]:
    yield [[["a", "new"]], [["a", "old"]]], False, False
    for _ in range(6):
        yield [_run(rng, "abcdef") for _ in range(3)], False, False


def deleting_runs(rng: Random) -> Iterator[Case]:
    for tombstones in (False, True):
        yield [[["a", None]], [["a", "old"], ["b", "b"]]], tombstones, False
        yield [[["a", "reborn"]], [["a", None]], [["a", "old"]]], tombstones, False
        for _ in range(4):
            runs: list[JSON] = [_run(rng, "abcdef", deletions=0.5) for _ in range(3)]
            yield runs, tombstones, False


def descending_runs(rng: Random) -> Iterator[Case]:
    for tombstones in (False, True):
        for _ in range(4):
            runs: list[JSON] = [_run(rng, "abcdef", deletions=0.3, reverse=True) for _ in range(3)]
            yield runs, tombstones, True


def long_runs(rng: Random) -> Iterator[Case]:
    yield 3, 2000, rng.randint(5, 50)
    yield 1, 2000, 1


def some_trees(rng: Random) -> Iterator[Case]:
    for batches in (2, 3, 12, 30, 40):
        yield f"{rng.random():.6f}", batches


class CountingDisk(SimDisk):
    """Counts the reads."""

    reads = 0

    def read(self, name: str, offset: int = 0, size: int | None = None) -> bytes:
        self.reads += 1
        return super().read(name, offset, size)


def word(entry: Entry | None) -> str:
    """Return the table's word on a key."""
    if entry is None:
        return "nothing"
    return DELETED if entry[1] is None else entry[1].rstrip(b"\0").decode()


def searches(pairs: Pairs, wanted: list[str]) -> JSON:
    """Drive `find` over one block."""
    block = encode(entries_of(pairs))
    return [word(find(block, key.encode())) for key in wanted]


def looks_up(entries: int, wanted: list[int], has_filters: bool) -> JSON:
    """Drive `Table.get`; return the word on each key, and the blocks read for all."""
    disk = CountingDisk(rng=Random(7))
    writer = TableWriter(disk=disk, tree="tree", number=1, has_filters=has_filters)
    for number in range(1, entries + 1):
        value = None if number % 7 == 0 else b"value of %d" % (number * _STRIDE) + _BLOCKS_PADDING
        writer.add(b"%06d" % (number * _STRIDE), value)
    table = writer.finish(BlockCache(0))
    disk.reads = 0
    return [_words(table, wanted), f"{disk.reads} blocks read"]


def _words(table: Table, wanted: Sequence[int]) -> list[str]:
    return [word(table.get(b"%06d" % number)) for number in wanted]


def small_blocks(rng: Random) -> Iterator[Case]:
    yield [], ["a"]
    yield [["", "the empty key"], ["b", ""]], ["", "a", "b", "c"]
    for _ in range(6):
        pairs = _run(rng, "bdfhjl", deletions=0.3)
        yield pairs, list("abcdefghijklm")


def unfiltered(rng: Random) -> Iterator[Case]:
    yield 30, [number * _STRIDE for number in range(1, 31)], False
    yield 150, [rng.randint(1, 150) * _STRIDE for _ in range(30)], False
    yield 150, [rng.randint(10, 1510) for _ in range(20)], False
    yield 40, [0, 5, 9, 999_999], False


def filtered(rng: Random) -> Iterator[Case]:
    yield 1500, [rng.randint(1, 1500) * _STRIDE for _ in range(40)], True
    yield 1500, [1500 * _STRIDE, 1499 * _STRIDE, 1498 * _STRIDE, 7 * _STRIDE], True
    yield 900, [rng.randint(1, 900) * _STRIDE + rng.randint(1, 9) for _ in range(40)], True
    yield 40, [0, 5, 9, 999_999], True


def keeps_deleted(seed: str, batches: int) -> JSON:
    """Put and delete in several tables; return what `Tree.get` says of each key."""
    rng = Random(seed)
    tree = Tree(disk=SimDisk(rng=Random(seed)))
    for sequence in range(1, batches + 1):
        names = rng.sample(range(12), 4)
        batch = [(b"%02d" % n, rng.choice([None, b"of %d" % sequence])) for n in names]
        tree.apply(sequence, batch)
        tree.flush()
    found = [tree.get(b"%02d" % number) for number in range(12)]
    return [None if value is None else value.decode() for value in found]


STAGES = {
    "table-merge": [
        Stage("sorted runs become one", disjoint_runs, merges),
        Stage("the newest wins", overlapping_runs, merges),
        Stage("a tombstone hides, and stays or goes", deleting_runs, merges),
        Stage("descending runs", descending_runs, merges),
        Stage("only the heads of the runs are held", long_runs, merges_lazily, needs=(1,)),
        Stage("a tree that flushes and merges", some_trees, answers_as_a_tree, needs=(3, 4)),
    ],
    "table-lookup": [
        Stage("a block is searched by halving", small_blocks, searches),
        Stage("the index says which block", unfiltered, looks_up),
        Stage("the filter spares the read", filtered, looks_up),
        Stage("deleted is a word, not silence", some_trees, keeps_deleted, needs=(2,)),
    ],
}
