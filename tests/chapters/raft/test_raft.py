"""One member at a time, its messages delivered by hand: what it answers, refuses and survives."""

from collections import deque
from contextlib import suppress
from random import Random

import pytest

from chapters.errors import Definite, Indefinite, UsageError
from chapters.raft import (
    ELECTION_TIMEOUT_NS,
    HEARTBEAT_NS,
    CommandTooLarge,
    Limits,
    MachineFailed,
    NotLeader,
    Overloaded,
    Raft,
    Role,
    StateMismatch,
    Stopped,
    Unacknowledged,
)
from chapters.raft import raft as raft_module
from chapters.raft.election import answer_vote
from chapters.raft.ledger import Ledger
from chapters.raft.messages import (
    AppendEntries,
    AppendReply,
    InstallSnapshot,
    RequestVote,
    VoteReply,
)
from chapters.sim.clock import S, VirtualClock
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed, DiskFull, SyncFailed

VOTING = (RequestVote, VoteReply)


class Post:
    """Members on one clock, and their messages in a queue until somebody delivers them."""

    def __init__(self, count: int, *, flush_every: int = 1000, limits: Limits | None = None):
        self.clock = VirtualClock()
        self.names = "abcdefg"[:count]
        self.disks = {name: SimDisk(rng=Random(name)) for name in self.names}
        self.queue: deque[tuple[str, str, object]] = deque()
        self.dead: set[str] = set()
        self.seen: list[tuple[str, str, object]] = []
        self.flush_every, self.limits = flush_every, limits
        self.ledgers: dict[str, Ledger] = {}
        self.rafts: dict[str, Raft] = {}
        for name in self.names:
            self.open(name)

    def open(self, name: str) -> Raft:
        if name in self.rafts:
            self.rafts[name].close()
        self.ledgers[name] = Ledger(disk=self.disks[name], flush_every=self.flush_every)
        self.rafts[name] = Raft(
            name,
            list(self.names),
            clock=self.clock,
            rng=Random(name),
            disk=self.disks[name],
            send=lambda target, message: self.queue.append((name, target, message)),
            machine=self.ledgers[name],
            limits=self.limits,
        )
        return self.rafts[name]

    def deliver(self, dropping: tuple[type, ...] = ()) -> None:
        while self.queue:
            source, target, message = self.queue.popleft()
            self.seen.append((source, target, message))
            if not {source, target} & self.dead and not isinstance(message, dropping):
                self.rafts[target].receive(source, message)

    def pass_time(self, duration_ns: int) -> None:
        end_ns = self.clock.now_ns() + duration_ns
        while (due_ns := self.clock.next_due_ns()) is not None and due_ns <= end_ns:
            self.clock.step()
            self.deliver()
        self.clock.run(end_ns)

    def elect(self, name: str) -> Raft:
        """Let `name` stand for election and win, without asking beforehand whether it would."""
        self.rafts[name]._stand()
        self.deliver()
        assert self.rafts[name].role is Role.LEADER
        return self.rafts[name]


def told(raft: Raft, *commands: bytes) -> list[object]:
    """What a proposer is told; empty while it waits."""
    answers: list[object] = []
    raft.propose(commands, answers.append)
    return answers


def test_a_group_of_one_leads_at_once_and_answers_at_once():
    post = Post(1)
    raft = post.rafts["a"]
    assert (raft.role, raft.term, raft.leader) == (Role.LEADER, 1, "a")
    assert told(raft, b"x", b"y") == [[1, 2]]
    reads: list[object] = []
    raft.read(reads.append)
    assert reads == [None]
    assert post.clock.next_due_ns() is None, "nothing to wait for, so no timer"


def test_a_batch_of_a_group_of_one_costs_one_write_and_one_sync():
    post = Post(1)
    before = post.disks["a"].operations
    told(post.rafts["a"], *(b"%d" % number for number in range(100)))
    assert post.disks["a"].operations - before == 2


def test_a_group_of_one_finds_everything_again():
    post = Post(1)
    told(post.rafts["a"], b"x", b"y")
    post.disks["a"].crash()
    again = post.open("a")
    assert (again.term, post.ledgers["a"].names) == (2, [b"x", b"y"])
    assert told(again, b"z") == [[3]]


def test_a_group_of_one_drops_what_its_machine_keeps():
    post = Post(1, flush_every=10, limits=Limits(compact_entries=10, segment_bytes_max=300))
    for number in range(200):
        told(post.rafts["a"], b"%d" % number)
    assert post.rafts["a"].journal.base_index >= 190
    assert sum(name.endswith(".log") for name in post.disks["a"].names()) < 5
    post.open("a")
    assert len(post.ledgers["a"].names) == 200


