"""One member of a group that agrees on a log: it follows, stands for election, or leads.

                   no word from a leader            a majority would       a majority did
        ┌───────────┐ ─────────────► ┌───────────────┐ ────► ┌───────────┐ ────► ┌────────┐
        │ follower  │                │ pre-candidate │       │ candidate │       │ leader │
        └───────────┘ ◄───────────── └───────────────┘ ◄──── └───────────┘       └────────┘
              ▲  a leader, or a newer term         no majority in time               │
              └──────────────────────────────────────────────────────────────────────┘
                         a newer term, or no majority heard from in time

Invariant: if any member applies a command at an index, no member ever applies another one there.
Everything here happens in a call of `receive`, `propose` or `read`, or when the timer rings; one
after the other, never two at once. The rules are in files of their own: `election`, `replication`,
`commit`; this one is the order in which they are asked.

Cost of a command: one write and one sync on the leader, then on a majority, and one round trip,
however many commands share them. Membership is fixed: there is no joint consensus here.
Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", ATC 2014.
Page: docs/chapters/raft.md
"""

from collections.abc import Callable, Iterable, Sequence
from random import Random

from chapters.errors import Definite, KitError, UsageError
from chapters.raft.alarm import Alarm
from chapters.raft.election import Role, answer_trial, answer_vote
from chapters.raft.errors import NotLeader, Stopped, Unacknowledged
from chapters.raft.journal import Journal
from chapters.raft.leadership import Leadership
from chapters.raft.limits import ELECTION_TIMEOUT_NS, HEARTBEAT_NS, Limits
from chapters.raft.machine import StateMachine
from chapters.raft.messages import (
    AppendEntries,
    AppendReply,
    InstallSnapshot,
    Message,
    RequestVote,
    SnapshotReply,
    VoteReply,
)
from chapters.raft.pending import Answered, Pending, Readable
from chapters.raft.replica import Replica
from chapters.sim.clock import Clock
from chapters.sim.disk import Disk


