"""All detectors over one stream, and how good they are where the truth is known.

    precision   of the alerts, how many were about a case        recall   of the cases, how many were found

One pass; each detector hears each act once. To be judged, alerts of one kind about the same accounts that
touch are one alert, with its highest score: nobody opens ten files for one trick. An alert that is about
a case of another kind is no false one. Page: docs/exchange/surveillance.md
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from exchange.surveillance.acts import Acts, Moment
from exchange.surveillance.alerts import CLOSE, LAYERING, MOMENTUM, SPOOFING, WASH, Alert, Detector
from exchange.surveillance.closing import MarkingTheClose
from exchange.surveillance.momentum import MomentumIgnition
from exchange.surveillance.planted import Case
from exchange.surveillance.spoofing import Spoofing
from exchange.surveillance.wash import WashTrades

THRESHOLDS = {SPOOFING: 3.0, LAYERING: 3.0, WASH: 1.0, MOMENTUM: 1.0, CLOSE: 6.0}
REACH = 400  # commands by which an alert may miss its case in time, and still be about it


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the alerts of one kind were, from a score on."""

    kind: str
    threshold: float
    cases: int
    found: int
    alerts: int
    false: int

    @property
    def recall(self) -> float:
        return self.found / self.cases if self.cases else 1.0

    @property
    def precision(self) -> float:
        return 1 - self.false / self.alerts if self.alerts else 1.0


def watch(moments: Iterable[Moment], closes_ns: int) -> Iterator[Alert]:
    """Yield every alert, whatever its score, while the market goes on and when it closes."""
    acts = Acts()
    closing = MarkingTheClose(closes_ns)
    detectors: tuple[Detector, ...] = (Spoofing(), WashTrades(), MomentumIgnition(), closing)
    for moment in moments:
        for act in acts.hear(moment):
            for detector in detectors:
                yield from detector.hear(act)
    for detector in detectors:
        yield from detector.close()


def merged(alerts: Iterable[Alert]) -> list[Alert]:
    """Return the alerts with those that touch, of one kind and about the same accounts, made one."""
    found: dict[tuple[str, tuple[int, ...], str], list[Alert]] = {}
    for alert in sorted(alerts, key=lambda each: (each.first, each.last)):
        same = found.setdefault((alert.kind, alert.accounts, alert.symbol), [])
        if same and alert.first <= same[-1].last:
            last, score = max(same[-1].last, alert.last), max(same[-1].score, alert.score)
            same[-1] = replace(same[-1], last=last, score=score)
        else:
            same.append(alert)
    return [alert for same in found.values() for alert in same]


def quality(kind: str, alerts: Sequence[Alert], cases: Sequence[Case], threshold: float) -> Quality:
    """Judge the merged `alerts` of a kind with at least that score."""
    loud = [each for each in alerts if each.kind == kind and each.score >= threshold]
    own = [case for case in cases if case.kind == kind]
    found = sum(any(about(alert, case) for alert in loud) for case in own)
    false = sum(not any(about(alert, case) for case in cases) for alert in loud)
    return Quality(kind, threshold, len(own), found, len(loud), false)


def about(alert: Alert, case: Case) -> bool:
    """Return whether the alert is about the case: somebody of it, in its time."""
    is_theirs = bool(set(alert.accounts) & set(case.accounts))
    return is_theirs and case.first <= alert.last and alert.first <= case.last + REACH
