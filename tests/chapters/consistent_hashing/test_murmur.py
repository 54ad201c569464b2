"""MurmurHash3 in Python gives the bits that mmh3 gives, and that the world agrees on."""

import subprocess
import sys

import mmh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.consistent_hashing.murmur import hash64, hash128, murmur3

SEEDS = st.integers(0, 2**32 - 1)


@given(st.binary(max_size=200), SEEDS)
def test_the_python_one_equals_mmh3(key: bytes, seed: int) -> None:
    expected = mmh3.mmh3_x64_128_utupledigest(key, seed)
    assert murmur3(key, seed) == hash128(key, seed) == expected
    assert hash64(key, seed) == expected[0]


@pytest.mark.parametrize("size", range(50))
def test_every_length_of_tail_is_mixed_in(size: int) -> None:
    key = bytes(range(200, 200 + size))
    assert murmur3(key, 7) == mmh3.mmh3_x64_128_utupledigest(key, 7)


def test_published_values() -> None:
    assert murmur3(b"") == (0, 0)
    assert murmur3(b"hello") == (0xCBD8A7B341BD9B02, 0x5B1E906A48AE1D19)
    text = b"The quick brown fox jumps over the lazy dog"
    assert murmur3(text) == (0xE34BBC7BBC071B6C, 0x7A433CA9C49A9347)


def test_the_smhasher_verification_value() -> None:
    """Appleby's own test: hash the hashes of 256 keys, each with its own seed."""
    hashes = b"".join(
        half.to_bytes(8, "little")
        for length in range(256)
        for half in murmur3(bytes(range(length)), 256 - length)
    )
    assert murmur3(hashes)[0] & 0xFFFFFFFF == 0x6384BA69


def test_without_mmh3_the_bits_are_the_same() -> None:
    code = (
        "import sys; sys.modules['mmh3'] = None\n"
        "from chapters.consistent_hashing import murmur\n"
        "assert murmur._murmur3 is murmur.murmur3\n"
        "print(murmur.hash64(b'hello'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == hash64(b"hello")