def test_who_is_answered_may_propose_again_and_again():
    post, answers = Post(1), []

    def once_more(outcome):
        answers.append(outcome)
        if len(answers) < 3000:
            post.rafts["a"].propose([b"%d" % len(answers)], once_more)

    post.rafts["a"].propose([b"first"], once_more)
    assert len(answers) == 3000, "and it does not nest"


def test_a_command_is_answered_when_a_majority_has_it():
    post = Post(3)
    leader = post.elect("a")
    answers = told(leader, b"x")
    assert answers == []
    post.dead = {"c"}
    post.deliver()
    assert answers == [[1]]
    post.pass_time(HEARTBEAT_NS)
    assert post.ledgers["b"].names == [b"x"]


def test_without_a_majority_nothing_is_acknowledged_and_the_leader_resigns():
    post = Post(3)
    leader = post.elect("a")
    post.dead = {"b", "c"}
    answers = told(leader, b"x")
    post.pass_time(ELECTION_TIMEOUT_NS - HEARTBEAT_NS)
    assert answers == []
    assert leader.role is Role.LEADER
    post.pass_time(3 * HEARTBEAT_NS)
    assert leader.role is not Role.LEADER
    (answer,) = answers
    assert isinstance(answer, Unacknowledged)
    assert isinstance(answer, Indefinite)


def test_a_follower_refuses_and_says_who_leads():
    post = Post(3)
    post.elect("a")
    (answer,) = told(post.rafts["b"], b"x")
    assert isinstance(answer, NotLeader)
    assert answer.leader == "a"
    reads: list[object] = []
    post.rafts["b"].read(reads.append)
    assert isinstance(reads[0], NotLeader)


def test_an_unacknowledged_command_may_survive_or_not():
    for heard in (True, False):
        post = Post(3)
        leader = post.elect("a")
        post.dead = {"c"} if heard else {"b", "c"}
        answers = told(leader, b"x")
        post.deliver(dropping=(AppendReply,))
        post.dead = {"a"}
        post.elect("b")
        post.dead = set()
        post.pass_time(S)
        assert isinstance(answers[0], Unacknowledged)
        assert post.ledgers["c"].names == ([b"x"] if heard else [])


def test_a_read_waits_for_a_round_that_began_after_it():
    post = Post(3)
    leader = post.elect("a")
    reads: list[object] = []
    leader.read(reads.append)
    leader.read(reads.append)
    assert reads == []
    post.deliver()
    assert reads == [None, None]
    beats = {message.beat for _, _, message in post.seen if isinstance(message, AppendEntries)}
    assert beats == {0, 1, 2}, "the first read's round, and one that began after the second"


def test_a_deposed_leader_that_does_not_know_it_answers_no_read():
    post = Post(3)
    old = post.elect("a")
    post.dead = {"a"}
    new = post.elect("b")
    told(new, b"x")
    post.deliver()
    reads: list[object] = []
    old.read(reads.append)
    post.deliver()
    assert reads == []
    post.dead = set()
    post.pass_time(S)
    assert isinstance(reads[0], NotLeader)


def test_a_read_waits_until_the_leader_knows_what_is_committed():
    post = Post(3)
    told(post.elect("a"), b"x")
    post.deliver()
    post.dead = {"a"}
    post.rafts["b"]._stand()
    post.deliver(dropping=(AppendReply,))
    reads: list[object] = []
    post.rafts["b"].read(reads.append)
    assert post.rafts["b"].role is Role.LEADER
    assert (reads, post.ledgers["b"].names) == ([], []), "it has x, and does not know it is safe"
    post.pass_time(2 * HEARTBEAT_NS)
    assert (reads, post.ledgers["b"].names) == ([None], [b"x"])


def test_a_member_that_was_cut_off_disturbs_nobody():
    post = Post(3)
    leader = post.elect("a")
    post.dead = {"c"}
    post.pass_time(5 * S)
    assert post.rafts["c"].term == 1, "it asks in vain and pushes no term"
    post.dead = set()
    post.pass_time(S)
    assert (leader.role, leader.term) == (Role.LEADER, 1)
    assert post.rafts["c"].leader == "a"


def test_nobody_votes_twice_though_everybody_asks():
    post = Post(3)
    for name in "ab":
        post.rafts[name]._stand()
    post.deliver()
    assert sum(raft.role is Role.LEADER for raft in post.rafts.values()) == 1


