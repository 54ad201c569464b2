"""The edges of a running service as the control plane sees them: looked at now and then, killed by a click.

    look ──► status of each ──► EdgeState: when heard, how loaded, which titles it holds
    fill ──► what each should have tonight, told to it; it fetches by itself
    kill ──► a file `<down>/<edge>`, then SIGKILL: whoever starts it again waits until the file is gone

Invariant: `states` never waits for anybody; it tells what the last look saw, and when.
Page: docs/netflix/serve.md
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from chapters.errors import KitError
from chapters.portal import parts
from chapters.sim.clock import Clock, S
from netflix.cdn.fill import plan, wanted
from netflix.cdn.placement import place
from netflix.cdn.steering import EdgeState
from netflix.errors import Refused
from netflix.package.published import Published

NIGHT_BYTES = 1 << 30  # what an edge's line brings until morning
FULL_BPS = 40e6  # what counts as full load of one of these small edges
Status = dict[str, Any]
Ask = Callable[
    [str, Mapping[str, object] | None], Status
]  # (URL, what to post) -> JSON; raises KitError


class Fleet:
    """Edges by name, with their addresses."""

    def __init__(self, urls: Mapping[str, str], down: Path, *, ask: Ask, clock: Clock) -> None:
        self._urls, self._down, self._ask, self._clock = dict(urls), down, ask, clock
        self._seen: dict[str, tuple[float, Status]] = {}
        self._load: dict[str, float] = dict.fromkeys(urls, 0.0)

    def look(self) -> None:
        """Ask every edge how it is; what does not answer keeps its old state, and ages."""
        for name, url in self._urls.items():
            with suppress(KitError):
                self._note(name, self._ask(f"{url}/_/status", None))

    def _note(self, name: str, status: Status) -> None:
        now_s = self._clock.now_ns() / S
        if name in self._seen:
            then_s, before = self._seen[name]
            sent = max(0, status["sent_bytes"] - before["sent_bytes"])
            self._load[name] = min(1.0, 8 * sent / max(now_s - then_s, 0.1) / FULL_BPS)
        self._seen[name] = now_s, status

    def states(self) -> list[EdgeState]:
        """Return what is known of the edges that were ever heard."""
        return [
            EdgeState(
                name=name,
                url=self._urls[name],
                load=self._load[name],
                heard_s=heard_s,
                titles=frozenset(status["titles"]),
            )
            for name, (heard_s, status) in self._seen.items()
        ]

    def shown(self) -> list[Status]:
        """Return each edge for a page: its state, and what it has done."""
        now_s = self._clock.now_ns() / S
        found = []
        for name, url in self._urls.items():
            heard_s, status = self._seen.get(name, (0.0, {}))
            more = {"is_down": (self._down / name).exists(), "age_s": now_s - heard_s}
            found.append({"name": name, "url": url, "load": self._load[name], **more, **status})
        return found

    def kill(self, name: str) -> None:
        """End an edge's process, at once, and keep it from coming back. Raises `Refused` with 404."""
        self._known(name)
        _, status = self._seen.get(name, (0.0, {}))
        parts.kill(self._down, name, status.get("pid"))

    def revive(self, name: str) -> None:
        """Let an edge come back, empty. Raises `Refused` with 404."""
        self._known(name)
        parts.revive(self._down, name)

    def throttle(self, kbps: int) -> None:
        """Have all edges that answer send segments at so many kilobits a second; 0: no limit."""
        for url in self._urls.values():
            with suppress(KitError):
                self._ask(f"{url}/_/throttle", {"kbps": kbps})

    def fill(self, titles: Sequence[Published], plays: Mapping[str, float]) -> list[Status]:
        """Tell every edge that answers what to have tonight; return what each will fetch.

        `plays` are expected plays by title. An edge that does not answer gets nothing, and its titles go to
        the others.
        """
        shelves = {name: shelf for name in self._urls if (shelf := self._shelf(name)) is not None}
        placement = place(plays, dict.fromkeys(shelves, 1.0)) if shelves else {}
        told = []
        for name, (held, room_bytes) in shelves.items():
            files = wanted(titles, plays, placement, name)
            night = plan(files, room_bytes, held, NIGHT_BYTES)
            with suppress(KitError):
                posted = {"keep": sorted(night.keep), "fetch": list(night.fetch)}
                self._ask(f"{self._urls[name]}/_/fill", posted)
                had = len(night.keep) - len(night.fetch)
                told.append(
                    {
                        "name": name,
                        "files": len(night.fetch),
                        "had": had,
                        "bytes": night.fetch_bytes,
                    }
                )
        return told

    def _shelf(self, name: str) -> tuple[frozenset[str], int] | None:
        """What is on an edge's shelf, and how much room it has; None where it does not answer."""
        try:
            answer = self._ask(f"{self._urls[name]}/_/shelf", None)
            return frozenset(answer["shelf"]), answer["room_bytes"]
        except KitError:
            return None

    def _known(self, name: str) -> None:
        if name not in self._urls:
            raise Refused(404, f"there is no edge {name!r}; there are {', '.join(self._urls)}")
