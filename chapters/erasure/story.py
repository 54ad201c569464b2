"""Cut a text into shards, lose every set of them that the code allows, rebuild, count the bytes.

Page: docs/chapters/erasure.md
"""

from collections.abc import Iterable, Iterator
from itertools import combinations, islice
from math import comb

from chapters.erasure.errors import NotEnoughShards
from chapters.erasure.local_repair import LocalRepair
from chapters.erasure.reed_solomon import ReedSolomon, join, recovery_rows, split
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least

TITLE = "Erasure codes"
TEXT = "Whatever is written on six disks can be read from four of them, whichever four are left."
EFFORT_MAX = 200_000  # steps of matrices, about, that the demonstration takes: sets × data²
SHOWN_BYTES = 24


def demo(*, seed: int = 7, data: int = 4, parity: int = 2, text: str = TEXT) -> None:
    """Show the shards, rebuild one set of lost ones in detail and all others in number."""
    at_least(1, data=data, parity=parity)
    code, payload = ReedSolomon(data, parity), text.encode()
    blocks = split(payload, data)
    shards = blocks + code.encode(blocks)
    print(f"{len(payload)} bytes as {data} shards of {len(blocks[0])}, and {parity} more.\n")
    for number, shard in enumerate(shards):
        print(f"  shard {number:2}  {shown(shard, is_text=number < data)}")
    lost = sorted(Chance(seed).stream("lost").sample(range(code.total), parity))
    print(f"\nLost: shards {listed(lost)}. Rebuilt from the others:\n")
    for line in rebuilt(code, shards, lost):
        print(f"  {line}")
    tried, whole = lose_every_set(code, shards, payload)
    of = "every set" if tried == comb(code.total, parity) else f"{tried} sets"
    print(f"\nLosing {of} of {parity}, one after another: {whole} of {tried} give the text back.")
    print(f"Losing one more:\n  {refusal(code, shards, lost)}\n")
    print("  stored as     bytes stored   may lose any   reads to rebuild one")
    for row in costs(code):
        print(f"  {row}")


def shown(shard: bytes, *, is_text: bool) -> str:
    """Return the beginning of a shard, as text if it is some, its padding as dots."""
    more = "…" if len(shard) > SHOWN_BYTES else ""
    if is_text:
        return f'"{shard[:SHOWN_BYTES].decode(errors="replace")}"'.replace("\0", "·") + more
    return shard[: SHOWN_BYTES // 2].hex(" ") + (" …" if len(shard) > SHOWN_BYTES // 2 else "")


def listed(numbers: Iterable[int]) -> str:
    """Return shards by number, in words."""
    return ", ".join(map(str, numbers))


def rebuilt(code: ReedSolomon, shards: list[bytes], lost: list[int]) -> Iterator[str]:
    """Yield, for each lost shard, the sum that it is of those left, and what comes out."""
    left = {number: shard for number, shard in enumerate(shards) if number not in lost}
    have = tuple(left)[: code.data]
    rows = recovery_rows(code.data, code.parity, have, tuple(lost))
    for number, row, found in zip(lost, rows, code.decode(left, lost), strict=True):
        terms = [f"{factor}×shard {n}" for factor, n in zip(row, have, strict=True) if factor]
        yield f"shard {number:2} = {' + '.join(terms)}"
        mark = "✔" if found == shards[number] else "✘"
        yield f"         = {shown(found, is_text=number < code.data)} {mark}"


def lose_every_set(code: ReedSolomon, shards: list[bytes], payload: bytes) -> tuple[int, int]:
    """Return how many sets of `parity` lost shards were tried, and how many gave the payload back."""
    tried, whole, sets_max = 0, 0, max(1, EFFORT_MAX // code.data**2)
    for lost in islice(combinations(range(code.total), code.parity), sets_max):
        left = {number: shard for number, shard in enumerate(shards) if number not in lost}
        tried += 1
        whole += join(code.decode(left, range(code.data)), len(payload)) == payload
    return tried, whole


def refusal(code: ReedSolomon, shards: list[bytes], lost: list[int]) -> str:
    """Return what the code says when one shard too many is lost."""
    more = next(number for number in range(code.total) if number not in lost)
    left = {n: shard for n, shard in enumerate(shards) if n not in lost and n != more}
    try:
        code.decode(left, sorted([*lost, more]))
    except NotEnoughShards as error:
        return str(error)
    return "nothing was missed."


def costs(code: ReedSolomon) -> Iterator[str]:
    """Yield what is stored and what may be lost: copies, this code, and one with local repair."""
    local = LocalRepair(12, 2, 2)
    copies = code.parity + 1
    yield _cost(f"{copies} copies", copies, code.parity, 1)
    yield _cost(str(code), code.total / code.data, code.parity, code.data)
    yield _cost(str(local), local.total / local.data, local.global_parity + 1, len(local.plan([0])))


def _cost(name: str, stored: float, may_go: int, reads: int) -> str:
    return f"{name:12}  {stored:10.2f} ×   {may_go:12}   {reads:20}"


if __name__ == "__main__":
    demo()
