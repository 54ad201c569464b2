"""A key becomes 128 bits that look random, and are the same on every machine and in every year.

    key     16 bytes        16 bytes        the rest, at most 15
            ├─ 8 ─┬─ 8 ─┤   ├─ 8 ─┬─ 8 ─┤   ├──────┤
            one     two     one     two     padded with zeros
             └──┬──┘         └──┬──┘           │
    (h1,h2) ──► stir ─────────► stir ────────► xor ──► xor the length, finish ──► (h1, h2)

Invariant: with mmh3 installed or without it (in a browser), the bits are equal. Python's own `hash`
is salted anew in every process, so two machines would never agree on who owns a key. MurmurHash3 is
no protection against somebody who picks keys to collide; that takes a hash with a key, as SipHash.

mmh3 takes about 0.2 µs for a short key, the Python below about 4 µs. Source: Austin Appleby's
MurmurHash3_x64_128 (2011, public domain). Page: docs/chapters/consistent_hashing.md
"""

from collections.abc import Callable
from struct import unpack_from

_MASK = (1 << 64) - 1
_BLOCK_BYTES = 16
_C1, _C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F  # the constants are MurmurHash3's own
_PLUS_ONE, _PLUS_TWO = 0x52DCE729, 0x38495AB5


def murmur3(key: bytes, seed: int = 0) -> tuple[int, int]:
    """Return MurmurHash3_x64_128 of `key` as two unsigned numbers of 64 bits; seed below 2³²."""
    one = two = seed
    rest = len(key) % _BLOCK_BYTES
    for offset in range(0, len(key) - rest, _BLOCK_BYTES):
        first, second = unpack_from("<QQ", key, offset)
        one = (_rotate(one ^ _spread_one(first), 27) + two) * 5 + _PLUS_ONE & _MASK
        two = (_rotate(two ^ _spread_two(second), 31) + one) * 5 + _PLUS_TWO & _MASK
    tail = key[len(key) - rest :].ljust(_BLOCK_BYTES, b"\0")
    first, second = unpack_from("<QQ", tail)
    return _finish(one ^ _spread_one(first), two ^ _spread_two(second), len(key))


def _spread_one(word: int) -> int:
    return _rotate(word * _C1 & _MASK, 31) * _C2 & _MASK


def _spread_two(word: int) -> int:
    return _rotate(word * _C2 & _MASK, 33) * _C1 & _MASK


def _rotate(word: int, bits: int) -> int:
    """Return `word` with its bits moved left, those that fall out coming back on the right."""
    return (word << bits | word >> 64 - bits) & _MASK


def _finish(one: int, two: int, size_bytes: int) -> tuple[int, int]:
    """Let every bit of both halves depend on every bit of both."""
    one, two = one ^ size_bytes, two ^ size_bytes
    one = one + two & _MASK
    two = two + one & _MASK
    one, two = _avalanche(one), _avalanche(two)
    one = one + two & _MASK
    return one, two + one & _MASK


def _avalanche(word: int) -> int:
    """Return `word` so mixed that one changed bit changes half of the others."""
    word = (word ^ word >> 33) * 0xFF51AFD7ED558CCD & _MASK
    word = (word ^ word >> 33) * 0xC4CEB9FE1A85EC53 & _MASK
    return word ^ word >> 33


def _fastest() -> Callable[[bytes, int], tuple[int, int]]:
    """Return mmh3's function where it is installed, else the one above."""
    try:
        from mmh3 import mmh3_x64_128_utupledigest
    except ImportError:
        return murmur3
    return mmh3_x64_128_utupledigest


_murmur3 = _fastest()


def hash128(key: bytes, seed: int = 0) -> tuple[int, int]:
    """Return two unsigned 64-bit hashes of `key`, as good as independent; seed below 2³²."""
    return _murmur3(key, seed)


def hash64(key: bytes, seed: int = 0) -> int:
    """Return the unsigned 64-bit hash of `key`: the first half of `hash128`."""
    return _murmur3(key, seed)[0]
