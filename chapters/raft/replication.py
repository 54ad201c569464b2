"""A follower takes entries only if what stands before them is the leader's, too.

    leader      1  1  1  4  4  5  5  6  6  6           figure 7 of the paper
    follower    1  1  1  4  4  5  5  6  6              (a) lacks one: matched, appended
    follower    1  1  1  4  4  4  4                    (e) index 6 differs: refused, "try after 5"

Invariant (log matching): two logs with an entry of the same index and term are equal up to there.
By induction: the check below demands it of the entry before, and a leader puts one entry only at an
index. Entries are taken away only where they *differ*: a request that was overtaken must not cut off
what a later one brought. Source: Ongaro and Ousterhout, ATC 2014, section 5.3.
Page: docs/chapters/raft.md
"""

from chapters.raft.journal import Journal
from chapters.raft.messages import AppendEntries, AppendReply


def accept(journal: Journal, request: AppendEntries, commit_index: int) -> AppendReply:
    """Return the answer to a leader of our term; what it says is matched is on disk."""
    if not journal.holds(request.previous_index, request.previous_term):
        hint = _try_after(journal, request.previous_index, commit_index)
        return AppendReply(journal.term, request.beat, False, hint)
    for place, entry in enumerate(request.entries):
        if not journal.holds(entry.index, entry.term):
            assert entry.index > commit_index, f"entry {entry.index} was committed and differs"
            journal.append(request.entries[place:])
            break
    vouched_for = request.previous_index + len(request.entries)
    return AppendReply(journal.term, request.beat, True, vouched_for)


def _try_after(journal: Journal, previous_index: int, commit_index: int) -> int:
    """Return where both logs may still agree: before all of the term that stands in the way."""
    if previous_index > journal.last_index:
        return journal.last_index
    wrong_term, index = journal.term_at(previous_index), previous_index - 1
    while index > commit_index and journal.term_at(index) == wrong_term:
        index -= 1
    return index