class Raft:
    """A member: opens, or recovers, from `disk`; a group of one leads at once."""

    def __init__(
        self,
        name: str,
        members: Sequence[str],
        *,
        clock: Clock,
        rng: Random,
        disk: Disk,
        send: Callable[[str, Message], None],
        machine: StateMachine,
        log: str = "raft",
        election_timeout_ns: int = ELECTION_TIMEOUT_NS,
        heartbeat_ns: int = HEARTBEAT_NS,
        limits: Limits | None = None,
    ) -> None:
        if name not in members or len(set(members)) != len(members):
            raise UsageError(f"{name} should be once among the members, {', '.join(members)}")
        self.name = name
        self.members = tuple(members)
        self.role = Role.FOLLOWER
        self.leader: str | None = None
        self.failure: KitError | None = None  # why this member stopped by itself
        self._clock, self._rng, self._send = clock, rng, send
        self._election_timeout_ns, self._heartbeat_ns = election_timeout_ns, heartbeat_ns
        self._limits = limits or Limits()
        self._peers = tuple(each for each in members if each != name)
        self._pending = Pending(name, self._limits)
        self._replica = Replica(machine, self._limits, self._pending.applied, disk=disk, log=log)
        self._votes: set[str] = set()
        self._lead: Leadership | None = None
        self._heard_ns = clock.now_ns()
        self._alarm = Alarm(clock=clock, ring=lambda: self._run(self._ring))
        if self._peers:
            self._put_off_election()
        else:
            self._stand()

    @property
    def term(self) -> int:
        """The term that this member is in."""
        return self.journal.term

    @property
    def commit_index(self) -> int:
        """All entries up to this one are safe for ever."""
        return self._replica.commit_index

    @property
    def applied_index(self) -> int:
        """All entries up to this one are in the machine."""
        return self._replica.applied_index

    @property
    def journal(self) -> Journal:
        """The durable state, to look at."""
        return self._replica.journal

    def receive(self, source: str, message: Message) -> None:
        """Take in a message of another member; it may be late, or not the first of its kind."""
        if source in self._peers and self.role is not Role.STOPPED:
            self._run(lambda: self._handle(source, message))

    def propose(self, commands: Sequence[bytes], done: Answered) -> None:
        """Have `commands` applied, in order: one write, one sync, one round for all of them.

        `done` is called once: with the machine's results, with a definite error (`NotLeader`,
        `Overloaded`, `CommandTooLarge`, `Stopped`, a full disk) when nothing happened, or with
        `Unacknowledged`.
        """
        assert commands, "nothing to propose"
        refusal = self._cannot_lead() or self._pending.refusal(commands)
        if refusal:
            self._pending.answer(done, refusal)
            self._pending.deliver()
        else:
            self._run(lambda: self._propose(commands, done))

    def read(self, done: Readable) -> None:
        """Call `done(None)` once reading the local machine sees all that was ever acknowledged.

        A round of heartbeats, shared by all who wait, proves that nobody else leads meanwhile; no
        clock is trusted. Source: Ongaro's thesis, section 6.4. Else `done` gets a definite error.
        """
        refusal = self._cannot_lead() or self._pending.read_refusal()
        if refusal:
            self._pending.answer_read(done, refusal)
        else:
            self._pending.asked.append(done)
        self._run(self._begin_round)

    def close(self) -> None:
        """Take part no more; who waits is told so."""
        if self.role is not Role.STOPPED:
            self._stop(Stopped("it was closed"))
            self._pending.deliver()

    def _run(self, act: Callable[[], None]) -> None:
        """Take one step to its end; then give the answers that are due."""
        try:
            act()
            self._replica.compact(self._limits.entries_kept if self._peers else 0)
        except Definite:
            pass  # the disk refused and not one byte was written: as if the message had been lost
        except KitError as error:
            self._stop(error)
        self._pending.deliver()

    def _stop(self, error: KitError) -> None:
        """After a failed sync nobody knows what is on disk; only opening it again tells."""
        self.failure = error
        self._follow(None)
        self.role = Role.STOPPED
        self._alarm.stop()

    def _cannot_lead(self) -> KitError | None:
        if self.role is Role.STOPPED:
            return Stopped(f"{self.name} has stopped: {self.failure}; open it again")
        return None if self._lead else NotLeader(self.name, self.leader)

    def _propose(self, commands: Sequence[bytes], done: Answered) -> None:
        try:
            last = self._replica.extend(commands)
        except KitError as error:
            is_known = isinstance(error, Definite)
            self._pending.answer(done, error if is_known else Unacknowledged(str(error)))
            raise
        self._pending.propose(last, commands, done)
        self._share()

    def _ring(self) -> None:
        if self._lead is None:
            self._canvass()
            return
        since_ns = self._clock.now_ns() - self._election_timeout_ns
        if not self._lead.is_heard_by_majority(since_ns):
            self._follow(None)
            return
        self._lead.let_repeat(since_ns)
        self._alarm.set(self._heartbeat_ns)
        self._tell(self._peers)

    def _put_off_election(self) -> None:
        """Wait again; each time for another while, so that two do not stand in step for ever."""
        timeout_ns = self._election_timeout_ns
        self._alarm.set(timeout_ns + self._rng.randrange(timeout_ns))

    def _canvass(self) -> None:
        """Ask whether we would win, before we disturb anybody."""
        self._put_off_election()
        self.role, self.leader = Role.PRE_CANDIDATE, None
        self._ask_for_votes(self.term + 1, is_trial=True)

    def _stand(self) -> None:
        """Stand for election in a new term; the first vote is our own."""
        self.journal.save(self.term + 1, self.name)
        self.role, self.leader = Role.CANDIDATE, None
        self._ask_for_votes(self.term, is_trial=False)

    def _ask_for_votes(self, term: int, *, is_trial: bool) -> None:
        self._votes = set()
        journal = self.journal
        request = RequestVote(term, journal.last_index, journal.last_term, is_trial)
        for peer in self._peers:
            self._send(peer, request)
        self._count_vote(self.name)

    def _count_vote(self, voter: str) -> None:
        self._votes.add(voter)
        if 2 * len(self._votes) <= len(self.members):
            return
        if self.role is Role.PRE_CANDIDATE:
            self._stand()
        else:
            self._take_office()

    def _take_office(self) -> None:
        """Lead, beginning with an entry of this term: with it all older ones are committed."""
        lead = Leadership(self.journal, self._peers, self._clock.now_ns(), self._limits)
        self._replica.extend([None])
        self.role, self.leader, self._lead = Role.LEADER, self.name, lead
        if self._peers:
            self._alarm.set(self._heartbeat_ns)
        self._share()

    def _follow(self, leader: str | None) -> None:
        """Be a follower; a leader that was deposed answers all who wait."""
        self.role, self.leader = Role.FOLLOWER, leader
        if self._lead:
            self._lead = None
            self._pending.give_up(leader)
            self._put_off_election()

    def _heed(self, leader: str) -> None:
        """Hear from the leader of our term."""
        assert self.role is not Role.LEADER, f"{leader} and {self.name} lead in term {self.term}"
        self._follow(leader)
        self._heard_ns = self._clock.now_ns()
        self._put_off_election()

    def _share(self) -> None:
        """Send what is new to everybody who waits for nothing, and count who has it."""
        assert self._lead
        self._tell(filter(self._lead.has_news, self._peers))
        self._replica.commit(self._lead.commit(self.commit_index))
        self._begin_round()

    def _tell(self, peers: Iterable[str]) -> None:
        assert self._lead
        for peer in peers:
            self._send(peer, self._lead.message_for(peer, self.commit_index))

    def _begin_round(self) -> None:
        """Let those who want to read wait for one round, if none is under way."""
        lead, pending = self._lead, self._pending
        # Until its own mark is committed, a leader does not know what else is.
        is_sure = self.journal.term_at(self.commit_index) == self.term
        if lead is None or not pending.asked or pending.in_round or not is_sure:
            return
        lead.beat += 1
        pending.begin_round(lead.beat)
        self._tell(self._peers)
        self._end_round()

    def _end_round(self) -> None:
        lead, pending = self._lead, self._pending
        if lead and pending.in_round and lead.round_answered() >= pending.round_beat:
            pending.end_round()
            self._begin_round()

    def _handle(self, source: str, message: Message) -> None:
        if isinstance(message, RequestVote):
            self._on_request_vote(source, message)
            return
        # A trial that is granted speaks of a term that has not begun.
        is_promise = isinstance(message, VoteReply) and message.is_trial and message.is_granted
        if message.term > self.term and not is_promise:
            self.journal.save(message.term, None)
            self._follow(None)
        match message:
            case VoteReply():
                self._on_vote_reply(source, message)
            case AppendEntries() | InstallSnapshot():
                self._on_leader(source, message)
            case AppendReply() | SnapshotReply():
                if self._lead and message.term == self.term:
                    self._on_reply(self._lead, source, message)

    def _on_request_vote(self, source: str, request: RequestVote) -> None:
        if request.is_trial:
            silence_ns = self._clock.now_ns() - self._heard_ns
            has_leader = self.leader is not None and silence_ns < self._election_timeout_ns
            reply = answer_trial(self.journal, request, has_leader=has_leader or bool(self._lead))
            self._send(source, reply)
            return
        before = self.term
        reply = answer_vote(self.journal, source, request)
        if self.term > before or reply.is_granted:
            self._follow(None)
        if reply.is_granted:
            self._put_off_election()
        self._send(source, reply)

    def _on_vote_reply(self, source: str, reply: VoteReply) -> None:
        asking = Role.PRE_CANDIDATE if reply.is_trial else Role.CANDIDATE
        term = self.term + 1 if reply.is_trial else self.term
        if reply.is_granted and self.role is asking and reply.term == term:
            self._count_vote(source)

    def _on_leader(self, source: str, message: AppendEntries | InstallSnapshot) -> None:
        if message.term < self.term:
            self._send(source, AppendReply(self.term, message.beat, False, 0))
            return
        self._heed(source)
        self._send(source, self._replica.take(message))

    def _on_reply(self, lead: Leadership, source: str, reply: AppendReply | SnapshotReply) -> None:
        lead.heard(source, reply, self._clock.now_ns())
        if isinstance(reply, SnapshotReply):
            lead.received(source, reply)
        elif reply.is_matched:
            lead.matched(source, reply.index)
        elif lead.refused(source, reply.index):
            lead.begin_snapshot(source, self.applied_index, self._replica.machine.snapshot())
        self._share()
        self._end_round()
