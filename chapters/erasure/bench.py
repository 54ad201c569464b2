"""How fast, as ratios of one run: the readable coder, ISA-L if it is there, and one byte at a time.

All sides encode the same stripe with the same matrix, and give the same bytes. They take turns in one
process, as in chapters.measure.ratio. Page: docs/chapters/erasure.md
"""

from collections.abc import Callable, Iterator
from random import Random

from chapters.erasure.backends import Readable, installed
from chapters.erasure.galois import multiply_slowly
from chapters.erasure.matrix import generator
from chapters.erasure.reed_solomon import ReedSolomon, split
from chapters.measure.ratio import Ratio, compare
from chapters.sim.errors import at_least

SLOW_SHARE = 1_000  # the slow side encodes a thousandth of what the others do


def bench(
    *, data: int = 4, parity: int = 2, mebibytes: int = 8, rounds: int = 5
) -> Iterator[Ratio]:
    """Yield how many times as fast the readable coder is as a loop over bytes, then others as it."""
    blocks = split(Random(7).randbytes(mebibytes << 20), data)
    few = [block[: len(block) // SLOW_SHARE] for block in blocks]
    readable = _encoder(ReedSolomon(data, parity, backend=Readable()), blocks)
    slow = compare(readable, lambda: byte_by_byte(few, parity), rounds=rounds)
    yield Ratio(
        "the readable coder",
        "one byte at a time",
        slow.name_ns,
        slow.baseline_ns * SLOW_SHARE,
        slow.ratio * SLOW_SHARE,
        slow.low * SLOW_SHARE,
        slow.high * SLOW_SHARE,
        rounds,
    )
    for name, coder in installed().items():
        if name != Readable.name:
            fast = _encoder(ReedSolomon(data, parity, backend=coder), blocks)
            yield compare(fast, readable, rounds=rounds, names=(name, "the readable coder"))


def _encoder(code: ReedSolomon, blocks: list[bytes]) -> Callable[[], list[bytes]]:
    return lambda: code.encode(blocks)


def byte_by_byte(blocks: list[bytes], parity: int) -> list[bytes]:
    """Return the parity shards by doubling and adding, for every byte anew: right, and hopeless."""
    shards = []
    for row in generator(len(blocks), parity)[len(blocks) :]:
        shard = bytearray(len(blocks[0]))
        for factor, block in zip(row, blocks, strict=True):
            for place, each in enumerate(block):
                shard[place] ^= multiply_slowly(factor, each)
        shards.append(bytes(shard))
    return shards


def demo(*, data: int = 4, parity: int = 2, mebibytes: int = 8, rounds: int = 5) -> None:
    """Encode one stripe in every way there is, and compare."""
    at_least(1, data=data, parity=parity, mebibytes=mebibytes, rounds=rounds)
    print(f"{mebibytes} MiB in {data}+{parity}:\n")
    payload_bytes = mebibytes << 20
    for ratio in bench(data=data, parity=parity, mebibytes=mebibytes, rounds=rounds):
        print(f"  {ratio}")
        print(
            f"  {ratio.name}: {payload_bytes * 1_000 / ratio.name_ns:,.0f} MB of payload a second\n"
        )
