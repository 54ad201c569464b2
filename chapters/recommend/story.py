"""Four models and what each is worth, on tastes from a seed or on your own file.

Page: docs/chapters/recommend.md
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from chapters.errors import UsageError
from chapters.recommend.evaluate import TEST, Quality, choose, evaluate
from chapters.recommend.generated import Oracle, World, world
from chapters.recommend.interactions import Interactions, read, split_at_random, split_by_time
from chapters.recommend.models import candidates
from chapters.sim.errors import at_least

TITLE = "Recommendations"
PAIRS_MAX = 200_000  # of a generated world; more takes minutes
ITEMS_MAX = 20_000  # items × items fit into memory


def demo(
    *,
    seed: int = 7,
    users: int = 400,
    items: int = 300,
    each: int = 30,
    file: str = "",
    split: str = "time",
) -> None:
    """Choose each model's settings by a validation part, and judge it by what came last."""
    at_least(1, users=users, items=items, each=each)
    if split not in ("time", "random"):
        raise UsageError(f"split is {split!r}; say time or random")
    if users * each > PAIRS_MAX:
        raise UsageError(f"{users} users with {each} each are more than {PAIRS_MAX:,}; take fewer")
    made = None if file else world(np.random.default_rng(seed), users, items, each)
    data = made.data if made else _read(file)
    print(f"{len(data):,} pairs of {data.user_count:,} users and {data.item_count:,} items;")
    print(
        f"to foretell: {'the last fifth of each user' if split == 'time' else 'a fifth, drawn by lot'}\n"
    )
    print("  model        settings              NDCG@10   recall@10   coverage")
    for name, settings, seen in compared(data, made, seed=seed, split=split):
        print(
            f"  {name:12} {settings:20} {seen.ndcg:8.4f} {seen.recall:11.4f} {seen.coverage:10.0%}"
        )


def compared(
    data: Interactions, made: World | None, *, seed: int, split: str
) -> Iterator[tuple[str, str, Quality]]:
    """Yield each model, the settings chosen for it, and how good it was; the oracle last, if any."""
    rng = np.random.default_rng(seed)
    earlier, later = (
        split_by_time(data, TEST) if split == "time" else split_at_random(data, TEST, rng)
    )
    for name, settings in candidates(seed).items():
        chosen = choose(settings, earlier) if len(settings) > 1 else next(iter(settings))
        model = settings[chosen]()
        model.fit(earlier.matrix())
        yield name, chosen, evaluate(model, earlier, later)
    if made:
        yield "oracle", "", evaluate(Oracle(made.appeal), earlier, later)


def _read(file: str) -> Interactions:
    path = Path(file)
    if not path.is_file():
        raise UsageError(f"there is no file {file}")
    data = read(path)
    if data.item_count > ITEMS_MAX:
        raise UsageError(f"{file} has {data.item_count:,} items; at most {ITEMS_MAX:,} fit here")
    return data
