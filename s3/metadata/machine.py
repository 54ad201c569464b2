"""The state machine that every metadata replica runs: transactions in log order, over an LSM tree.

    log:  … [7: o/photos␀a := …, if absent] [8: …]  ──►  apply  ──►  Tree  ──►  get, scan

Invariant: `apply` depends on the tree and the command alone, so replicas that have applied the same
log hold the same keys, and give the same verdict on every guard. Cost: a get a guard, an insert a
write. Page: docs/s3/metadata.md
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice

from chapters.lsm import Tree
from s3.metadata.transaction import Entry, Transaction

CHUNK_ENTRIES = 200  # of a snapshot: some 100 KB
_NOBODY_ELSE: AbstractContextManager[object] = nullcontext()

DONE, CONFLICT = "done", "conflict"


class Machine:
    """An ordered key space that changes by transactions only.

    `guard` is held while the tree is touched: readers wait for an apply, not for the sync before it.
    """

    def __init__(self, tree: Tree, guard: AbstractContextManager[object] = _NOBODY_ELSE) -> None:
        self._tree = tree
        self._guard = guard

    @property
    def applied(self) -> int:
        """The log index of the last transaction that was applied."""
        return self._tree.applied

    @property
    def flushed(self) -> int:
        """Up to this index the tree's own files hold everything: the log may be dropped."""
        return self._tree.flushed

    def apply(self, index: int, command: bytes) -> str:
        """Return `DONE`, or `CONFLICT` if something that must hold does not."""
        transaction = Transaction.decode(command)
        with self._guard:
            holds = self._holds(transaction)
            self._tree.apply(index, list(transaction.writes.items()) if holds else [])
        return DONE if holds else CONFLICT

    def _holds(self, transaction: Transaction) -> bool:
        return all(
            self._tree.get(key) == value for key, value in transaction.guards.items()
        ) and not any(self._tree.scan(*each, limit=1) for each in transaction.empty)

    def get(self, key: bytes) -> bytes | None:
        """Return the value of `key`, or None."""
        with self._guard:
            return self._tree.get(key)

    def scan(self, start: bytes, stop: bytes, limit: int, *, reverse: bool = False) -> list[Entry]:
        """Return up to `limit` entries of [start, stop), in order."""
        with self._guard:
            return self._tree.scan(start, stop, limit=limit, reverse=reverse)

    def snapshot(self) -> Iterator[bytes]:
        """Yield the whole content in chunks, as of now, for a replica that is too far behind."""
        with self._guard:
            entries = self._tree.dump()
        return _chunks(entries)

    def restore(self, index: int, chunks: Iterable[bytes]) -> None:
        """Become what `snapshot` of another replica yielded, as of log index `index`."""
        with self._guard:
            self._tree.replace(index, _entries(chunks))


def _chunks(entries: Iterator[Entry]) -> Iterator[bytes]:
    """Pack entries into chunks that are whole transactions of writes alone."""
    while page := dict(islice(entries, CHUNK_ENTRIES)):
        yield Transaction(page).encode()


def _entries(chunks: Iterable[bytes]) -> Iterator[Entry]:
    for chunk in chunks:
        for key, value in Transaction.decode(chunk).writes.items():
            assert value is not None, "a snapshot has no deletions"
            yield key, value
