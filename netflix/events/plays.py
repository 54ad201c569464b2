"""How often each title was started, hour by hour: each session once, whatever was reported twice.

Page: docs/netflix/fill.md
"""

from collections.abc import Iterable, Iterator

from netflix.events.event import Event
from netflix.events.windows import Told, Windows


def counted(arrived: Iterable[tuple[int, Event]], windows: Windows) -> Iterator[Told]:
    """Yield what the windows tell of the plays that began; `arrived` says when each report came."""
    seen: set[str] = set()
    for now_ms, event in arrived:
        if event.kind == "start" and event.session not in seen:
            seen.add(event.session)
            yield from windows.add(event.title, event.at_ms, now_ms)
    yield from windows.finish()
