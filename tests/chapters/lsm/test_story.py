"""The demonstration runs with any knobs, and what it prints is true."""

import pytest

from chapters.errors import UsageError
from chapters.lsm.story import demo


def test_the_demonstration_ends_with_nothing_left(capsys: pytest.CaptureFixture[str]) -> None:
    demo(keys=3_210, memtable_kib=16, lookups=100)
    out = capsys.readouterr().out
    assert "applied again from the log: 3,210 entries." in out
    assert "All merged:  0 entries on disk, 0 of them live." in out


def test_filters_spare_most_reads_of_absent_keys(capsys: pytest.CaptureFixture[str]) -> None:
    demo(keys=5_000, memtable_kib=32, lookups=300)
    lines = capsys.readouterr().out.splitlines()
    [without] = [line.split() for line in lines if "without filters" in line]
    [filtered] = [line.split() for line in lines if "with Bloom filters" in line]
    assert float(filtered[-1]) < 0.2 < 1 < float(without[-1])


@pytest.mark.parametrize("knobs", [{"keys": 10}, {"memtable_kib": 0}, {"lookups": 0}])
def test_impossible_knobs_are_refused(knobs: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="it must be at least"):
        demo(**knobs)
