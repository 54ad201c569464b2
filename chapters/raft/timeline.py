"""A run of a group as a picture: one row a member, one column a moment, its term and its role.

    a  11111✘✘✘✘✘✘✘✘✘✘✘✘2222222     a digit: follows, in that term (its last digit)
    b  11111111111111?▲▲▲▲▲▲▲▲▲     ▲ leads   ? stands for election   ✘ dead
    c  ▲▲▲▲▲▲▲▲✘✘✘✘✘✘✘✘22222222     · has not heard of any term yet

Page: docs/chapters/raft.md
"""

from itertools import pairwise

from chapters.raft.cluster import Cluster
from chapters.raft.election import Role
from chapters.sim.clock import MS, spell

COLUMN_NS = 40 * MS
MARKS = {Role.LEADER: "▲", Role.CANDIDATE: "?", Role.PRE_CANDIDATE: "?", Role.STOPPED: "✘"}


class Timeline:
    """Looks at a cluster every `COLUMN_NS`, and notes who leads."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._rows: dict[str, list[str]] = {name: [] for name in cluster.members}
        self._acknowledged: list[int] = []
        self._leaders: set[tuple[int, str]] = set()
        self._look()

    def lines(self) -> list[str]:
        """Return the picture: the members, and the writes acknowledged meanwhile."""
        width = max(map(len, self._rows))
        rows = [f"  {name:{width}}  {''.join(marks)}" for name, marks in self._rows.items()]
        return [*rows, f"  {'✔':{width}}  {''.join(map(_tally, self._acknowledged_by_column()))}"]

    def _look(self) -> None:
        running = self._cluster.running()
        for name, row in self._rows.items():
            row.append("✘" if name not in running else self._mark(name))
        self._acknowledged.append(len(self._cluster.acknowledged()))
        self._cluster.simulation.clock.call_later(COLUMN_NS, self._look)

    def _mark(self, name: str) -> str:
        raft = self._cluster.rafts[name]
        if raft.role is Role.LEADER and (raft.term, name) not in self._leaders:
            self._leaders.add((raft.term, name))
            self._cluster.simulation.record(f"{name} leads in term {raft.term}")
        return MARKS.get(raft.role, str(raft.term % 10) if raft.term else "·")

    def _acknowledged_by_column(self) -> list[int]:
        before = [0, *self._acknowledged]
        return [after - before[place] for place, after in enumerate(self._acknowledged)]


def _tally(count: int) -> str:
    return "·" if count == 0 else str(min(count, 9))


def longest_silence(cluster: Cluster) -> str:
    """Return the longest time between two acknowledged writes."""
    ends = [each.end_ns for each in cluster.acknowledged() if each.end_ns is not None]
    gaps = [after - before for before, after in pairwise(ends)]
    return spell(max(gaps, default=0))
