"""Plays: each once, whatever comes twice; what cannot be is kept apart; a restart forgets nothing."""

from random import Random

import pytest

from chapters.errors import Refused
from chapters.log import Log
from chapters.sim.disk import SimDisk
from spotify.breaking.events import NOW_MS, double_reports, torn_log
from spotify.catalogue.catalogue import Catalogue
from spotify.events.intake import BATCH_MAX, Intake
from spotify.events.play import AHEAD_MS_MAX, SLACK_MS, BadPlay, checked
from spotify.events.stats import Stats
from spotify.scene.imagined import album

TRACKS = Catalogue([album(Random(1), tracks=2, seconds=40)[0]]).tracks
TRACK = next(iter(TRACKS.values()))
GOOD = {"id": "a", "user": "ada", "track": TRACK.id, "at_ms": NOW_MS, "played_ms": 35_000}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"track": "nothing"}, "track"),
        ({"played_ms": -1}, "played_ms"),
        ({"played_ms": 1.5}, "played_ms"),
        ({"played_ms": True}, "played_ms"),
        ({"played_ms": TRACK.duration_ms + SLACK_MS + 1}, "long"),
        ({"id": ""}, "id"),
        ({"id": "x" * 65}, "id"),
        ({"id": 7}, "id"),
        ({"user": None}, "user"),
        ({"at_ms": NOW_MS + AHEAD_MS_MAX + 1}, "future"),
        ({"at_ms": -5}, "at_ms"),
    ],
)
def test_what_cannot_be_a_play_is_told_by_its_reason(change, reason):
    with pytest.raises(BadPlay) as bad:
        checked(GOOD | change, TRACKS, NOW_MS)
    assert bad.value.reason == reason


def test_what_can_just_be_is_taken():
    for change in (
        {"played_ms": TRACK.duration_ms + SLACK_MS},
        {"at_ms": NOW_MS + AHEAD_MS_MAX},
        {"played_ms": 0},
    ):
        assert checked(GOOD | change, TRACKS, NOW_MS).id == "a"
    assert (
        checked(GOOD, TRACKS, NOW_MS).counts
        and not checked(GOOD | {"played_ms": 29_999}, TRACKS, NOW_MS).counts
    )


@pytest.mark.parametrize(
    ("batch", "status"), [({}, 400), ("text", 400), ([{}] * (BATCH_MAX + 1), 413)]
)
def test_a_batch_that_is_none_is_refused_and_nothing_taken(batch, status):
    intake = Intake(*(Log(disk=SimDisk(rng=Random(n))) for n in range(2)))
    with pytest.raises(Refused) as refused:
        intake.take(batch, TRACKS, NOW_MS)
    assert refused.value.status == status and list(intake.plays()) == [] and not intake.reasons


def test_dead_letters_are_counted_after_a_restart_too():
    disks = [SimDisk(rng=Random(n)) for n in range(2)]
    Intake(*(Log(disk=disk) for disk in disks)).take([GOOD | {"id": 7}, 5, GOOD], TRACKS, NOW_MS)
    again = Intake(*(Log(disk=disk) for disk in disks))
    assert dict(again.reasons) == {"id": 1, "shape": 1}
    assert again.take([GOOD], TRACKS, NOW_MS).shown() == {"taken": 0, "repeated": 1, "dead": 0}


def test_stats_count_what_counts():
    plays = [
        checked(GOOD | {"id": f"{n}", "played_ms": ms}, TRACKS, NOW_MS)
        for n, ms in enumerate((1, 30_000, 40_000))
    ]
    stats = Stats(plays)
    assert (
        stats.plays(TRACK.id) == 2 and stats.last_ms(TRACK.id) == NOW_MS and stats.plays("x") == 0
    )
    stats.playing("ada", TRACK.id, NOW_MS, "page")
    assert stats.now_playing(NOW_MS + 1000) == {"ada": (TRACK.id, NOW_MS, "page")}
    assert stats.now_playing(NOW_MS + 3_600_000) == {}


@pytest.mark.parametrize("seed", range(5))
def test_reports_that_come_badly_are_counted_as_if_they_came_well(seed):
    assert double_reports(seed=seed, plays=800, repeated=0.5).held


@pytest.mark.parametrize("seed", range(8))
def test_crashes_lose_nothing_that_was_answered_and_double_nothing(seed):
    assert torn_log(seed=seed, plays=120, crashes=200).held
