"""Who had to do with what, and when; and how to cut that in two without looking into the future.

    ada    ●──●─────●──●──●─●──┊──●──●      earlier: what a model may learn from
    ben       ●──●─●───────●───┊──●         later:   what it must foretell
    time ─────────────────────►

A rating, a play, an order: that there was one is all that counts here ("implicit feedback"), not how many
stars. Invariant: a pair of user and item is there once, with its first time; earlier and later have no
pair in common, and each user's later ones come after the earlier ones.
Page: docs/chapters/recommend.md
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from chapters.errors import UsageError
from chapters.recommend.errors import BadInteractions

Ints = NDArray[np.int64]
FIELDS_MIN = 2


@dataclass(frozen=True, slots=True)
class Interactions:
    """Pairs as parallel arrays, in the order of time; users and items are numbered from 0."""

    users: Ints
    items: Ints
    times: Ints
    user_count: int
    item_count: int

    def __len__(self) -> int:
        return len(self.users)

    def matrix(self) -> csr_array:
        """Return users × items, 1 where there was something, else 0."""
        ones = np.ones(len(self), dtype=np.float64)
        return csr_array((ones, (self.users, self.items)), shape=(self.user_count, self.item_count))

    def only(self, chosen: NDArray[np.bool_]) -> "Interactions":
        """Return those where `chosen` is true, of the same users and items."""
        kept = self.users[chosen], self.items[chosen], self.times[chosen]
        return Interactions(*kept, self.user_count, self.item_count)


def gather(triples: list[tuple[str, str, int]]) -> Interactions:
    """Return (user, item, time) triples as interactions, users and items numbered as they appear.

    Raises `BadInteractions` when there are none.
    """
    if not triples:
        raise BadInteractions("there are no interactions: nothing to learn from")
    users: dict[str, int] = {}
    items: dict[str, int] = {}
    first: dict[tuple[int, int], int] = {}
    for user, item, time in triples:
        pair = users.setdefault(user, len(users)), items.setdefault(item, len(items))
        first[pair] = min(time, first.get(pair, time))
    rows = sorted((time, user, item) for (user, item), time in first.items())
    times, own, what = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return Interactions(own, what, times, len(users), len(items))


def split_by_time(data: Interactions, share: float) -> tuple[Interactions, Interactions]:
    """Return the earlier part, and the last `share` of each user's, at least one of two or more.

    Raises `UsageError` for a share that is not between 0 and 1.
    """
    _check(share)
    order = np.lexsort((np.arange(len(data)), data.users))  # by user; within, as they are: by time
    counts = np.bincount(data.users, minlength=data.user_count)
    place = np.arange(len(data)) - np.repeat(np.cumsum(counts) - counts, counts)
    late = np.where(counts > 1, np.maximum(1, np.floor(share * counts)), 0)
    is_later = np.zeros(len(data), dtype=np.bool_)
    is_later[order] = place >= np.repeat(counts - late, counts)
    return data.only(~is_later), data.only(is_later)


def split_at_random(
    data: Interactions, share: float, rng: np.random.Generator
) -> tuple[Interactions, Interactions]:
    """Return a part to learn from and a part to foretell, drawn by lot: which knows the future."""
    _check(share)
    is_later = rng.random(len(data)) < share
    return data.only(~is_later), data.only(is_later)


def read(path: Path) -> Interactions:
    """Return what is in a table of user, item and perhaps more, the time last, after a line of names.

    Columns are separated by tabs. Raises `BadInteractions` and `OSError`.
    """
    triples = []
    for number, line in enumerate(path.read_text("utf-8").splitlines()[1:], 2):
        fields = line.split("\t")
        try:
            time = int(float(fields[-1])) if len(fields) > FIELDS_MIN else number
            triples.append((fields[0], fields[1], time))
        except (ValueError, IndexError, OverflowError):
            said = f"{path.name}, line {number}: {line[:60]!r}"
            raise BadInteractions(
                f"{said}; it must be user, item, …, time, with tabs between"
            ) from None
    return gather(triples)


def _check(share: float) -> None:
    if not 0 < share < 1:
        raise UsageError(f"share is {share:g}; it must be above 0 and below 1")
