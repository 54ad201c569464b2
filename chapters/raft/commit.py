"""When an entry is safe for ever: a majority has it on disk, and the leader's own term backs it.

    index  1  2  3                1  2  3
    S1 ▲   1  2  4         S1 ▲   1  2  4         The numbers are terms; S1 leads in term 4.
    S2     1  2            S2     1  2  4         Left: entry 2 is on three of five and yet not
    S3     1  2            S3     1  2  4         safe. S5 may win with its term 3, and override it.
    S4     1               S4     1               Right: an entry of term 4 is on three; S5 finds no
    S5     1  3            S5     1  3            majority any more, so entries 2 and 3 are safe.

Invariant: the commit index never goes back, and what is at or below it is in every later leader's
log. So a leader counts members only for entries of its *own* term; older ones are committed along
with them. Source: Ongaro and Ousterhout, ATC 2014, sections 5.3, 5.4.2 and figure 8.
Page: docs/chapters/raft.md
"""

from collections.abc import Iterable

from chapters.raft.journal import Journal
from chapters.raft.messages import AppendEntries


def leader_commit(journal: Journal, matched: Iterable[int], commit_index: int) -> int:
    """Return the commit index of the leader whose journal this is; at least `commit_index`.

    `matched` says for every *other* member up to which index its log, on disk, equals the leader's.
    """
    ascending = sorted([journal.last_index, *matched])
    # All members from this one on have at least its index: that is the smallest majority.
    index = ascending[(len(ascending) - 1) // 2]
    if index > commit_index and journal.term_at(index) == journal.term:
        return index
    return commit_index


def follower_commit(request: AppendEntries, commit_index: int) -> int:
    """Return the commit index of a follower that has just matched `request`.

    The leader vouches for the log up to the last entry of this request. What stands behind it may
    be left over from somebody else, whatever the leader has committed at those indices.
    """
    vouched_for = request.previous_index + len(request.entries)
    return max(commit_index, min(request.commit_index, vouched_for))
