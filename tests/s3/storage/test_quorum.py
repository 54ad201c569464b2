"""Which shards are asked, and that no more are asked than have to be."""

import pytest

from chapters.erasure.reed_solomon import ReedSolomon
from s3.storage.errors import DamagedShard, LostQuorum
from s3.storage.quorum import fetch, further_reads
from s3.storage.race import InTurn

CODE = ReedSolomon(4, 2)
BLOCKS = [bytes([number]) * 8 for number in range(4)]
SHARDS = [*BLOCKS, *CODE.encode(BLOCKS)]


@pytest.mark.parametrize(
    "wanted, asked, lost, late, expected",
    [
        ([1], [], [], [], [1]),  # one read is enough
        ([0, 1, 2, 3], [], [], [], [0, 1, 2, 3]),
        ([1], [1], [], [], []),  # under way
        ([1], [1], [1], [], [0, 2, 3, 4]),  # rebuild it from four others
        ([1], [1], [], [1], [0, 2, 3, 4]),  # the late one may come, and is not counted on
        ([0, 1, 2, 3], [0, 1, 2, 3], [2], [], [4]),
        ([0, 1, 2, 3], [0, 1, 2, 3, 4], [2], [0], [5]),
        ([0, 1, 2, 3], [0, 1, 2, 3, 4, 5], [2], [0, 1], []),  # nobody is left to ask
        ([2], [], [2], [], [0, 1, 3, 4]),  # known to be lost from the start
    ],
)
def test_further_reads(wanted, asked, lost, late, expected):
    assert further_reads(4, 6, wanted, asked, lost, late) == expected


def fetched(wanted, broken):
    asked = []

    def ask(shard):
        def call():
            if shard in broken:
                raise DamagedShard(f"shard {shard} is damaged")
            return SHARDS[shard]

        asked.append(shard)
        return "node", call

    return fetch(CODE, wanted, ask, pool=InTurn(), patience_ns=1), asked


@pytest.mark.parametrize("broken", [(), (0,), (1,), (1, 2), (0, 4), (4, 5)])
def test_the_wanted_shards_are_read_or_rebuilt(broken):
    for wanted in ([0], [1, 2], [0, 1, 2, 3], [5]):
        got, asked = fetched(wanted, broken)
        assert got == [SHARDS[shard] for shard in wanted]
        assert len(asked) <= 6
        if not set(wanted) & set(broken):
            assert asked == wanted


def test_three_broken_are_too_many():
    with pytest.raises(LostQuorum, match="shard 1 is damaged"):
        fetched([1], (1, 2, 3))
