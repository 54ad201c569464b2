"""Faults: what is promised holds, and where a promise ends it is said so."""

import pytest

from netflix.breaking import FAULTS
from netflix.breaking.app import encoder_kill
from netflix.breaking.cdn import clock_skew, corrupt_segment, flash_crowd, stale_steering
from netflix.breaking.control import licence_down
from netflix.breaking.package import runt_segment
from netflix.breaking.resilience import prefetch_surge, region_loss, slow_answers, zone_loss

QUICK = (
    "flash-crowd",
    "corrupt-segment",
    "stale-steering",
    "clock-skew",
    "licence-down",
    "runt-segment",
    "prefetch-surge",
    "slow-answers",
    "zone-loss",
    "region-loss",
)


def broken(outcome):
    return [each.promise for each in outcome.verdicts if not each.held]


@pytest.mark.parametrize("seed", range(1, 5))
@pytest.mark.parametrize("name", QUICK)
def test_every_promise_holds_by_default(name, seed):
    assert broken(FAULTS[name].run(seed=seed)) == []


@pytest.mark.parametrize("name", QUICK)
def test_the_same_seed_gives_the_same_outcome(name):
    assert FAULTS[name].run(seed=5) == FAULTS[name].run(seed=5)


def test_without_coalescing_the_origin_is_asked_again_and_again():
    assert broken(flash_crowd(viewers=500, coalescing=False)) == ["the origin is asked once"]


def test_clocks_that_are_minutes_off_break_both_promises():
    assert len(broken(clock_skew(skew_s=300))) == 2


def test_without_the_rule_there_are_runts():
    assert broken(runt_segment(rule=False)) == [
        "no last segment is shorter than half of the target"
    ]


def test_what_helps_is_what_holds_the_promise():
    assert len(broken(prefetch_surge(shedding=False))) == 2
    assert broken(slow_answers(hedging=False)) == ["99 of 100 within 150 ms"]
    assert broken(slow_answers(often=0.25)) == ["99 of 100 within 150 ms"]
    assert broken(zone_loss(warming=False)) == ["and it is warm before anybody asks"]
    for knobs in ({"evacuate": False}, {"shed": False}):
        assert "at most a fifth fails of what would without leaving" in broken(region_loss(**knobs))


def test_a_knob_that_makes_no_sense_is_refused():
    from chapters.errors import UsageError

    for fault, knobs in (
        (prefetch_surge, {"times": 0}), (prefetch_surge, {"times": 1e9}), (slow_answers, {"requests": 1}),
        (slow_answers, {"often": -1}), (zone_loss, {"keys": 0}), (region_loss, {"minutes": 1}),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            fault(**knobs)
    for fault in (flash_crowd, stale_steering):
        with pytest.raises(UsageError):
            fault(viewers=0)
    with pytest.raises(UsageError):
        corrupt_segment(reads=0)
    with pytest.raises(UsageError):
        licence_down(minutes=0)


@pytest.mark.slow
def test_the_encoder_survives_being_killed():
    assert encoder_kill(kills=3).held
