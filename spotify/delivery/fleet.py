"""The edges of a running service: looked at now and then, killed by a click, troubled on request.

    look ──► status of each; one that does not answer is believed down
    kill ──► a file `<down>/<edge>`, then SIGKILL: whoever starts it again waits until the file is gone

Page: docs/spotify/delivery.md
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chapters.errors import Refused, Unreachable
from chapters.portal import parts

Status = dict[str, Any]


class Fleet:
    """Edges by name, with their addresses."""

    def __init__(self, urls: Mapping[str, str], down: Path) -> None:
        self._urls, self._folder = dict(urls), down
        self._seen: dict[str, Status] = {}
        self._silent: frozenset[str] = frozenset()

    def look(self) -> None:
        """Ask every edge how it is."""
        silent = set()
        for name, url in self._urls.items():
            try:
                self._seen[name] = parts.ask(f"{url}/_/status")
            except Unreachable:
                silent.add(name)
        self._silent = frozenset(silent)

    def down(self) -> frozenset[str]:
        """Return the edges that did not answer when they were looked at last."""
        return self._silent

    def shown(self) -> list[Status]:
        """Return each edge for a page: whether it lives, and what it has done."""
        return [
            {"name": name, "url": url, "is_down": name in self._silent, **self._seen.get(name, {})}
            for name, url in self._urls.items()
        ]

    def kill(self, name: str) -> None:
        """End an edge's process, at once, and keep it from coming back. Raises `Refused` with 404."""
        self._known(name)
        parts.kill(self._folder, name, self._seen.get(name, {}).get("pid"))

    def revive(self, name: str) -> None:
        """Let an edge come back, empty. Raises `Refused` with 404."""
        self._known(name)
        parts.revive(self._folder, name)

    def trouble(self, name: str, kind: str) -> None:
        """Have an edge answer badly; an empty kind ends it. Raises `Refused`, `Unreachable`."""
        self._known(name)
        parts.ask(f"{self._urls[name]}/_/trouble", {"kind": kind})

    def _known(self, name: str) -> None:
        if name not in self._urls:
            raise Refused(404, f"there is no edge {name!r}; there are {', '.join(self._urls)}")
