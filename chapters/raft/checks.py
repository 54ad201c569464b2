"""What Raft's exercises check: single questions, then crashes, then a whole group in bad weather.

Page: docs/chapters/raft.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.raft.commit import follower_commit, leader_commit
from chapters.raft.election import answer_vote
from chapters.raft.journal import Journal
from chapters.raft.messages import AppendEntries, Entry, RequestVote
from chapters.raft.replication import accept
from chapters.raft.weather import FAIR, survive
from chapters.sim.clock import S
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed
from chapters.sim.faults import Schedule

VOTER_LOG = [1, 1, 2, 2, 4]  # the terms of the voter's entries
MEMBERS = "ABCDE"


def journal_of(disk: SimDisk, terms: list[int], term: int, vote: str | None = None) -> Journal:
    """Return a journal with entries of these terms, in `term`, having voted for `vote`."""
    journal = Journal(disk=disk)
    if terms:
        journal.append([Entry(index, each, b"") for index, each in enumerate(terms, 1)])
    journal.save(term, vote)
    return journal


def votes(terms: list[int], term: int, voted: str | None, asked: list[list[int | str]]) -> JSON:
    """Ask a member with this log for votes, one after another: name, term, last index, its term.

    Returns for every answer: granted or not, the reply's term, and the vote that is held then.
    """
    journal = journal_of(SimDisk(rng=Random(7)), terms, term, voted)
    answers = []
    for name, wanted, index, last_term in asked:
        request = RequestVote(int(wanted), int(index), int(last_term))
        reply = answer_vote(journal, str(name), request)
        answers.append([reply.is_granted, reply.term, journal.vote])
    return answers


def logs_compared(rng: Random) -> Iterator[Case]:
    longer = (rng.randint(6, 20), 3)
    for index, last_term in ((3, 2), (5, 3), longer, (4, 4), (5, 4), (6, 4), (2, 5)):
        yield VOTER_LOG, 5, None, [["A", 6, index, last_term]]
    yield [], 0, None, [["A", 1, 0, 0]]
    for _ in range(3):
        terms: list[JSON] = [*sorted(rng.choices(range(1, 6), k=rng.randint(1, 6)))]
        yield terms, 6, None, [["A", 7, rng.randint(1, 7), rng.randint(1, 6)]]


def votes_a_term(rng: Random) -> Iterator[Case]:
    one, other = rng.sample(MEMBERS, 2)
    last = rng.randint(5, 9)
    yield VOTER_LOG, 5, None, [[one, 6, last, 4], [other, 6, last + 1, 4]]
    yield VOTER_LOG, 5, None, [[one, 6, last, 4], [one, 6, last, 4]]
    yield VOTER_LOG, 5, None, [[one, 6, last, 4], [other, 7, last, 4]]
    yield VOTER_LOG, 5, one, [[other, 5, last, 4], [one, 5, last, 4]]
    yield VOTER_LOG, 5, one, [[other, 4, last, 4], [other, rng.randint(1, 3), last, 4]]
    yield VOTER_LOG, 5, None, [[one, 8, 3, 2], [other, 8, last, 4], [one, 7, last, 4]]
    yield VOTER_LOG, 5, one, [[other, 9, 3, 2], [one, 9, last, 4]]


def votes_through_crash(write: int, term: int, seed: str) -> JSON:
    """Ask for two votes of one term, the power failing between them or at a write of the first.

    Returns who may believe that this member voted for them; one at most.
    """
    disk = SimDisk(rng=Random(seed))
    journal = journal_of(disk, VOTER_LOG, 5)
    disk.crash_after(write)
    believers = []
    try:
        if answer_vote(journal, "A", RequestVote(term, 5, 4)).is_granted:
            believers.append("A")
    except Crashed:
        pass
    disk.crash()
    again = Journal(disk=disk)
    if answer_vote(again, "B", RequestVote(term, 6, 4)).is_granted:
        believers.append("B")
    return len(believers) <= 1 and again.term == term


def crashes(rng: Random) -> Iterator[Case]:
    for write in (0, 1, 2, 5, 5, 5, 5):
        yield write, rng.randint(6, 9), f"{rng.random():.6f}"


def group_survives(seed: int, count: int, schedule: str) -> JSON:
    """Run a whole group with clients through these faults; return which promise it broke."""
    weather = FAIR.lasting(S)
    cluster = survive(seed, count=count, weather=weather, schedule=Schedule.parse(schedule))
    return cluster.broken[:1] or "every promise kept"


def groups(rng: Random) -> Iterator[Case]:
    for count in (3, 5):
        seed = rng.randrange(1_000_000)
        faults = FAIR.lasting(S).schedule(seed, MEMBERS.lower()[:count])
        yield seed, count, str(faults)


def commits(terms: list[int], term: int, matched: list[int], commit_index: int) -> JSON:
    """Return how far a leader of `term` with this log may commit."""
    return leader_commit(journal_of(SimDisk(rng=Random(7)), terms, term), matched, commit_index)


def majorities(rng: Random) -> Iterator[Case]:
    term = rng.randint(1, 4)
    log: list[JSON] = [term] * 9
    for others in (4, 2, 3, 1, 2, 3, 4):
        matched: list[JSON] = [*rng.sample(range(1, 9), others)]
        yield log, term, matched, 0
    yield log, term, [], 0
    yield log, term, [9, 0, 0], 0
    yield log, term, [7, 7, 0, 0], 5
    yield log, term, [0, 0], 0


def own_terms(rng: Random) -> Iterator[Case]:
    yield [1, 2, 4], 4, [2, 2, 1, 1], 1  # figure 8 (c): a majority has entry 2, of an old term
    yield [1, 2, 4], 4, [3, 3, 1, 1], 1  # figure 8 (e)
    for _ in range(6):
        old = rng.randint(2, 5)
        log: list[JSON] = [1, *[2] * old, *[4] * 3]
        yield log, 4, [rng.randint(2, old + 1), rng.randint(old, old + 4)], 1
    yield [1, 1, 1], 3, [3, 3], 2


def figure_8(first_reach: int, seed: str) -> JSON:
    """Play figure 8 of the paper; return what was committed, and what took its place.

    S1 leads in term 4 and has copied entry 2, of term 2, to `first_reach` others. It crashes, and
    S5, whose entry 2 is of term 3, asks all for their votes and brings them its log.
    """
    logs = [[1, 2, 4], *([1, 2] if place <= first_reach else [1] for place in (1, 2, 3)), [1, 3]]
    journals = [journal_of(SimDisk(rng=Random(seed)), log, 4) for log in logs]
    s1, *others = journals
    committed = leader_commit(s1, [len(log) for log in logs[1:4]] + [1], 1)
    kept = [s1.term_at(index) for index in range(1, committed + 1)]
    s5 = journals[4]
    s5.save(5, "S5")
    granted = [answer_vote(each, "S5", RequestVote(5, 2, 3)).is_granted for each in others[:3]]
    if sum(granted) + 1 >= 3:
        for each in others[:3]:
            accept(each, AppendEntries(5, 0, 1, 1, 1, s5.entries(2, 9, 9999)), 1)
    now = [others[0].term_at(index) for index in range(1, committed + 1)]
    return "what was committed stayed" if kept == now else f"committed {kept}, and later {now}"


def figures(rng: Random) -> Iterator[Case]:
    for reach in (2, 2, 3, 1):
        yield reach, f"{rng.random():.6f}"


def follows(previous_index: int, count: int, leader_commits: int, commit_index: int) -> JSON:
    """Return the commit index of a follower that matched a request of `count` entries."""
    entries = tuple(Entry(previous_index + place, 3, b"") for place in range(1, count + 1))
    request = AppendEntries(3, 0, previous_index, 3, leader_commits, entries)
    return follower_commit(request, commit_index)


def followers(rng: Random) -> Iterator[Case]:
    yield 5, 0, 9, 3
    yield 5, 2, 9, 3
    yield 5, 2, 6, 3
    yield 2, 1, 9, 7
    yield 5, 3, 1, 4
    for _ in range(5):
        yield rng.randint(3, 9), rng.randint(0, 4), rng.randint(0, 15), rng.randint(0, 8)


STAGES = {
    "vote": [
        Stage("a vote for a log that lacks nothing", logs_compared, votes),
        Stage("one vote a term, and no way back", votes_a_term, votes, needs=()),
        Stage("a vote outlives a crash", crashes, votes_through_crash, needs=(2,)),
        Stage("a group elects one leader a term", groups, group_survives, needs=(1, 2, 3)),
    ],
    "commit": [
        Stage("a majority has it", majorities, commits),
        Stage("and the leader's own term backs it", own_terms, commits),
        Stage("figure 8: nothing committed is overridden", figures, figure_8),
        Stage("a follower commits what the leader vouches for", followers, follows, needs=()),
        Stage("a group loses nothing", groups, group_survives, needs=(2, 4)),
    ],
}
