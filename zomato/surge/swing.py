"""How calm was it? A price that went up and down, in a few figures.

    highest ─ ─ ╭╮─ ─ ─╭╮             swing: highest less lowest of the last hours
               ╭╯╰╮   ╭╯╰─────        settled: since when it has stayed within CALM of where it ended up
    lowest ─ ──╯─ ╰───╯               turns: how often it went the other way, by TURN at least

Page: docs/zomato/surge.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from zomato.surge.city import Minute

LAST_MIN = 120
CALM_BPS, TURN_BPS = 2_500, 1_000


@dataclass(frozen=True, slots=True)
class Swing:
    """A town's evening: `settled_min` after `since`, None for never."""

    swing_bps: int
    mean_bps: int
    settled_min: int | None
    turns: int
    placed: int
    unserved: int
    thought_again: int
    rides_for_price: int


def swing(minutes: Sequence[Minute], since: int) -> Swing:
    """Return the figures of all minutes from `since` on."""
    shown = [each.shown_bps for each in minutes[since:]]
    last = shown[-LAST_MIN:]
    return Swing(
        swing_bps=max(last) - min(last),
        mean_bps=round(mean(shown)),
        settled_min=_settled(shown),
        turns=turns(shown),
        placed=sum(each.placed for each in minutes[since:]),
        unserved=sum(each.given_up for each in minutes[since:]),
        thought_again=sum(each.thought_again for each in minutes[since:]),
        rides_for_price=sum(each.moves for each in minutes[since:]),
    )


def _settled(shown: Sequence[int]) -> int | None:
    """The first minute from which on nothing is far from the mean of the last ones; None in their midst."""
    middle = mean(shown[-LAST_MIN:])
    far = [number for number, each in enumerate(shown) if abs(each - middle) > CALM_BPS]
    first = far[-1] + 1 if far else 0
    return first if first <= len(shown) - LAST_MIN // 2 else None


def turns(shown: Sequence[int]) -> int:
    """Return how often the price went the other way, by TURN_BPS at least: small steps do not count."""
    count, heading, extreme = 0, 0, shown[0]
    for each in shown:
        away = each - extreme
        if heading * away > 0 or (heading == 0 and abs(away) >= TURN_BPS):
            heading, extreme = (1 if away > 0 else -1), each
        elif heading * away <= -TURN_BPS:
            count, heading, extreme = count + 1, -heading, each
    return count
