"""The demonstrations print the same each time, and something worth seeing."""

import importlib

import pytest

from chapters.errors import UsageError

DEMOS = [
    ("chapters.sim.story", "Again:  kit run sim --seed 8"),
    ("chapters.sim.clock", "4.32 s"),
    ("chapters.sim.chance", "equal"),
    ("chapters.sim.disk", "'synced. not yet synced.'"),
    ("chapters.sim.network", "lost"),
    ("chapters.sim.fan_out", "first 4 of 6"),
    ("chapters.sim.waterfall", "acknowledged"),
    ("chapters.measure.story", "coordinated omission"),
    ("chapters.measure.capacity", "3 machines"),
    ("chapters.measure.histogram", "p99.9"),
    ("chapters.measure.plot", "█"),
]


@pytest.mark.parametrize(("module", "shows"), DEMOS)
def test_a_demo_shows_its_point_twice_alike(
    module: str, shows: str, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = importlib.import_module(module).demo
    demo()
    first = capsys.readouterr().out
    demo()
    assert first == capsys.readouterr().out
    assert shows in first


def test_the_replayed_run_is_the_one_that_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    story = importlib.import_module("chapters.sim.story")
    story.demo()
    hunted = capsys.readouterr().out
    story.demo(seed=8, schedule="234ms:cut:teller:customer,723ms:restart:teller")
    assert capsys.readouterr().out.strip() in hunted


def test_a_knob_out_of_range_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="seeds is 0; it must be at least 1"):
        importlib.import_module("chapters.sim.story").demo(seeds=0)