def vote_and_forget(journal, candidate, request):
    """Vote as the reference does, with the vote in memory only."""
    vote = journal.vote if request.term == journal.term else None
    journal.save(request.term, None)
    granted = vote in (None, candidate)
    journal.vote = candidate if granted else vote
    return VoteReply(journal.term, granted)


@pytest.mark.parametrize("rule, leaders", [(answer_vote, 1), (vote_and_forget, 2)])
def test_a_voter_that_crashes_between_two_requests_makes_one_leader(monkeypatch, rule, leaders):
    monkeypatch.setattr(raft_module, "answer_vote", rule)
    post = Post(3)
    for candidate in "ac":
        post.rafts[candidate]._stand()
        while post.queue:
            source, target, message = post.queue.popleft()
            if {source, target} == {candidate, "b"} and isinstance(message, VOTING):
                post.rafts[target].receive(source, message)
        post.disks["b"].crash()
        post.open("b")
    assert sum(post.rafts[each].role is Role.LEADER for each in "ac") == leaders


def test_answers_for_an_old_term_or_another_election_do_not_count():
    post = Post(5)
    post.rafts["a"]._stand()
    post.queue.clear()
    for voter in ("b", "b", "b"):
        post.rafts["a"].receive(voter, VoteReply(1, True))
    post.rafts["a"].receive("c", VoteReply(0, True))
    post.rafts["a"].receive("d", VoteReply(2, True, is_trial=True))
    post.rafts["a"].receive("stranger", VoteReply(1, True))
    assert post.rafts["a"].role is Role.CANDIDATE
    post.rafts["a"].receive("c", VoteReply(1, True))
    assert post.rafts["a"].role is Role.LEADER


def test_a_newer_term_ends_a_leadership():
    post = Post(3)
    leader = post.elect("a")
    leader.receive("b", RequestVote(9, 9, 9))
    assert (leader.role, leader.term) == (Role.FOLLOWER, 9)


def test_a_follower_too_far_behind_gets_a_snapshot_in_chunks():
    limits = Limits(entries_kept=2, compact_entries=5, segment_bytes_max=300)
    post = Post(3, flush_every=5, limits=limits)
    leader = post.elect("a")
    post.dead = {"c"}
    for number in range(40):
        told(leader, b"%d" % number)
        post.deliver()
    assert leader.journal.base_index > 30
    post.dead = set()
    post.pass_time(S)
    chunks = {message.number for _, _, message in post.seen if isinstance(message, InstallSnapshot)}
    assert chunks == set(range(8))
    assert post.ledgers["c"].names == post.ledgers["a"].names
    again = post.open("c")
    assert again.journal.base_index >= 40
    assert len(post.ledgers["c"].names) == 40


def test_a_snapshot_begins_again_when_the_follower_forgot_the_first_chunks():
    post = Post(3, flush_every=5, limits=Limits(entries_kept=2, compact_entries=5))
    leader = post.elect("a")
    post.dead = {"c"}
    for number in range(40):
        told(leader, b"%d" % number)
        post.deliver()
    post.dead = set()
    post.rafts["a"]._ring()
    for _ in range(8):
        source, target, message = post.queue.popleft()
        post.rafts[target].receive(source, message)
    assert post.disks["c"].names("raft/incoming")
    post.open("c")
    assert not post.disks["c"].names("raft/incoming")
    post.pass_time(S)
    assert post.ledgers["c"].names == post.ledgers["a"].names


def test_old_entries_are_sent_in_bounded_messages():
    limits = Limits(message_entries_max=10, message_bytes_max=500)
    post = Post(3, limits=limits)
    leader = post.elect("a")
    post.dead = {"c"}
    told(leader, *(b"%d" % number for number in range(60)))
    told(leader, *(b"x" * 400 + b"%d" % number for number in range(5)))
    post.deliver()
    post.seen.clear()
    post.dead = set()
    post.pass_time(S)
    sent = [len(m.entries) for _, to, m in post.seen if isinstance(m, AppendEntries) and to == "c"]
    assert max(sent) == 10
    assert sent.count(1) >= 5
    assert post.ledgers["c"].names == post.ledgers["a"].names


