"""What the exercises on recommendations check: evenings, a list of thirty, and what a page teaches.

Page: docs/spotify/weekly.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from spotify.events.play import Play
from spotify.recs.home import HOUR_MS, ROWS, SOURCE, Rows
from spotify.recs.together import GAP_MS, sessions
from spotify.recs.weekly import choose

TRACK_MS = 180_000


def cut(heard: list[list[int | str]]) -> JSON:
    """Cut plays, each [user, track, at_ms, played_ms], into evenings."""
    plays = [Play(f"p{n}", *facts) for n, facts in enumerate(heard)]  # type: ignore[arg-type]
    return [list(session) for session in sessions(plays)]


def chosen(order: list[str], left_out: list[str], artists: dict[str, str], count: int) -> JSON:
    """Choose a list from the best first, two of an artist."""
    return list(choose(order, set(left_out), artists, count, 2))


def taught(steps: list[list[str]]) -> JSON:
    """Show pages and begin tracks; return each row's trials and successes in the morning."""
    rows = Rows(ROWS, rng=Random(1))
    for user, source in steps:
        if source:
            rows.begun(user, source)
        else:
            rows.order(user, 8 * HOUR_MS)
    return {name: list(counts) for name, counts in rows.counts()["morning"].items()}


def gaps(rng: Random) -> Iterator[Case]:
    later = TRACK_MS + GAP_MS
    yield ([["u", "a", 0, 180_000], ["u", "b", 180_000, 180_000], ["u", "c", 9 * later, 180_000]],)
    yield ([["u", "a", 0, TRACK_MS], ["u", "b", later, TRACK_MS]],)
    yield ([["u", "a", 0, TRACK_MS], ["u", "b", later + 1, TRACK_MS]],)
    yield ([["u", "long", 0, 3_600_000], ["u", "b", 3_700_000, TRACK_MS]],)


def many(rng: Random) -> Iterator[Case]:
    yield ([["u", "b", 5_000_000, TRACK_MS], ["u", "a", 4_800_000, TRACK_MS]],)
    yield ([["u", "a", 0, TRACK_MS], ["v", "x", 1, TRACK_MS], ["u", "b", 200_000, TRACK_MS]],)
    for _ in range(3):
        yield (
            [
                [rng.choice("uvw"), f"t{n}", rng.randrange(40) * 600_000 + n, TRACK_MS]
                for n in range(12)
            ],
        )


def skipped(rng: Random) -> Iterator[Case]:
    yield ([["u", "a", 0, 9**6], ["u", "skipped", 600_000, 29_999], ["u", "b", 700_000, 30_000]],)
    yield ([["u", "skipped", 0, 5_000]],)


def orders(rng: Random) -> Iterator[Case]:
    artists = {"a1": "A", "a2": "A", "a3": "A", "b1": "B", "c1": "C"}
    yield ["b1", "a1", "c1"], [], artists, 2
    yield ["a1", "b1", "c1"], ["a1"], artists, 5


def of_an_artist(rng: Random) -> Iterator[Case]:
    artists = {f"{name}{n}": name for name in "abcd" for n in range(5)}
    yield ["a0", "a1", "a2", "b0", "c0"], [], artists, 4
    yield ["a0", "a1", "a2", "a3", "b0"], ["a0"], artists, 3
    yield ["a0", "a1", "a2", "a3", "b0"], [], artists, 4
    for _ in range(3):
        order = rng.sample(sorted(artists), len(artists))
        yield order, rng.sample(order, 5), artists, rng.randrange(3, 18)


def one_page(rng: Random) -> Iterator[Case]:
    for name in ROWS:  # of which two are not in sight
        yield ([["u", ""], ["u", f"{SOURCE}{name}"]],)
    yield ([["u", ""], ["u", ""]],)


def again(rng: Random) -> Iterator[Case]:
    yield ([["u", ""], ["u", f"{SOURCE}again"], ["u", f"{SOURCE}again"], ["u", f"{SOURCE}charts"]],)
    yield ([["u", f"{SOURCE}again"], ["u", "search"], ["u", f"{SOURCE}nothing"]],)
    yield ([["u", ""], ["u", "search"], ["u", ""]],)
    yield ([["u", ""], ["v", f"{SOURCE}again"], ["u", f"{SOURCE}again"]],)


STAGES: dict[str, list[Stage]] = {
    "sessions": [
        Stage("half an hour of nothing ends an evening", gaps, cut),
        Stage("each listener's own, in the order heard", many, cut, needs=(1,)),
        Stage("what was skipped was not heard", skipped, cut, needs=(1,)),
    ],
    "list-of-thirty": [
        Stage("the best first, without what is left out", orders, chosen),
        Stage("at most two of an artist, unless places stay empty", of_an_artist, chosen, needs=(1,)),
    ],
    "page-credit": [
        Stage("what came of a page", one_page, taught),
        Stage("once, and only of a page that is open", again, taught, needs=(1,)),
    ],
}  # fmt: skip
