"""Mistakes put into a system on purpose, to see whether anybody notices: the test of a test.

    BROKEN = {"own-disk": Mistake("acknowledged on one disk", [Patch(Copies, "_advance", _own_disk)])}
    with making("own-disk", BROKEN): …        the system as it is, but for that one method

An invariant that has never caught anything may be unable to. So each mistake that somebody has made in
earnest is made again, and must be caught within so many seeds. Invariant: afterwards the system is as it
was, whatever was raised meanwhile. Source: mutation testing (DeMillo, Lipton & Sayward 1978).
Page: docs/chapters/sim.md
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

from chapters.errors import UsageError


class Patch(NamedTuple):
    """What is replaced: the attribute `name` of a class or module."""

    owner: Any
    name: str
    wrong: Any


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in a sentence, and what is replaced to make it."""

    said: str
    patches: Sequence[Patch]


@contextmanager
def making(name: str, known: Mapping[str, Mistake]) -> Iterator[None]:
    """Make the mistake of that name for a while; none for "". Raises `UsageError`, which says the names."""
    if name and name not in known:
        raise UsageError(f"mistake is {name!r:.40}; there are: {', '.join(known)}")
    patches = known[name].patches if name else ()
    right = [getattr(owner, attribute) for owner, attribute, _ in patches]
    try:
        for owner, attribute, wrong in patches:
            setattr(owner, attribute, wrong)
        yield
    finally:
        for (owner, attribute, _), value in zip(patches, right, strict=True):
            setattr(owner, attribute, value)


class Ended(Protocol):
    """How a run ended: what it broke, each line as `3: what happened`, by the invariant's number."""

    @property
    def broken(self) -> Sequence[str]: ...


Run = TypeVar("Run", bound=Ended)


def first_broken(seeds: Iterable[int], run: Callable[[int], Run]) -> tuple[int, Run] | None:
    """Return the first seed whose run breaks something, with how it ended; None when all hold."""
    for seed in seeds:
        ended = run(seed)
        if ended.broken:
            return seed, ended
    return None


def caught(found: tuple[int, Ended] | None, seeds: range, unit: str) -> str:
    """Return in words by which run of `seeds` a mistake was `found`, and by what."""
    if found is None:
        return f"not caught in {len(seeds)}"
    seed, ended = found
    number = ended.broken[0].split(":", 1)[0]
    by = f"invariant {number}" if number.isdecimal() else "an error"
    return f"{unit} {seeds.index(seed) + 1:3}, {by}"
