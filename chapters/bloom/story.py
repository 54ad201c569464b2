"""A thousand tables on disk, and a key that is in none of them: how many are read for nothing?

Then the same filter with more keys than it was made for: it never forgets one, it only says
"probably" more and more often. Page: docs/chapters/bloom.md
"""

from random import Random

from chapters.bloom.filter import Bloom
from chapters.bloom.sizing import false_positive_rate
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least

TITLE = "The Bloom filter"
KEY_BYTES = 16
FULLNESS = (0.5, 1, 2, 4, 8)  # times the keys that the filter was made for


def random_keys(rng: Random, count: int) -> list[bytes]:
    """Return `count` keys of 16 random bytes: no two alike, and none drawn before."""
    return [rng.randbytes(KEY_BYTES) for _ in range(count)]


def false_alarms(bloom: Bloom, absent: list[bytes]) -> int:
    """Return how many of these keys, none of which was added, the filter takes for present."""
    return sum(key in bloom for key in absent)


def demo(
    *, seed: int = 7, keys: int = 5_000, false_positives: float = 0.01, lookups: int = 20_000
) -> None:
    """Fill a filter to its plan and beyond, and count what it gets wrong."""
    at_least(1, keys=keys, lookups=lookups)
    rng = Chance(seed).stream("keys")
    bloom = Bloom.for_keys(keys, false_positives)
    each = bloom.bits / keys
    print(f"{keys:,} keys at {false_positives:g}: {each:.1f} bits and {bloom.hashes} hashes a key,")
    print(f"{bloom.size_bytes:,} bytes in all, for {KEY_BYTES * keys:,} bytes of keys\n")
    absent = random_keys(rng, lookups)
    print("      keys   forgotten   bits set   false alarms   by the formula")
    added: list[bytes] = []
    for times in FULLNESS:
        new = random_keys(rng, round(times * keys) - len(added))
        for key in new:
            bloom.add(key)
        added += new
        print(_row(bloom, added, absent))
    print(f"\n{reads_saved(false_positives)}")


def _row(bloom: Bloom, added: list[bytes], absent: list[bytes]) -> str:
    forgotten = sum(key not in bloom for key in added)
    wrong = false_alarms(bloom, absent) / len(absent)
    formula = false_positive_rate(bloom.bits, bloom.hashes, len(added))
    return f"{len(added):10,}   {forgotten:9}   {bloom.fill:8.1%}   {wrong:12.2%}   {formula:14.2%}"


def reads_saved(false_positives: float, tables: int = 1000) -> str:
    """Return the sentence on what a filter beside each of many tables saves."""
    return (
        f"A key that is in none of {tables:,} tables costs {tables:,} reads without filters, "
        f"and {tables * false_positives:g} with them."
    )


if __name__ == "__main__":
    demo()
