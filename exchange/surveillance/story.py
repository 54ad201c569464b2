"""Some markets with cases in them, watched: what was found, what was missed, who was accused for nothing.

Page: docs/exchange/surveillance.md
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from exchange.errors import within
from exchange.surveillance.alerts import KINDS, Alert
from exchange.surveillance.planted import ACCOUNTS, MAKER, Case, Planted, market
from exchange.surveillance.watch import THRESHOLDS, Quality, about, merged, quality, watch

TITLE = "Surveillance"
MARKETS_MAX = 100
MESSAGES_MIN, MESSAGES_MAX = 4_000, 1_000_000  # of a market: fewer have no room for its cases


@dataclass(frozen=True, slots=True)
class Watched:
    """A market, and the alerts that it raised, whatever their scores."""

    market: Planted
    alerts: list[Alert]

    def judged(self, kind: str, threshold: float) -> Quality:
        return quality(kind, self.alerts, self.market.cases, threshold)


def watched(seed: int, markets: int, messages: int) -> Iterator[Watched]:
    """Yield so many markets of that many ordinary messages, each watched from open to close."""
    within(1, MARKETS_MAX, markets=markets)
    within(MESSAGES_MIN, MESSAGES_MAX, messages=messages)
    for number in range(markets):
        made = market(seed * MARKETS_MAX + number, messages)
        yield Watched(made, merged(watch(made.moments, made.closes_ns)))


def total(kind: str, markets: Iterable[Watched], threshold: float) -> Quality:
    """Return how good the alerts of a kind were over several markets."""
    each = [one.judged(kind, threshold) for one in markets]
    counts = ("cases", "found", "alerts", "false")
    sums = (sum(getattr(one, count) for one in each) for count in counts)
    return Quality(kind, threshold, *sums)


def accused(markets: Iterable[Watched], times: float = 1.0) -> Counter[str]:
    """Return who was accused for nothing: the market maker, or some trader."""
    found: Counter[str] = Counter()
    for one in markets:
        for alert in one.alerts:
            is_loud = alert.score >= THRESHOLDS[alert.kind] * times
            if is_loud and not any(about(alert, case) for case in one.market.cases):
                found["the market maker" if MAKER in alert.accounts else "a trader"] += 1
    return found


def counted(markets: Sequence[Watched], times: Sequence[float] = (0.7, 1.0, 2.0)) -> list[Quality]:
    """Return how good each kind's alerts are, at several times the threshold in use."""
    return [total(kind, markets, THRESHOLDS[kind] * each) for kind in KINDS for each in times]


def demo(*, seed: int = 7, markets: int = 3, messages: int = 12_000) -> None:
    """Watch some markets; count what was found, missed and false, around the thresholds in use."""
    found = list(watched(seed, markets, messages))
    moments = sum(len(one.market.moments) for one in found)
    print(
        f"{markets} markets, {ACCOUNTS} accounts, {moments:,} commands; "
        f"{sum(len(one.market.cases) for one in found)} cases in them\n"
    )
    columns = "cases   found   missed   false alarms   precision   recall"
    print(f"  {'':17}  score from   {columns}")
    for one in counted(found):
        mark = "◄" if one.threshold == THRESHOLDS[one.kind] else ""
        print(
            f"  {one.kind:17} {one.threshold:11.1f} {one.cases:7} {one.found:7}"
            f" {one.cases - one.found:8} {one.false:14} {one.precision:11.0%} {one.recall:8.0%} {mark}"
        )
    _tell(found)


def _tell(found: list[Watched]) -> None:
    """Say who was accused for nothing, and show one case that was found."""
    low = accused(found, 0.7)
    said = ", ".join(f"{who} {count} times" for who, count in low.most_common())
    print(f"\n  accused for nothing at the lowest scores: {said or 'nobody'}")
    for one in found:
        for alert in one.alerts:
            case = next((each for each in one.market.cases if about(alert, each)), None)
            if case is not None and alert.kind == case.kind:
                _one(alert, case)
                return


def _one(alert: Alert, case: Case) -> None:
    print(
        f"  one of those found: {alert.kind} by account {alert.accounts[0]}, commands {alert.first:,} "
        f"to {alert.last:,}, score {alert.score:.1f}; planted {case.first:,} to {case.last:,}"
    )
