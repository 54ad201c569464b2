"""Edits in any order over any network: all equal in the end, nothing lost; on disk before it is told."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.errors import Refused
from chapters.log import Log
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed
from spotify.playlists.generated import schedule
from spotify.playlists.playlist import ENTRIES_MAX, Add, Edit, Entry, Move, Playlist, Remove, Rename
from spotify.playlists.replica import Replica, rebuilt
from spotify.playlists.service import Playlists, added, reordered


@settings(max_examples=200)
@given(st.integers(0, 10**9), st.integers(2, 5), st.integers(1, 25))
def test_all_devices_show_the_same_in_the_end_and_nothing_is_lost(seed, devices, edits):
    met = schedule(Random(seed), devices, edits)
    assert met.has_converged and met.has_kept_all


@pytest.mark.slow
def test_ten_thousand_schedules_converge():
    for seed in range(10_000):
        met = schedule(Random(seed), 2 + seed % 4, 12)
        assert met.has_converged and met.has_kept_all, f"seed {seed}"


def test_a_service_that_forgot_an_edit_would_be_noticed():
    met = schedule(Random(1))
    broken = type(met)(met.devices, met.service[1:], met.added, met.removed, met.edits)
    assert not broken.has_converged and not broken.has_kept_all


def edit(number, change):
    return Edit(f"e{number}", change, "ada", number)


def some(*ids, after=""):
    return Add(tuple(Entry(id, id.upper(), "ada", 0) for id in ids), after)


def shown(playlist):
    return [entry.id for entry in playlist.entries]


def test_an_edit_that_comes_twice_is_applied_once():
    found = Playlist()
    for _ in range(2):
        found.apply(edit(1, some("a", "b")))
    assert shown(found) == ["a", "b"] and found.revision == 1


def test_what_was_removed_stays_so_though_somebody_moves_it():
    found = rebuilt(
        [edit(1, some("a", "b", "c")), edit(2, Remove(("b",))), edit(3, Move(("b", "c"), ""))]
    )
    assert shown(found) == ["c", "a"]


def test_behind_what_is_gone_is_still_a_place():
    found = rebuilt(
        [edit(1, some("a", "b", "c")), edit(2, Remove(("b",))), edit(3, some("x", after="b"))]
    )
    assert shown(found) == ["a", "x", "c"]


def test_what_nobody_knows_is_refused_by_name_and_changes_nothing():
    found = rebuilt([edit(1, some("a"))])
    for change in (some("x", after="z"), Remove(("z",)), Move(("z",), ""), Move(("a",), "z")):
        with pytest.raises(Refused, match="'z'") as refused:
            found.apply(edit(2, change))
        assert refused.value.status == 409 and refused.value.reason == "stale"
    assert shown(found) == ["a"] and found.revision == 1
    with pytest.raises(Refused, match="at most"):
        found.apply(edit(3, Add(tuple(Entry(f"{n}", "t", "", 0) for n in range(ENTRIES_MAX)), "")))


def test_an_edit_that_the_service_refuses_is_dropped_and_told():
    replica = Replica("ada")
    replica.edit(some("a"))
    orphan = replica.edit(some("b", after="a"))
    dropped = replica.hear(0, [edit(9, some("x"))])  # the first edit was refused, and never came
    assert dropped == [] and [each.id for each in replica.pending] == ["ada-1", "ada-2"]
    replica.pending = [orphan]
    assert replica.hear(1, [edit(10, Rename("n"))]) == [orphan] and replica.pending == []


def test_a_gap_is_not_heard():
    replica = Replica("ada")
    assert replica.hear(3, [edit(1, some("a"))]) == [] and replica.revision == 0


def test_places_of_an_old_snapshot_mean_what_they_meant():
    lists = Playlists(Log(disk=SimDisk(rng=Random(1))))
    lists.create("p", "ada", "Sunday", 1)
    lists.edit("p", Edit("1", added(Playlist(), ["t0", "t1", "t2"], None, "1", "ada", 2), "ada", 2))
    kept = lists.get("p", "ada")
    seen = kept.snapshot
    lists.edit("p", Edit("2", added(kept.state, ["new"], 0, "2", "ada", 3), "ada", 3))
    move = reordered(kept.at(seen), 2, 1, 0)  # what was in the third place, to the top
    lists.edit("p", Edit("3", move, "ada", 4))
    assert [entry.track for entry in kept.state.entries] == ["t2", "new", "t0", "t1"]
    for wrong in ("0-x", "99-abc", "nonsense", ""):
        with pytest.raises(Refused) as refused:
            kept.at(wrong)
        assert refused.value.status == 409


def test_who_may_not_see_or_edit_is_refused():
    lists = Playlists(Log(disk=SimDisk(rng=Random(1))))
    lists.create("p", "ada", "Mine", 1)
    for call in (
        lambda: lists.get("p", "ben"),
        lambda: lists.edit("p", Edit("x", Rename("x"), "ben", 2)),
    ):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.status == 404
    lists.share("p", "ada", is_public=True, is_collaborative=False, now_ms=3)
    with pytest.raises(Refused, match="belongs to ada") as refused:
        lists.edit("p", Edit("x", Rename("x"), "ben", 4))
    assert refused.value.status == 403
    lists.share("p", "ada", is_public=True, is_collaborative=True, now_ms=5)
    assert lists.edit("p", Edit("x", Rename("Ours"), "ben", 6)).state.name == "Ours"
    with pytest.raises(Refused, match="belongs to ada"):
        lists.delete("p", "ben")
    lists.delete("p", "ada")
    assert lists.of("ada") == []


@pytest.mark.parametrize("crash", range(1, 40))
def test_after_a_crash_what_was_answered_is_there(crash):
    disk, answered = SimDisk(rng=Random(crash)), 0
    lists = Playlists(Log(disk=disk))
    disk.crash_after(crash)
    try:
        lists.create("p", "ada", "Sunday", 1)
        for number in range(12):
            change = added(
                lists.get("p", "ada").state, [f"t{number}"], None, f"{number}", "ada", number
            )
            lists.edit("p", Edit(f"{number}", change, "ada", number))
            answered += 1
    except Crashed:
        pass
    disk.crash()
    found = Playlists(Log(disk=disk))
    tracks = [entry.track for kept in found.of("ada") for entry in kept.state.entries]
    assert tracks[:answered] == [f"t{n}" for n in range(answered)] and len(tracks) <= answered + 1
