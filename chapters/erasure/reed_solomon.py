"""A Reed-Solomon code: of data + parity shards, any `data` are enough.

    payload ──split──► blocks 0 1 2 3 ──encode──► shards 0 1 2 3 | 4 5
    shards 1 2 4 5 ──decode──► any of the six ──join──► payload

Invariant: any `data` shards determine all others, whichever they are. No code does better: `data`
shards hold just as many bytes as the payload. The blocks themselves are shards (the code is
systematic), so that reading costs nothing until something is lost.
Cost: `parity` passes over the payload to encode, one pass for each lost shard to decode.
Source: Reed, Solomon, Polynomial Codes over Certain Finite Fields, 1960. Page: docs/chapters/erasure.md
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from chapters.erasure.backends import Backend, Shard, chosen
from chapters.erasure.errors import BadCode, NotEnoughShards, UnequalShards
from chapters.erasure.matrix import MATRICES_MAX, Matrix, generator, inverted, times

SHARDS_MAX = 256  # every shard needs a byte of its own in the Cauchy matrix


@dataclass(frozen=True, slots=True)
class ReedSolomon:
    """A code of `data` shards of payload and `parity` more. Raises `BadCode`.

    Two with the same numbers are equal; making one costs nothing, as matrices are kept.
    """

    data: int
    parity: int
    backend: Backend | None = field(default=None, kw_only=True, compare=False)

    def __post_init__(self) -> None:
        if self.data < 1 or self.parity < 0 or self.total > SHARDS_MAX:
            raise BadCode(
                f"{self} is no code: it takes at least 1 data shard, no negative parity, "
                f"and {SHARDS_MAX} shards together at most"
            )

    def __str__(self) -> str:
        return f"{self.data}+{self.parity}"

    @property
    def total(self) -> int:
        """How many shards there are."""
        return self.data + self.parity

    def encode(self, shards: Sequence[Shard]) -> list[bytes]:
        """Return the parity shards of `data` shards of one length."""
        if len(shards) != self.data:
            raise BadCode(f"{self} encodes {self.data} shards, not {len(shards)}")
        same_length(shards)
        parity_rows = generator(self.data, self.parity)[self.data :]
        return (self.backend or chosen()).combine(parity_rows, shards)

    def decode(self, shards: Mapping[int, Shard], wanted: Sequence[int]) -> list[bytes]:
        """Return the wanted shards, data or parity, from any `data` shards by their numbers.

        Those that are there are handed back as they are. More than `data` may be given; the lowest
        numbers are used. Raises `NotEnoughShards`.
        """
        known(self, self.total, [*shards, *wanted])
        same_length(shards.values())
        lost = tuple(number for number in dict.fromkeys(wanted) if number not in shards)
        rebuilt = dict(zip(lost, self._rebuild(shards, lost), strict=True)) if lost else {}
        return [rebuilt[n] if n in rebuilt else bytes(shards[n]) for n in wanted]

    def _rebuild(self, shards: Mapping[int, Shard], lost: tuple[int, ...]) -> list[bytes]:
        have = tuple(sorted(shards))[: self.data]
        if len(have) < self.data:
            raise NotEnoughShards(
                f"{self} needs any {self.data} shards and has {len(have)} {list(have)}: "
                f"bring back {self.data - len(have)} more to rebuild {list(lost)}"
            )
        rows = recovery_rows(self.data, self.parity, have, lost)
        return (self.backend or chosen()).combine(rows, [shards[number] for number in have])


@lru_cache(MATRICES_MAX)
def recovery_rows(data: int, parity: int, have: tuple[int, ...], lost: tuple[int, ...]) -> Matrix:
    """Return the rows that make the shards `lost` of the shards `have`.

    The generator's rows of `have` made these shards of the blocks; the inverse makes the blocks of
    the shards; the generator's rows of `lost` make of the blocks what is lost.
    """
    rows = generator(data, parity)
    to_blocks = inverted([rows[number] for number in have])
    return times([rows[number] for number in lost], to_blocks)


def split(payload: Shard, data: int) -> list[bytes]:
    """Return the payload in `data` shards of one length, the end padded with zeros."""
    if data < 1:
        raise BadCode(f"a payload cannot be split into {data} shards; 1 is the least")
    view = memoryview(payload).cast("B")
    size = -(-len(view) // data)
    return [bytes(view[n * size : (n + 1) * size]).ljust(size, b"\0") for n in range(data)]


def join(shards: Sequence[Shard], size_bytes: int) -> bytes:
    """Return the payload of `size_bytes` whose data shards these are."""
    held = sum(map(len, shards))
    if not 0 <= size_bytes <= held:
        raise BadCode(f"{len(shards)} shards of {held} bytes together hold no {size_bytes} bytes")
    return b"".join(shards)[:size_bytes]


def known(code: object, total: int, numbers: Iterable[int]) -> None:
    """Raise `BadCode` for the number of a shard that `code` does not have."""
    for number in numbers:
        if not 0 <= number < total:
            raise BadCode(f"{code} has no shard {number}: they are numbered 0 to {total - 1}")


def same_length(shards: Iterable[Shard]) -> None:
    """Raise `UnequalShards` unless all have one length."""
    sizes = sorted({len(shard) for shard in shards})
    if len(sizes) > 1:
        raise UnequalShards(
            f"shards of {sizes[0]} and of {sizes[-1]} bytes are no stripe: drop what was cut short"
        )
