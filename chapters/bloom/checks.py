"""What the Bloom filter's exercise checks: nothing forgotten, the right bits, honest refusals.

Page: docs/chapters/bloom.md
"""

from collections.abc import Iterator
from random import Random

from chapters.bloom.filter import Bloom
from chapters.checking import JSON, Case, Stage

KEYS = 200  # those of the whole filter in the last stage
HEADER_BYTES, CHECKSUM_BYTES = 16, 4  # what stands before and behind the bits


def filled(bits: int, hashes: int, added: list[str]) -> Bloom:
    """Return a filter of that size with the words in it."""
    bloom = Bloom(bits, hashes)
    for word in added:
        bloom.add(word.encode())
    return bloom


def sets_bits(bits: int, hashes: int, added: list[str]) -> JSON:
    """Add the words; return the numbers of the bits that are set."""
    body = filled(bits, hashes, added).to_bytes()[HEADER_BYTES:-CHECKSUM_BYTES]
    return [bit for bit in range(8 * len(body)) if body[bit // 8] >> bit % 8 & 1]


def finds(bits: int, hashes: int, added: list[str], asked: list[str]) -> JSON:
    """Add some words and ask for others; return those that the filter takes for present."""
    bloom = filled(bits, hashes, added)
    return [word for word in asked if word.encode() in bloom]


def whole_filter(false_positives: float, salt: str) -> JSON:
    """Fill a filter as planned; return the keys forgotten, and the false alarms in ten times as many."""
    bloom = Bloom.for_keys(KEYS, false_positives)
    keys = [f"{salt}{number}".encode() for number in range(11 * KEYS)]
    for key in keys[:KEYS]:
        bloom.add(key)
    forgotten = sum(key not in bloom for key in keys[:KEYS])
    return [forgotten, sum(key in bloom for key in keys[KEYS:])]


def explain_whole(args: Case, got: JSON, expected: JSON) -> str:
    """Say what the two numbers are."""
    return (
        f"{KEYS} keys added at a rate of {args[0]}, then {10 * KEYS} others asked for\n"
        f"[forgotten, false alarms] is {got}\nexpected                   {expected}"
    )


def summarise_whole(args: Case, got: JSON) -> str:
    """Say how often the learner's filter was wrong."""
    assert isinstance(got, list)
    return f"planned for {args[0]} false alarms a question, yours had {got[1]} in {10 * KEYS}"


def words(rng: Random, count: int) -> list[JSON]:
    return [f"key{number}" for number in rng.sample(range(100_000), count)]


def single_keys(rng: Random) -> Iterator[Case]:
    for hashes in (1, 2, 7):
        yield 200, hashes, words(rng, 1)
    word = words(rng, 1)
    yield 200, 3, [*word, *word]


def sharing_keys(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        yield 40, 3, words(rng, 8)


def present_keys(rng: Random) -> Iterator[Case]:
    for hashes in (1, 4, 7):
        added = words(rng, 12)
        yield 120, hashes, added, added


def absent_keys(rng: Random) -> Iterator[Case]:
    yield 120, 4, [], words(rng, 3)
    for hashes in (2, 4):
        both = words(rng, 82)
        yield 60, hashes, both[:12], both[12:]


def plans(rng: Random) -> Iterator[Case]:
    for rate in (0.2, 0.01):
        yield rate, f"{rng.random():.6f}/"


STAGES = {
    "filter": [
        Stage("one key sets its own bits", single_keys, sets_bits),
        Stage("keys share bits, and none clears another's", sharing_keys, sets_bits),
        Stage("a key that was added is found", present_keys, finds, needs=(2,)),
        Stage("one clear bit is a certain no", absent_keys, finds, needs=(2,)),
        Stage(
            "a whole filter errs as often as planned",
            plans,
            whole_filter,
            needs=(3, 4),
            explain=explain_whole,
            summary=summarise_whole,
        ),
    ],
}
