"""The rules of the paper on its own examples: figure 7, figure 8, votes, the commit index."""

from random import Random

import pytest

from chapters.raft.commit import follower_commit, leader_commit
from chapters.raft.election import answer_trial, answer_vote
from chapters.raft.journal import Journal
from chapters.raft.messages import AppendEntries, Entry, RequestVote
from chapters.raft.replication import accept
from chapters.sim.disk import SimDisk
from chapters.sim.errors import DiskFull

LEADER = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6]  # figure 7: the leader's log when it comes to power
FIGURE_7 = {
    "a": [1, 1, 1, 4, 4, 5, 5, 6, 6],
    "b": [1, 1, 1, 4],
    "c": [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
    "d": [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
    "e": [1, 1, 1, 4, 4, 4, 4],
    "f": [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
}


def journal_of(terms: list[int], term: int = 8) -> Journal:
    journal = Journal(disk=SimDisk(rng=Random(7)))
    if terms:
        journal.append([Entry(i, each, b"%d/%d" % (i, each)) for i, each in enumerate(terms, 1)])
    journal.save(term, None)
    return journal


def terms_of(journal: Journal) -> list[int]:
    return [journal.entry(index).term for index in range(1, journal.last_index + 1)]


@pytest.mark.parametrize("name", FIGURE_7)
def test_every_follower_of_figure_7_becomes_like_its_leader(name):
    leader, follower = journal_of([*LEADER, 8]), journal_of(FIGURE_7[name])
    following, rounds = len(LEADER) + 1, 0
    while True:
        previous = following - 1
        sent = leader.entries(following, 100, 10**6)
        request = AppendEntries(8, 0, previous, leader.term_at(previous) or 0, 0, sent)
        reply = accept(follower, request, 0)
        rounds += 1
        if reply.is_matched:
            break
        assert reply.index < previous, "each refusal goes back"
        following = reply.index + 1
    assert terms_of(follower) == [*LEADER, 8]
    assert rounds <= 5, "whole terms are skipped, not single entries"


@pytest.mark.parametrize("name, wins", [("a", True), ("b", True), ("e", True), ("f", True),
                                        ("c", False), ("d", False)])  # fmt: skip
def test_the_leader_of_figure_7_has_votes_of_exactly_those_who_lack_nothing(name, wins):
    follower = journal_of(FIGURE_7[name], term=7)
    assert answer_vote(follower, "leader", RequestVote(8, 10, 6)).is_granted == wins


def test_figure_8_an_old_entry_on_a_majority_is_not_committed():
    # (c): S1 leads in term 4, and entry 2, of term 2, is on S1, S2 and S3.
    assert leader_commit(journal_of([1, 2, 4], term=4), [2, 2, 1, 1], 1) == 1


def test_figure_8_d_an_uncommitted_entry_on_a_majority_is_overridden():
    s5, others = journal_of([1, 3], term=5), [journal_of([1, 2], term=4) for _ in range(2)]
    assert all(answer_vote(each, "S5", RequestVote(5, 2, 3)).is_granted for each in others)
    for each in others:
        assert accept(each, AppendEntries(5, 0, 1, 1, 1, s5.entries(2, 9, 999)), 1).is_matched
        assert terms_of(each) == [1, 3]


def test_figure_8_e_with_an_entry_of_its_own_term_all_is_committed_and_safe():
    assert leader_commit(journal_of([1, 2, 4], term=4), [3, 3, 1, 1], 1) == 3
    assert not answer_vote(journal_of([1, 2, 4], term=4), "S5", RequestVote(5, 2, 3)).is_granted


@pytest.mark.parametrize("matched, index", [([], 9), ([7], 7), ([7, 3], 7), ([7, 3, 5], 5),
                                            ([7, 3, 5, 4], 5), ([0, 0], 0)])  # fmt: skip
def test_a_majority_decides(matched, index):
    assert leader_commit(journal_of([8] * 9), matched, 0) == index


def test_a_heartbeat_that_was_overtaken_takes_no_entries_away():
    follower = journal_of([1, 1, 1, 1])
    assert accept(follower, AppendEntries(8, 0, 1, 1, 1, (Entry(2, 1, b"2/1"),)), 0).index == 2
    assert terms_of(follower) == [1, 1, 1, 1]


def test_a_follower_vouches_only_for_what_it_was_shown():
    follower = journal_of([1, 1, 3, 3])
    reply = accept(follower, AppendEntries(8, 0, 2, 1, 4), 0)
    assert reply.is_matched
    assert reply.index == 2, "entries 3 and 4 may be somebody else's"
    assert follower_commit(AppendEntries(8, 0, 2, 1, 4), 0) == 2


def test_a_committed_entry_that_differs_is_a_bug():
    with pytest.raises(AssertionError, match="was committed and differs"):
        accept(journal_of([1, 1]), AppendEntries(8, 0, 0, 0, 0, (Entry(1, 7, b""),)), 2)


def test_a_vote_that_did_not_reach_the_disk_was_not_given():
    disk = SimDisk(rng=Random(7), capacity_bytes=0)
    journal = Journal(disk=disk)
    with pytest.raises(DiskFull):
        answer_vote(journal, "a", RequestVote(1, 0, 0))
    assert (journal.term, journal.vote) == (0, None)


def test_a_trial_promises_nothing():
    voter = journal_of([1], term=3)
    for name in ("a", "b"):
        reply = answer_trial(voter, RequestVote(4, 1, 1, True), has_leader=False)
        assert (name, reply.is_granted, reply.term) == (name, True, 4)
    assert (voter.term, voter.vote) == (3, None)


@pytest.mark.parametrize("term, index, has_leader", [(3, 1, False), (4, 0, False), (4, 1, True)])
def test_a_trial_is_refused_if_a_vote_would_be_or_there_is_a_leader(term, index, has_leader):
    request = RequestVote(term, index, 1 if index else 0, True)
    assert not answer_trial(journal_of([1], 3), request, has_leader=has_leader).is_granted
