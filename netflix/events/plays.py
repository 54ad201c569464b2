"""How often each title was started, hour by hour: each session once, whatever was reported twice.

Page: docs/netflix/fill.md
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from netflix.events.event import Event
from netflix.events.windows import HOUR_MS, Told, Windows


def counted(arrived: Iterable[tuple[int, Event]], windows: Windows) -> Iterator[Told]:
    """Yield what the windows tell of the plays that began; `arrived` says when each report came."""
    seen: set[str] = set()
    for now_ms, event in arrived:
        if event.kind == "start" and event.session not in seen:
            seen.add(event.session)
            yield from windows.add(event.title, event.at_ms, now_ms)
    yield from windows.finish()


def by_hour(events: Iterable[Event], now_ms: int) -> Iterator[Told]:
    """Yield each hour's plays where all reports are there already: none is too late, whatever their order.

    A player whose clock is ahead of `now_ms` is taken to have played now.
    """
    starts = {event.session: event for event in events if event.kind == "start"}
    hours: dict[int, Counter[str]] = {}
    for event in starts.values():
        at_ms = min(event.at_ms, now_ms)
        hours.setdefault(at_ms - at_ms % HOUR_MS, Counter())[event.title] += 1
    yield from (Told(begin_ms, 0, dict(counts)) for begin_ms, counts in hours.items())
