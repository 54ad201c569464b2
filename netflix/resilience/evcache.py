"""A cache with a whole copy in each zone: read next door, write everywhere, miss no zone.

    zone a   [n1 n2 n3]        get: own zone's node for the key ──► else the other zones', and put it back
    zone b   [n1 n2 n3]        set: one node in every zone; a zone that does not answer is owed the write
    zone c   [n1 n2 n3]        back again: what it is owed is delivered first, then it is read

Invariants: a zone that is owed a write of a key never answers with an older one; of two writes the one
with the higher version stays, wherever and whenever they arrive. What is owed is bounded: beyond OWED_MAX
the zone is emptied instead, since nothing in a cache is the only copy. Source: Netflix, "Ephemeral Volatile
Caching in the Cloud", 2013, and "Caching for a Global Netflix", 2016. Page: docs/netflix/evcache.md
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from chapters.consistent_hashing.ring import Ring
from chapters.sim.clock import Clock
from netflix.errors import Unreachable

OWED_MAX = 10_000  # keys, for each zone
VNODES = 32


@dataclass(frozen=True, slots=True)
class Entry:
    """A value, which write it is from, and until when it is good, in nanoseconds."""

    value: bytes
    version: int
    until_ns: int


class Node:
    """A machine with memory. What it has is gone when it is restarted."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.is_up = True

    def read(self, key: str, now_ns: int) -> Entry | None:
        """Return what is here and still good. Raises `Unreachable`."""
        self._must_answer()
        entry = self.entries.get(key)
        return entry if entry and entry.until_ns > now_ns else None

    def write(self, key: str, entry: Entry) -> None:
        """Keep a value, unless a later one is here. Raises `Unreachable`."""
        self._must_answer()
        here = self.entries.get(key)
        if here is None or here.version < entry.version:
            self.entries[key] = entry

    def _must_answer(self) -> None:
        if not self.is_up:
            raise Unreachable("the node does not answer; ask another zone")


class EvCache:
    """Zones of nodes, as a client sees them."""

    def __init__(self, zones: Mapping[str, Sequence[str]], *, clock: Clock) -> None:
        self._clock = clock
        self.nodes = {zone: {name: Node() for name in names} for zone, names in zones.items()}
        self._rings = {zone: Ring(names, VNODES) for zone, names in zones.items()}
        self.owed: dict[str, dict[str, Entry]] = {zone: {} for zone in zones}
        self.hits = self.from_afar = self.misses = 0

    def set(self, key: str, value: bytes, version: int, ttl_ns: int) -> int:
        """Write to every zone; return how many have it now. Those that do not are owed it."""
        entry = Entry(value, version, self._clock.now_ns() + ttl_ns)
        return sum(self._write(zone, key, entry) for zone in self.nodes)

    def get(self, key: str, zone: str) -> bytes | None:
        """Return the value for a client in `zone`: from there, else from another, else None.

        What was found elsewhere is put into the client's own zone.
        """
        others = [each for each in self.nodes if each != zone]
        for each in (zone, *others):
            entry = self._read(each, key)
            if entry is None:
                continue
            if each == zone:
                self.hits += 1
            else:
                self.from_afar += 1
                with suppress(Unreachable):
                    self.node(zone, key).write(key, entry)
            return entry.value
        self.misses += 1
        return None

    def node(self, zone: str, key: str) -> Node:
        """Return the node of a zone that a key belongs to."""
        return self.nodes[zone][self._rings[zone].owner(key.encode())]

    def settle(self, zone: str) -> None:
        """Deliver to a zone what it is owed, as far as its nodes answer."""
        for key, entry in list(self.owed[zone].items()):
            try:
                self.node(zone, key).write(key, entry)
            except Unreachable:
                continue
            del self.owed[zone][key]

    def warm(self, zone: str, source: str) -> int:
        """Copy what `source` has into a zone that came back empty; return how many keys."""
        now_ns, copied = self._clock.now_ns(), 0
        for node in self.nodes[source].values():
            for key, entry in node.entries.items():
                if entry.until_ns > now_ns:
                    copied += self._write(zone, key, entry)
        return copied

    def _read(self, zone: str, key: str) -> Entry | None:
        """A zone's word on a key; None where it has none, does not answer, or may have an older one."""
        try:
            if key in self.owed[zone]:
                self.node(zone, key).write(key, self.owed[zone][key])
                del self.owed[zone][key]
            return self.node(zone, key).read(key, self._clock.now_ns())
        except Unreachable:
            return None

    def _write(self, zone: str, key: str, entry: Entry) -> bool:
        try:
            self.node(zone, key).write(key, entry)
        except Unreachable:
            self._owe(zone, key, entry)
            return False
        return True

    def _owe(self, zone: str, key: str, entry: Entry) -> None:
        owed = self.owed[zone]
        if key not in owed or owed[key].version < entry.version:
            owed[key] = entry
        if len(owed) > OWED_MAX:
            owed.clear()
            for node in self.nodes[zone].values():
                node.entries.clear()