def test_what_is_too_much_is_refused_and_nothing_happened():
    post = Post(3, limits=Limits(pending_max=3, pending_bytes_max=100, command_bytes_max=60))
    leader = post.elect("a")
    last = leader.journal.last_index
    assert isinstance(told(leader, b"x" * 61)[0], CommandTooLarge)
    assert isinstance(told(leader, *[b"x"] * 4)[0], Overloaded)
    assert isinstance(told(leader, b"x" * 60, b"x" * 60)[0], Overloaded)
    assert leader.journal.last_index == last
    assert told(leader, b"1", b"2", b"3") == []
    (answer,) = told(leader, b"4")
    assert isinstance(answer, Definite)
    assert "4 commands" in str(answer)
    post.deliver()
    assert told(leader, b"4") == [], "there is room again"


def test_too_many_reads_are_refused():
    post = Post(3, limits=Limits(reads_max=2))
    leader, reads = post.elect("a"), []
    for _ in range(4):
        leader.read(reads.append)
    assert [type(each) for each in reads] == [Overloaded], "one is in a round, two wait for it"
    post.deliver()
    assert reads[1:] == [None, None, None]


def test_a_full_disk_is_definite_and_the_member_goes_on():
    post = Post(1)
    raft, disk = post.rafts["a"], post.disks["a"]
    disk._capacity_bytes = disk.used_bytes + 10
    (answer,) = told(raft, b"x")
    assert isinstance(answer, DiskFull)
    disk._capacity_bytes = None
    assert told(raft, b"y") == [[1]]


def test_a_failed_sync_stops_the_member_for_good():
    post = Post(1)
    raft = post.rafts["a"]
    post.disks["a"].fail_syncs()
    (answer,) = told(raft, b"x")
    assert isinstance(answer, Unacknowledged)
    assert raft.role is Role.STOPPED
    assert isinstance(raft.failure, SyncFailed)
    assert isinstance(told(raft, b"y")[0], Stopped)


def test_a_machine_that_fails_stops_its_member():
    post = Post(1)

    def fail(index, command):
        raise DiskFull("no room for the machine")

    post.ledgers["a"].apply = fail
    (answer,) = told(post.rafts["a"], b"x")
    assert isinstance(answer, Unacknowledged)
    assert isinstance(post.rafts["a"].failure, MachineFailed)


def test_closing_answers_who_waits_and_rings_no_more():
    post = Post(3)
    leader = post.elect("a")
    answers, reads = told(leader, b"x"), []
    leader.read(reads.append)
    for raft in post.rafts.values():
        raft.close()
        raft.close()
    assert isinstance(answers[0], Unacknowledged)
    assert isinstance(reads[0], NotLeader)
    assert isinstance(told(leader, b"y")[0], Stopped)
    assert post.clock.next_due_ns() is None


def test_a_machine_that_does_not_fit_its_log_is_refused():
    post = Post(1, flush_every=2, limits=Limits(compact_entries=2))
    told(post.rafts["a"], b"x", b"y", b"z")
    post.disks["a"].remove("ledger")
    with pytest.raises(StateMismatch):
        post.open("a")


def test_a_log_that_was_emptied_beside_a_full_machine_is_refused():
    post = Post(1, flush_every=2)
    told(post.rafts["a"], b"x", b"y", b"z")
    for name in post.disks["a"].names("raft/"):
        post.disks["a"].remove(name)
    with pytest.raises(StateMismatch, match="has applied entry"):
        post.open("a")


def test_a_member_must_be_among_the_members():
    with pytest.raises(UsageError, match="x should be once among"):
        Raft("x", ["a"], clock=VirtualClock(), rng=Random(1), disk=SimDisk(rng=Random(1)),
             send=lambda target, message: None, machine=None)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_a_group_of_one_keeps_its_word_through_a_crash_at_any_write(seed):
    write, was_cut = 0, True
    while was_cut:
        was_cut = keeps_its_word(write, seed)
        write += 1
    assert write > 60


def keeps_its_word(write: int, seed: int) -> bool:
    """Let the power fail at one write, open again, compare; return whether it came to that."""
    post = Post(1, flush_every=6, limits=Limits(compact_entries=5, segment_bytes_max=200))
    disk = post.disks["a"] = SimDisk(rng=Random(f"{seed}/{write}"))
    disk.crash_after(write)
    proposed, acknowledged = [], []
    with suppress(Crashed):
        raft = post.open("a")
        for batch in range(12):
            commands = [b"%d/%d" % (batch, number) for number in range(1 + batch % 3)]
            proposed += commands
            if isinstance(told(raft, *commands)[0], list):
                acknowledged += commands
        if raft.failure is None:
            return False
    disk.crash()
    post.open("a")
    found = post.ledgers["a"].names
    assert found == proposed[: len(found)]
    assert len(found) >= len(acknowledged)
    return True
