"""Devices that edit a playlist at random, mostly offline, over a network that loses and repeats.

Page: docs/spotify/playlists.md
"""

from dataclasses import dataclass
from random import Random

from chapters.errors import Refused
from spotify.playlists.playlist import (
    START,
    Add,
    Change,
    Edit,
    Entry,
    Move,
    Playlist,
    Remove,
    Rename,
)
from spotify.playlists.replica import Replica

LOST, REPEATED = 0.2, 0.2  # of messages
SYNCED = 0.3  # how often a device with something to do talks to the service


@dataclass(frozen=True, slots=True)
class Met:
    """What became of a schedule: every device's list, the service's, what was added, what was removed."""

    devices: tuple[tuple[str, ...], ...]
    service: tuple[str, ...]
    added: frozenset[str]
    removed: frozenset[str]
    edits: int

    @property
    def has_converged(self) -> bool:
        """Return whether all show the same."""
        return all(device == self.service for device in self.devices)

    @property
    def has_kept_all(self) -> bool:
        """Return whether what was added, and by nobody removed, is there."""
        return set(self.service) == self.added - self.removed


def schedule(rng: Random, devices: int = 3, edits: int = 12) -> Met:
    """Let devices edit and talk in a random order; then let all of them talk to the end."""
    service, log = Playlist(), list[Edit]()
    replicas = [Replica(f"device-{number}") for number in range(devices)]
    made = 0
    while made < edits:
        replica = rng.choice(replicas)
        if rng.random() < SYNCED:
            _talk(replica, service, log, rng)
        else:
            replica.edit(_change(replica, rng))
            made += 1
    for _ in range(2):
        for replica in replicas:
            _talk(replica, service, log, None)
    added = frozenset(
        e.id for each in log if isinstance(each.change, Add) for e in each.change.entries
    )
    gone = frozenset(
        id for each in log if isinstance(each.change, Remove) for id in each.change.ids
    )
    shown = tuple(tuple(entry.id for entry in replica.entries) for replica in replicas)
    service.check()
    return Met(shown, tuple(entry.id for entry in service.entries), added, gone, len(log))


def _talk(replica: Replica, service: Playlist, log: list[Edit], rng: Random | None) -> None:
    """Send what is pending, and hear what is new; with a generator, messages are lost and repeated."""
    for edit in list(replica.pending):
        if rng and rng.random() < LOST:
            break  # what follows would not arrive before it either
        for _ in range(2 if rng and rng.random() < REPEATED else 1):
            if not service.has_seen(edit.id):
                try:
                    service.apply(edit)
                except Refused:
                    break
                log.append(edit)
    if rng and rng.random() < LOST:
        return
    first = max(0, replica.revision - (rng.randrange(3) if rng else 0))
    replica.hear(first, log[first:])


def _change(replica: Replica, rng: Random) -> Change:
    ids = [entry.id for entry in replica.entries]
    after = rng.choice([START, *ids])
    drawn = rng.random()
    if not ids or drawn < 0.5:
        id = f"{rng.getrandbits(64):016x}"
        return Add((Entry(id, f"track-{rng.randrange(9)}", replica.name, 0),), after)
    if drawn < 0.7:
        return Remove(tuple(rng.sample(ids, min(len(ids), rng.randrange(1, 3)))))
    if drawn < 0.95:
        return Move(tuple(rng.sample(ids, min(len(ids), rng.randrange(1, 4)))), after)
    return Rename(f"name {rng.randrange(100)}")
