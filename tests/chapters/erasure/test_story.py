"""The demonstration: every figure that it prints is one that happened."""

import pytest

from chapters.erasure import ReedSolomon, bench, galois, installed, local_repair, story
from chapters.erasure.reed_solomon import split
from chapters.errors import UsageError


def test_every_pair_of_six_is_lost_and_the_text_comes_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    story.demo()
    said = capsys.readouterr().out
    assert "Losing every set of 2, one after another: 15 of 15 give the text back." in said
    assert said.count("✔") == 2 and "✘" not in said
    assert "4+2 needs any 4 shards and has 3" in said
    assert "1.50 ×" in said and "3.00 ×" in said and "1.33 ×" in said


@pytest.mark.parametrize(("data", "parity"), [(1, 1), (10, 4), (40, 20)])
def test_other_codes_and_other_texts(
    capsys: pytest.CaptureFixture[str], data: int, parity: int
) -> None:
    story.demo(seed=3, data=data, parity=parity, text="Grüße")
    said = capsys.readouterr().out
    assert said.count("✔") == parity and "✘" not in said


def test_a_seed_says_what_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for seed in (7, 7, 8):
        story.demo(seed=seed)
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] != said[2]


def test_knobs_out_of_range_are_refused() -> None:
    with pytest.raises(UsageError, match="data is 0"):
        story.demo(data=0)
    with pytest.raises(UsageError, match="is no code"):
        story.demo(data=250, parity=7)


def test_the_sections_have_demonstrations_too(capsys: pytest.CaptureFixture[str]) -> None:
    galois.demo()
    galois.demo(a=0, b=300)
    local_repair.demo()
    said = capsys.readouterr().out
    assert "87 × 131 = 49" in said
    assert "1568 of  1820 sets rebuilt,  86.2%" in said


def test_the_hopeless_way_gives_the_same_bytes() -> None:
    blocks = split(bytes(range(256)), 4)
    assert bench.byte_by_byte(blocks, 2) == ReedSolomon(4, 2).encode(blocks)


def test_speeds_are_ratios_of_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    bench.demo(mebibytes=1, rounds=1)
    said = capsys.readouterr().out
    assert "the readable coder is " in said and "as fast as one byte at a time" in said
    assert ("isal is " in said) == ("isal" in installed())
