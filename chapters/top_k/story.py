"""Which songs were played most? Three counters watch the same plays; two of them are small.

Page: docs/chapters/top_k.md
"""

from collections.abc import Iterator
from itertools import accumulate, zip_longest
from random import Random

from chapters.errors import UsageError
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from chapters.top_k.count_min import CountMin
from chapters.top_k.counted import Counted, Counter
from chapters.top_k.exact import Exact
from chapters.top_k.leaders import Leaders
from chapters.top_k.space_saving import SpaceSaving

TITLE = "Top k"
TOP = 10
NOBODY = Counted(b"", 0)  # what stands beside a list that is longer
EVENTS_MAX = 2_000_000


def zipf(rng: Random, keys: int, events: int, skew: float) -> Iterator[bytes]:
    """Yield plays of `keys` songs, the n-th of them with odds of 1/n^skew; 0 is all alike."""
    odds = list(accumulate(1 / rank**skew for rank in range(1, keys + 1)))
    for number in rng.choices(range(1, keys + 1), cum_weights=odds, k=events):
        yield b"song-%06d" % number


def found(ours: list[Counted], true: list[Counted]) -> int:
    """Return how many of the true ones are among ours."""
    return len({each.key for each in ours} & {each.key for each in true})


def demo(
    *,
    seed: int = 7,
    songs: int = 20_000,
    plays: int = 50_000,
    skew: float = 1.0,
    counters: int = 100,
    width: int = 272,
    depth: int = 5,
    conservative: bool = False,
) -> None:
    """Count the same plays three times, and lay the three lists of ten side by side."""
    at_least(1, songs=songs, plays=plays, counters=counters, width=width, depth=depth)
    if plays > EVENTS_MAX or songs > EVENTS_MAX:
        raise UsageError(f"{plays} plays of {songs} songs; at most {EVENTS_MAX:,} of either")
    exact, space_saving = Exact(), SpaceSaving(counters)
    leaders = Leaders(CountMin(width, depth, is_conservative=conservative), TOP)
    for song in zipf(Chance(seed).stream("plays"), songs, plays, skew):
        for counter in (exact, leaders, space_saving):
            counter.add(song)
    print(f"{plays:,} plays of {songs:,} songs; the ten most played, by three counters\n")
    print_lists(exact, leaders, space_saving)


def print_lists(exact: Exact, leaders: Leaders, space_saving: SpaceSaving) -> None:
    """Print three lists, what each count is too high by, and what each counter costs."""
    print(f"  {'exact':19}   {'count-min and leaders':26}   space-saving")
    lists = [counter.top(TOP) for counter in (exact, leaders, space_saving)]
    for true, guess, saved in zip_longest(*lists, fillvalue=NOBODY):
        row = f"{true.key.decode():11} {true.count:7,}   {_beside(exact, guess)}"
        print(f"  {row}   {_beside(exact, saved)} {'✔' * saved.is_guaranteed}".rstrip())
    sizes = f"{exact.size_bytes:,} bytes", _cost(exact, leaders), _cost(exact, space_saving)
    print("\n  {:19}   {:26}   {}\n".format(*sizes))
    print("After each count: by how much it is too high. ✔: it is certain to be one of the ten.")
    print(f"Whoever has no counter there was played {space_saving.floor:,} times at most.")


def _beside(exact: Exact, guess: Counted) -> str:
    return f"{guess.key.decode():11} {guess.count:7,} {guess.count - exact.estimate(guess.key):+6,}"


def _cost(exact: Exact, counter: Counter) -> str:
    return f"{counter.size_bytes:,} bytes, {found(counter.top(TOP), exact.top(TOP))} right"


if __name__ == "__main__":
    demo()
