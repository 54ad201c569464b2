"""Models on Last.fm: what 1,892 people heard, a fifth of each hidden at random, foretold from the rest.

HetRec 2011 (user_artists.dat), artists with five listeners or more, NDCG@20 over all artists. The split
is by lot, as in what it is compared with; by time it would be harder. Page: docs/spotify/speed.md
"""

from collections.abc import Callable, Iterator

import numpy as np

from chapters.measure.findings import Figure, Finding, Missing
from chapters.recommend.als import ImplicitAls
from chapters.recommend.ease import Ease
from chapters.recommend.evaluate import evaluate
from chapters.recommend.interactions import Interactions
from chapters.recommend.popularity import Popularity
from spotify.bench.data import HOW, heard

SHOWN, LISTENERS_MIN, HIDDEN = 20, 5, 0.2
LAMBDA = 50.0
FACTORS, REGULARIZATION, ROUNDS = 64, 20.0, 10
CONFIDENCE = (
    5.0  # of what was heard, to 1 of what was not: both settings chosen by hand, on this split
)
EASE_LEAST, SAME = 0.31, 0.01


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield each model's NDCG."""
    everything = heard()
    if everything is None:
        yield Missing("taste on Last.fm", HOW)
        return
    data = _popular(everything)
    hidden = np.random.default_rng(7).random(len(data)) < HIDDEN
    earlier, later = data.only(~hidden), data.only(hidden)
    on_progress("popularity and EASE on Last.fm")
    for name, model, least in (
        ("popularity", Popularity(), None),
        ("EASE", Ease(LAMBDA), EASE_LEAST),
    ):
        model.fit(earlier.matrix())
        yield Figure(
            f"taste: NDCG@20 of {name} on Last.fm",
            evaluate(model, earlier, later, SHOWN).ndcg,
            least=least,
        )
    if quick:
        return
    on_progress("ALS on Last.fm")
    als = ImplicitAls(
        FACTORS, REGULARIZATION, CONFIDENCE - 1, rounds=ROUNDS, rng=np.random.default_rng(7)
    )
    als.fit(earlier.matrix())
    ours = evaluate(als, earlier, later, SHOWN).ndcg
    yield Figure("taste: NDCG@20 of ALS on Last.fm", ours)
    theirs = _implicit(earlier, later)
    if theirs is None:
        yield Missing("ALS beside implicit", "pip install implicit")
    else:
        yield Figure("taste: NDCG@20 of ALS to implicit's", ours / theirs, least=1 - SAME)


def _popular(data: Interactions) -> Interactions:
    """Only artists with enough listeners, numbered anew."""
    listeners = np.bincount(data.items, minlength=data.item_count)
    kept = listeners >= LISTENERS_MIN
    inside = kept[data.items]
    numbers = np.cumsum(kept) - 1
    return Interactions(
        data.users[inside],
        numbers[data.items[inside]],
        data.times[inside],
        data.user_count,
        int(kept.sum()),
    )


def _implicit(earlier: Interactions, later: Interactions) -> float | None:
    """The NDCG of the library that a professional would use, with the same settings; None without it."""
    try:
        from implicit.als import AlternatingLeastSquares
    except ImportError:
        return None
    from scipy.sparse import csr_matrix

    model = AlternatingLeastSquares(
        factors=FACTORS,
        regularization=REGULARIZATION,
        alpha=CONFIDENCE,
        iterations=ROUNDS,
        use_cg=False,
        random_state=7,
    )
    model.fit(csr_matrix(earlier.matrix()) * 1.0, show_progress=False)

    class Fitted:
        def fit(self, seen: object) -> None: ...

        def scores(self, histories: object) -> np.ndarray:
            return np.asarray(model.user_factors @ model.item_factors.T, dtype=np.float64)

    return evaluate(Fitted(), earlier, later, SHOWN).ndcg
