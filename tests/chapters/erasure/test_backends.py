"""Coders: all give the same bytes, and who is chosen when nobody says."""

import ctypes
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.erasure import NoSuchBackend, Readable, ReedSolomon, chosen, installed, split
from chapters.erasure import backends as backends_module
from chapters.erasure import isal as isal_module
from chapters.erasure.backends import weighted_sum
from chapters.erasure.galois import multiply
from chapters.erasure.isal import FILES, IsaL, libraries
from chapters.erasure.matrix import generator

needs_isal = pytest.mark.skipif(
    "isal" not in installed(), reason="ISA-L is not installed: apt install libisal2"
)


@given(st.lists(st.binary(min_size=9, max_size=9), min_size=1, max_size=6), st.data())
def test_a_weighted_sum_is_what_the_field_says(shards: list[bytes], draw: st.DataObject) -> None:
    row = draw.draw(st.binary(min_size=len(shards), max_size=len(shards)))
    expected = bytearray(9)
    for factor, shard in zip(row, shards, strict=True):
        for place, each in enumerate(shard):
            expected[place] ^= multiply(factor, each)
    assert weighted_sum(row, shards) == expected


@needs_isal
@settings(max_examples=200)
@given(st.integers(1, 20), st.integers(0, 6), st.integers(0, 300), st.integers(0, 2**32))
def test_isal_gives_the_same_bytes_for_any_rows(
    columns: int, rows: int, size: int, seed: int
) -> None:
    rng = Random(seed)
    matrix = tuple(rng.randbytes(columns) for _ in range(rows))
    shards = [rng.randbytes(size) for _ in range(columns)]
    assert installed()["isal"].combine(matrix, shards) == Readable().combine(matrix, shards)


@needs_isal
@pytest.mark.parametrize(("data", "parity"), [(4, 2), (6, 3), (10, 4), (1, 1), (200, 56)])
@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 63, 64, 65, 4096, 100_003])
def test_isal_encodes_and_decodes_the_same_bytes(data: int, parity: int, size: int) -> None:
    size = min(size, 500_000 // data // parity)
    blocks = split(Random(7).randbytes(data * size), data)
    readable = ReedSolomon(data, parity, backend=Readable())
    isal = ReedSolomon(data, parity, backend=installed()["isal"])
    shards = blocks + readable.encode(blocks)
    assert blocks + isal.encode(blocks) == shards
    left = {number: shards[number] for number in range(parity, data + parity)}
    assert isal.decode(left, range(min(data, parity))) == shards[: min(data, parity)]


@needs_isal
def test_isal_draws_up_the_same_cauchy_matrix_by_itself() -> None:
    lib = next(ctypes.CDLL(file) for file in FILES)
    for data, parity in ((4, 2), (10, 4), (128, 128)):
        theirs = ctypes.create_string_buffer((data + parity) * data)
        lib.gf_gen_cauchy1_matrix(theirs, data + parity, data)
        assert theirs.raw == b"".join(generator(data, parity))


@needs_isal
def test_isal_takes_long_shards_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isal_module, "CHUNK_BYTES", 100)
    rows, shards = generator(3, 2)[3:], split(Random(7).randbytes(3 * 1_017), 3)
    assert installed()["isal"].combine(rows, shards) == Readable().combine(rows, shards)


@needs_isal
def test_isal_reads_any_buffer_and_leaves_it_as_it_is() -> None:
    shards = [bytearray(b"abc" * 50), memoryview(b"def" * 50)]
    found = installed()["isal"].combine((b"\1\1", b"\2\3"), shards)
    assert found == Readable().combine((b"\1\1", b"\2\3"), shards)
    assert shards[0] == b"abc" * 50


def test_without_the_library_there_is_no_coder_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isal_module, "FILES", ("libno-such-library.so.0",))
    assert list(libraries()) == []


def test_a_library_without_erasure_codes_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isal_module, "FILES", (None,))  # the process itself
    assert list(libraries()) == []


@pytest.fixture
def nobody_says(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("KIT_ERASURE", "KIT_MINE", "KIT_BOX"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_the_fastest_is_chosen_when_nobody_says(nobody_says: pytest.MonkeyPatch) -> None:
    assert isinstance(chosen(), IsaL if "isal" in installed() else Readable)


def test_the_variable_names_a_coder(nobody_says: pytest.MonkeyPatch) -> None:
    nobody_says.setenv("KIT_ERASURE", "readable")
    assert chosen() is installed()["readable"]


@pytest.mark.parametrize("variable", ["KIT_MINE", "KIT_BOX"])
def test_code_that_a_learner_writes_is_not_passed_over(
    nobody_says: pytest.MonkeyPatch, variable: str
) -> None:
    nobody_says.setenv(variable, "1")
    nobody_says.setattr(backends_module, "installed", dict)  # no library is looked for
    assert isinstance(chosen(), Readable)


def test_a_coder_that_is_not_there_is_refused(nobody_says: pytest.MonkeyPatch) -> None:
    nobody_says.setenv("KIT_ERASURE", "quick")
    with pytest.raises(
        NoSuchBackend, match="KIT_ERASURE is 'quick'; here it can be auto, readable"
    ):
        chosen()
    with pytest.raises(NoSuchBackend):
        ReedSolomon(2, 1).encode([b"a", b"b"])
