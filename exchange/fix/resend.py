"""What to send again, when the other side asks for messages that it has missed.

    sent:  1 logon · 2 heartbeat · 3 report · 4 report · 5 heartbeat · 6 heartbeat · 7 report
    asked for 1 to ∞:    gap fill 1 ─► 3 │ 3 again │ 4 again │ gap fill 5 ─► 7 │ 7 again

A heartbeat of an hour ago tells nothing, and a logon sent again would do harm. So of the session's own
messages only the numbers are filled, a run of them with one SequenceReset-GapFill. Orders and reports are
sent as they were, marked as possible duplicates. Invariant: the steps cover the numbers asked for without
a hole, and none twice. Cost: O(numbers asked for). Source: FIX 4.4, volume 2, "Resend request".
Page: docs/exchange/fix.md
"""

from collections.abc import Container
from typing import NamedTuple


class Again(NamedTuple):
    """Send message `number` once more."""

    number: int


class Fill(NamedTuple):
    """Say, as message `number`, that the next one is `following`."""

    number: int
    following: int


def plan(sent: Container[int], first: int, last: int) -> list[Again | Fill]:
    """Return the steps that answer a request for `first` to `last`; `sent` are what can be sent again."""
    steps: list[Again | Fill] = []
    start = first  # of the run that is to be filled
    for number in range(first, last + 1):
        if number in sent:
            if start < number:
                steps.append(Fill(start, number))
            steps.append(Again(number))
            start = number + 1
    if start <= last:
        steps.append(Fill(start, last + 1))
    return steps


def demo() -> None:
    """Seven messages, of which three are worth sending again."""
    for step in plan({3, 4, 7}, first=1, last=7):
        print(step)
