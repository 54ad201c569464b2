"""Whole groups in bad weather, by the hundred; and whether the oracle sees what it is there to see."""

from dataclasses import replace

import pytest

from chapters.raft import election, leadership, raft, replica
from chapters.raft.cluster import Cluster
from chapters.raft.election import Role, is_up_to_date
from chapters.raft.messages import AppendReply, VoteReply
from chapters.raft.oracle import Operation, complaints
from chapters.raft.replication import _try_after
from chapters.raft.weather import FAIR, ROUGH, Weather, survive
from chapters.sim.clock import MS, S
from chapters.sim.network import Link

SEEDS = 15
FOUND_WITHIN = 40  # seeds


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("weather", [FAIR, ROUGH], ids=["fair", "rough"])
def test_every_promise_is_kept_in_bad_weather(count, weather):
    for seed in range(SEEDS // count):
        assert not survive(seed, count=count, weather=weather).broken, seed


@pytest.mark.slow
@pytest.mark.parametrize("count, seeds", [(3, 150), (5, 60)])
@pytest.mark.parametrize("weather", [FAIR, ROUGH], ids=["fair", "rough"])
def test_every_promise_is_kept_in_hundreds_of_storms(count, seeds, weather):
    for seed in range(1000, 1000 + seeds):
        assert not survive(seed, count=count, weather=weather).broken, seed


def test_the_weather_is_as_bad_as_it_says():
    """Storms that compact no log, depose no leader and send no snapshot would prove little."""
    terms, bases, unknown, snapshots = 0, 0, 0, 0
    for seed in range(12):
        cluster = survive(seed, weather=ROUGH)
        terms += len(cluster.oracle.leaders)
        bases += min(each.journal.base_index for each in cluster.rafts.values()) > 0
        unknown += sum(each.end_ns is None for each in cluster.operations)
        snapshots += cluster.oracle.snapshots
    assert terms > 60
    assert bases >= 10
    assert unknown > 20
    assert snapshots >= 1


def test_the_same_seed_is_the_same_run():
    one, other = (survive(5, weather=ROUGH) for _ in range(2))
    assert one.operations == other.operations
    assert one.simulation.digest() == other.simulation.digest()


@pytest.mark.parametrize("seed", range(3))
def test_a_member_may_lose_power_at_any_write(seed):
    """The power of every member fails again and again, each time at another of its writes."""
    cluster = Cluster(seed, link=Link(loss=0.02, duplication=0.02))
    for number in range(60):
        name = cluster.members[number % 3]
        at_ns = 300 * MS + number * 100 * MS
        cluster.run(at_ns)
        cluster.simulation.disk(name).crash_after(number // 4)
    cluster.run(9 * S)
    for client in cluster.clients:
        client.is_done = True
    cluster.run(10 * S)
    assert not cluster.judge(calm_ns=8 * S)
    assert sum("loses power" in line for line in cluster.simulation.transcript) > 20


def test_a_minority_acknowledges_nothing_and_comes_back():
    cluster = Cluster(3, count=5, link=Link())
    cluster.run(S)
    dead = cluster.members[:3]
    for name in dead:
        cluster.simulation.processes.kill(name)
    cluster.run(1100 * MS)  # what was on its way has arrived
    told = len(cluster.acknowledged())
    cluster.run(4 * S)
    assert len(cluster.acknowledged()) == told
    assert all(each.role is not Role.LEADER for each in cluster.running().values())
    for name in dead:
        cluster.simulation.processes.restart(name)
    cluster.run(5 * S)
    assert len(cluster.acknowledged()) > told + 20
    assert not cluster.judge()


@pytest.mark.parametrize("seed", range(4))
def test_a_leader_that_hears_nobody_makes_room_for_another(seed):
    """A one-way cut is the nasty one: everybody hears the leader, and it hears nobody."""
    cluster = Cluster(seed, link=Link())
    cluster.run(S)
    leader = cluster.leader
    for other in cluster.members:
        if other != leader:
            cluster.simulation.network.cut(other, leader)
    cluster.run(3 * S)
    assert cluster.leader not in (None, leader)
    assert not cluster.judge()


def vote_for_everybody(journal, candidate, request):
    if request.term < journal.term:
        return VoteReply(journal.term, False)
    granted = is_up_to_date(journal, request)
    journal.save(request.term, candidate if granted else journal.vote)
    return VoteReply(journal.term, granted)


def find_any_log_up_to_date(journal, request):
    return True


def commit_alone(journal, matched, commit_index):
    return journal.last_index


def commit_with_the_first_answer(journal, matched, commit_index):
    index = max(matched, default=journal.last_index)
    return max(index, commit_index)


def believe_the_leader(request, commit_index):
    return max(commit_index, request.commit_index)


def cut_what_stands_behind(journal, request, commit_index):
    if not journal.holds(request.previous_index, request.previous_term):
        hint = _try_after(journal, request.previous_index, commit_index)
        return AppendReply(journal.term, request.beat, False, hint)
    if request.entries and request.entries[0].index > journal.base_index:
        journal.append(request.entries)
    return AppendReply(
        journal.term, request.beat, True, request.previous_index + len(request.entries)
    )


def read_at_once(member, done):
    done(member._cannot_lead())


def stand_at_once(member):
    """No trial: then elections meet each other far more often, and so do their mistakes."""
    member._put_off_election()
    member._stand()


HASTY = replace(ROUGH, election_timeout_ns=20 * MS, heartbeat_ns=8 * MS)
VOTING = [
    (raft, "answer_vote", vote_for_everybody),
    (election, "is_up_to_date", find_any_log_up_to_date),
]
WORKING = [
    (leadership, "leader_commit", commit_alone),
    (replica, "follower_commit", believe_the_leader),
]
SLOWLY_FOUND = [
    (leadership, "leader_commit", commit_with_the_first_answer),
    (replica, "accept", cut_what_stands_behind),
    (raft.Raft, "read", read_at_once),
]
WORKING += [pytest.param(*each, marks=pytest.mark.slow) for each in SLOWLY_FOUND]


@pytest.mark.parametrize("place, name, mistake", VOTING)
def test_a_member_that_votes_wrongly_is_found_out(monkeypatch, place, name, mistake):
    # A trial would hide it for long: who hears from a leader refuses, and so does a further log.
    monkeypatch.setattr(raft.Raft, "_canvass", stand_at_once)
    monkeypatch.setattr(place, name, mistake)
    assert any(survive(seed, count=5, weather=HASTY).broken for seed in range(FOUND_WITHIN))


@pytest.mark.parametrize("place, name, mistake", WORKING)
def test_a_member_that_works_wrongly_is_found_out(monkeypatch, place, name, mistake):
    monkeypatch.setattr(place, name, mistake)
    assert any(
        survive(seed, count=count, weather=ROUGH).broken
        for seed in range(FOUND_WITHIN)
        for count in (3, 5)
    )


def test_no_promise_depends_on_the_trial(monkeypatch):
    monkeypatch.setattr(raft.Raft, "_canvass", stand_at_once)
    for seed in range(3):
        assert not survive(seed, count=5, weather=HASTY).broken, seed


def write(name, start, end, place):
    return Operation(name, True, start, end, place)


def read(start, end, length):
    return Operation(b"read", False, start, end, length)


NAMES = [b"x", b"y", b"z"]


@pytest.mark.parametrize(
    "operations",
    [
        [write(b"x", 0, 10, 1), write(b"y", 20, 30, 2), read(40, 50, 2)],
        [write(b"y", 0, 10, 2), write(b"x", 5, 15, 1)],  # at the same time: in either order
        [write(b"x", 0, None, None), read(1, 2, 0), read(3, 4, 1)],  # takes effect in between
        [write(b"z", 0, None, None), write(b"x", 5, 6, 1), write(b"y", 7, 8, 2), read(9, 10, 2)],
    ],
)
def test_a_history_that_happened_one_at_a_time_is_accepted(operations):
    assert not complaints(operations, NAMES)


@pytest.mark.parametrize(
    "operations, why",
    [
        ([write(b"lost", 0, 10, 3)], "is not there"),
        ([write(b"y", 0, 10, 1)], "is not there"),
        ([write(b"y", 0, 10, 2), write(b"x", 20, 30, 1)], "was put before"),
        ([write(b"y", 0, 10, 2), read(20, 30, 1)], "is older than"),
        ([read(0, 10, 2), read(20, 30, 1)], "is older than"),
        ([write(b"y", 0, 10, 2), write(b"x", 20, None, None)], "was put before"),
    ],
)
def test_a_history_that_did_not_is_noticed(operations, why):
    assert any(why in each for each in complaints(operations, NAMES))


def test_weather_for_another_time_has_as_many_faults_to_the_second():
    assert ROUGH.lasting(ROUGH.until_ns) == ROUGH
    assert isinstance(FAIR.lasting(S), Weather)
    assert FAIR.lasting(S).storms == 2
