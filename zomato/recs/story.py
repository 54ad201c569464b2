"""One customer, Tuesday evening and Sunday morning; and how good such lists are, by what came next.

Page: docs/zomato/recs.md
"""

from collections.abc import Iterator
from itertools import zip_longest

import numpy as np

from chapters.errors import UsageError
from chapters.sim.chance import derive
from chapters.sim.errors import at_least
from zomato.recs.customers import world
from zomato.recs.judge import cut, gains, newcomers, scorers, slices
from zomato.recs.model import Model
from zomato.recs.moment import Moment, parse
from zomato.recs.popular import STRENGTH
from zomato.recs.words import words

TITLE = "Recommendations that know the hour"
CUSTOMERS_MAX, WEEKS_MAX = 2_000, 30
SHOWN, WIDTH = 6, 50


def demo(
    *,
    seed: int = 7,
    customers: int = 300,
    weeks: int = 12,
    customer: int = 3,
    first: str = "tue 20:30",
    second: str = "sun 10:00",
    strength: float = STRENGTH,
) -> None:
    """Show a customer's list at two hours, and judge everybody's by what they ordered next."""
    at_least(0, customer=customer, strength=strength)
    if customer >= customers or customers > CUSTOMERS_MAX or weeks > WEEKS_MAX:
        raise UsageError(
            f"customer {customer} of {customers}, {weeks} weeks; "
            f"at most {CUSTOMERS_MAX:,} customers and {WEEKS_MAX} weeks"
        )
    moments = parse(first), parse(second)
    rng = np.random.default_rng(derive(seed, "customers"))
    made = world(rng, customers=customers, weeks=weeks)
    parts = cut(made)
    model = Model(made.town, parts.seen, parts.held, strength=strength)
    print("\n".join(_lists(model, customer, moments)))
    print(
        f"\nNDCG@10 of {len(parts.test):,} orders of the last two weeks (share of the oracle's):\n"
    )
    told = slices(parts.test)
    print(f"  {'':18}" + "".join(f"{name:>17}" for name in told) + f"{'somebody new':>17}")
    new = newcomers(made)
    found = {name: gains(each, made, parts.test) for name, each in scorers(made, strength).items()}
    for name, own in found.items():
        cells = [(own[those].mean(), found["oracle"][those].mean()) for those in told.values()]
        if name in new:
            cells.append((new[name], new["oracle"]))
        print(f"  {name:18}" + "".join(f"{got:10.3f} ({got / best:4.0%})" for got, best in cells))


def _lists(model: Model, customer: int, moments: tuple[Moment, Moment]) -> Iterator[str]:
    """A customer's lists at two hours, side by side, with reasons."""
    home = model.town.homes[customer]
    columns = [[f"   {str(each).upper()}", ""] for each in moments]
    for column, moment in zip(columns, moments, strict=True):
        for place, each in enumerate(model.suggest(customer, home, moment, SHOWN), 1):
            column.append(f"{place}  {model.town.names[each.restaurant]}")
            column.append("     " + ", ".join(words(model, each, customer, home, moment)))
    yield f"customer {customer}\n"
    for left, right in zip_longest(*columns, fillvalue=""):
        yield f"  {left:{WIDTH}} {right}".rstrip()
