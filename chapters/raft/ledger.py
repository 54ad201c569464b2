"""The state machine of the simulations: a list of names, each in it once, in the order of the log.

It is the simplest object that shows every mistake: a lost write leaves a gap, a doubled one shifts
all behind it, and a stale read is shorter than somebody knows it to be. Repeating a command gives
its first result again, as a client that heard nothing may ask twice (Ongaro's thesis, section 6.3).
Page: docs/chapters/raft.md
"""

from collections.abc import Callable, Iterable

from chapters.sim.disk import Disk, replace

FILE = "ledger"
NAMES_A_CHUNK = 5  # small on purpose, so that a snapshot takes several


class Ledger:
    """A list of names on a disk; it saves itself after every `flush_every` commands."""

    def __init__(
        self,
        *,
        disk: Disk,
        flush_every: int = 20,
        on_apply: Callable[[int, bytes], None] = lambda index, command: None,
    ) -> None:
        self._disk = disk
        self._flush_every = flush_every
        self._on_apply = on_apply
        self.names: list[bytes] = []
        self.applied = 0
        if FILE in disk.names(FILE):
            applied, *self.names = disk.read(FILE).splitlines()
            self.applied = int(applied)
        self.flushed = self.applied
        self._places = {name: place for place, name in enumerate(self.names, 1)}

    def apply(self, index: int, command: bytes) -> int:
        """Return the place of `command` in the list, at its end unless it is there already."""
        assert index > self.applied, (index, self.applied)
        self._on_apply(index, command)
        if command not in self._places:
            self.names.append(command)
            self._places[command] = len(self.names)
        self.applied = index
        if index - self.flushed >= self._flush_every:
            self._flush()
        return self._places[command]

    def snapshot(self) -> Iterable[bytes]:
        """Return the list as it is now, some names to a chunk."""
        names = tuple(self.names)
        return (
            b"\n".join(names[start : start + NAMES_A_CHUNK])
            for start in range(0, len(names), NAMES_A_CHUNK)
        )

    def restore(self, index: int, chunks: Iterable[bytes]) -> None:
        """Be the list that `chunks` hold, and keep it."""
        self.names = [name for chunk in chunks for name in chunk.split(b"\n") if name]
        self._places = {name: place for place, name in enumerate(self.names, 1)}
        self.applied = index
        self._flush()

    def _flush(self) -> None:
        replace(self._disk, FILE, b"\n".join([b"%d" % self.applied, *self.names]))
        self.flushed = self.applied
