"""When an order may be acknowledged: once every disk that counts has it.

    disks that count   a, b          held   a: 57   b: 54   c: 31        acknowledged: up to 54
    b is silent; the giver is asked to record that only a counts
    until it has       a, b                 a: 60   b: 54                still up to 54
    it has             a                    a: 60                        up to 60, on one disk: degraded

The set that counts is on record with the giver of the lease, who gives it to nobody else's machine. So
whoever is primary next has all that was acknowledged, whatever any clock says. Invariants: `committed`
never falls; a disk that may be on record must hold an order before that is acknowledged.
Source: the in-sync replicas of Kafka; the mirroring of databases with a witness.
Page: docs/exchange/standby.md
"""

from collections.abc import Iterable


class Copies:
    """A primary's view of the disks: which of them count, and what each of them holds."""

    def __init__(self, own: str, recorded: Iterable[str], *, copies_min: int = 1) -> None:
        self.own = own
        self.recorded = frozenset(recorded) | {own}
        self.version = 0  # of the last proposal
        self.wanted = self.recorded  # what that wants on record
        self.committed = 0
        self._copies_min = copies_min
        self._doubtful: frozenset[str] = frozenset()  # proposed, and nobody knows if recorded
        # Nearly up to date: nothing goes on without them.
        self._awaited: frozenset[str] = frozenset()
        self._held: dict[str, int] = {}

    @property
    def counting(self) -> frozenset[str]:
        """The disks that must hold an order: any that is on record, may be, or soon shall be."""
        return self.recorded | self._doubtful | self._awaited

    @property
    def is_settled(self) -> bool:
        """Whether the giver has answered the last proposal."""
        return not self._doubtful

    def held(self, disk: str) -> int:
        """Return up to which record `disk` has said that it has all of ours."""
        return self._held.get(disk, 0)

    def copies(self, sequence: int) -> int:
        """Return on how many of the disks that count, and shall go on counting, record `sequence` is."""
        return sum(self.held(disk) >= sequence for disk in self.recorded & self.wanted)

    def hold(self, disk: str, up_to: int) -> int:
        """Note what `disk` has on it; return up to where orders may be acknowledged now."""
        self._held[disk] = max(up_to, self.held(disk))
        return self._advance()

    def forget(self, disk: str) -> None:
        """Note that nothing is known of `disk` any more."""
        self._held.pop(disk, None)

    def wait_for(self, disk: str) -> None:
        """Acknowledge nothing any more that `disk` lacks, so that it can come up to date."""
        self._awaited |= {disk}

    def give_up_on(self, disks: Iterable[str]) -> int:
        """Wait no longer for those that were never proposed; return what may be acknowledged now."""
        self._awaited -= frozenset(disks)
        return self._advance()

    def may_join(self, disk: str) -> bool:
        """Return whether `disk` has all that was acknowledged, so that it could be on record."""
        return self.held(disk) >= self.committed

    def propose(self, disks: Iterable[str]) -> int:
        """Want `disks` on record; return the proposal's version. They count at once, as may all others."""
        self.wanted = frozenset(disks)
        assert all(disk in self.recorded or self.may_join(disk) for disk in self.wanted)
        self._doubtful |= self.wanted
        self._awaited -= self.wanted
        self.version += 1
        return self.version

    def on_record(self, version: int, disks: Iterable[str]) -> int:
        """Note the giver's answer; return up to where orders may be acknowledged now.

        An answer to a proposal that is not the last one settles nothing: the last may be recorded, or not.
        """
        if version == self.version:
            self.recorded, self._doubtful = frozenset(disks), frozenset()
        return self._advance()

    def _advance(self) -> int:
        """Return up to where every disk that counts has the records; less is never returned."""
        if len(self.counting) >= self._copies_min:
            everywhere = min(self.held(disk) for disk in self.counting)
            self.committed = max(self.committed, everywhere)
        return self.committed
