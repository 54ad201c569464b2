"""A resource that remembers the highest epoch it has seen, and refuses lower ones.

    ada, epoch 1 ──write──┐ (ada sleeps)                          ┌──► arrives, epoch 1 < 2: Fenced
    ben, epoch 2 ─────────┼──────── read ─► seen: 2 ─── write ─►──┘

No clock is asked, and no holder is believed. That is why this holds where a lease alone cannot:
between a holder's last look at its clock and the arrival of its write any time may pass. Invariant:
once an epoch was let through, no lower one is, for ever.

For ever includes restarts: whoever keeps the resource keeps `highest` with it, in the same write. And
a new holder has to show its epoch before it relies on what it reads; until then the old one's writes
are still let through, in good order. Source: Kleppmann, "How to do distributed locking", 2016;
Burrows, "The Chubby lock service", OSDI 2006, calls the epoch a sequencer.
Page: docs/chapters/lease.md
"""

from chapters.lease.errors import Fenced


class Fence:
    """The highest epoch seen by one resource."""

    def __init__(self, highest: int = 0) -> None:
        self.highest = highest

    def check(self, epoch: int) -> None:
        """Let `epoch` through and remember it. Raises `Fenced` if a higher one was seen."""
        if epoch < self.highest:
            raise Fenced(
                f"epoch {epoch} is over, {self.highest} was seen: stop, and acquire the lease anew"
            )
        self.highest = epoch
