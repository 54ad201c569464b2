"""Who may lead: a member votes once a term, and only for a log that lacks nothing of its own.

    one vote a member and term      two majorities share a member, so a term has one leader at most
    only for a log at least as      a committed entry is on a majority, so every majority has a
    far as the voter's own          voter who refuses a candidate without it

Invariant: a vote is on disk before it is given. A member that crashes and forgets whom it voted for
can make two leaders in one term. "As far" compares the *terms* of the last entries first, then the
lengths: a long log of an old leader, which nobody confirmed, must not win against a shorter, newer
one. One sync a vote at most. Source: Ongaro and Ousterhout, ATC 2014, sections 5.2 and 5.4.1.

Before it stands for election a member asks whether it would win (a trial, the *pre-vote*): so one
that was cut off comes back without pushing everybody's term up and the leader out of office.
Source: Ongaro's thesis (2014), section 9.6. Page: docs/chapters/raft.md
"""

from enum import StrEnum

from chapters.raft.journal import Journal
from chapters.raft.messages import RequestVote, VoteReply


class Role(StrEnum):
    """What a member is at present."""

    FOLLOWER = "follower"
    PRE_CANDIDATE = "pre-candidate"
    CANDIDATE = "candidate"
    LEADER = "leader"
    STOPPED = "stopped"


def answer_vote(journal: Journal, candidate: str, request: RequestVote) -> VoteReply:
    """Return the answer to `candidate`; a vote that is granted is on disk before this returns.

    A newer term is taken over, whether the vote is granted or not. Raises what the disk raises,
    and then nothing was promised.
    """
    if request.term < journal.term:
        return VoteReply(journal.term, False)
    vote = journal.vote if request.term == journal.term else None
    is_granted = vote in (None, candidate) and is_up_to_date(journal, request)
    journal.save(request.term, candidate if is_granted else vote)
    return VoteReply(journal.term, is_granted)


def is_up_to_date(journal: Journal, request: RequestVote) -> bool:
    """Return whether the candidate's log is at least as far as ours."""
    theirs = (request.last_term, request.last_index)
    return theirs >= (journal.last_term, journal.last_index)


def answer_trial(journal: Journal, request: RequestVote, *, has_leader: bool) -> VoteReply:
    """Return whether we would vote; nothing is promised by it, so nothing is written.

    Whoever hears from a leader refuses: there is no need for another one.
    """
    if request.term > journal.term and not has_leader and is_up_to_date(journal, request):
        return VoteReply(request.term, True, is_trial=True)
    return VoteReply(journal.term, False, is_trial=True)
