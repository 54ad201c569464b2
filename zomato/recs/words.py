"""Reasons in words: what a customer reads below a restaurant's name.

Page: docs/zomato/recs.md
"""

from zomato.recs.model import Model, Suggestion
from zomato.recs.moment import DAYS, PARTS, Moment
from zomato.recs.orders import CUISINES, Floats

SHOWN, WORTH = 2, 0.2  # reasons at most, and what one adds at least
MORE = 1.25  # times its usual share, and it is the hour


def words(
    model: Model, suggestion: Suggestion, customer: int | None, home: Floats, moment: Moment
) -> list[str]:
    """Return why it is on the list, what counts most first."""
    known = [name for name, adds in suggestion.reasons if adds >= WORTH][:SHOWN]
    return [_said(name, model, suggestion.restaurant, customer, home, moment) for name in known]


def _said(
    name: str, model: Model, restaurant: int, customer: int | None, home: Floats, moment: Moment
) -> str:
    cuisine = CUISINES[model.town.cuisines[restaurant]]
    match name:
        case "hour":
            usual = model.reasons.by_hour
            if usual.share(moment)[restaurant] < MORE * usual.overall[restaurant]:
                return "many order it"
            return f"liked on {DAYS[moment.day]} {PARTS[moment.part]}s"
        case "you":
            return f"{cuisine} is liked around you" if customer is None else f"you like {cuisine}"
        case "again":
            times = int(model.reasons.had[customer or 0, restaurant])
            return f"you had it {times} time{'s' if times > 1 else ''}"
    return f"{model.town.km(home)[restaurant]:.1f} km away"
