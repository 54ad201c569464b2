"""What the exercises on royalties check: both ways, and that nothing is left.

Page: docs/spotify/royalties.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from spotify.royalties.shares import pro_rata, user_centric

Heard = dict[str, dict[str, int]]


def in_one_pot(pool: int, plays: Heard) -> JSON:
    """Divide pro-rata."""
    return dict(pro_rata(pool, plays))


def in_many(pool: int, plays: Heard) -> JSON:
    """Divide user-centric."""
    return dict(user_centric(pool, plays))


def _drawn(rng: Random) -> JSON:
    who = ("ana", "bo", "cy", "di")
    return {
        f"user {n}": {name: rng.randrange(1, 30) for name in rng.sample(who, rng.randrange(1, 4))}
        for n in range(rng.randrange(2, 7))
    }


def even(rng: Random) -> Iterator[Case]:
    yield 100, {"u": {"ana": 1, "bo": 3}, "v": {"ana": 4}}
    yield 1000, {"u": {"ana": 9}, "v": {"bo": 1}}


def uneven(rng: Random) -> Iterator[Case]:
    yield 100, {"u": {"ana": 1, "bo": 1, "cy": 1}}
    yield 7, {"u": {"ana": 1}, "v": {"bo": 1}, "w": {"cy": 1}}
    for _ in range(3):
        yield rng.randrange(1000, 10**7), _drawn(rng)


def nobody(rng: Random) -> Iterator[Case]:
    yield 100, {}
    yield 100, {"u": {}}
    yield 100, {"u": {}, "v": {"ana": 2}}


STAGES: dict[str, list[Stage]] = {
    "user-centric": [
        Stage("each listener's money goes where they listened", even, in_many),
        Stage("to the last millionth", uneven, in_many, needs=(1,)),
        Stage("who heard nothing has nothing to give", nobody, in_many, needs=(1,)),
    ],
    "pro-rata": [
        Stage("one pot, by all plays", even, in_one_pot),
        Stage("to the last millionth", uneven, in_one_pot, needs=(1,)),
        Stage("nobody was heard", nobody, in_one_pot, needs=(1,)),
    ],
}
