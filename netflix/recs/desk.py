"""Makes pages for a running service: from its library, its bookmarks, and the reports of its players.

Invariant: each report is looked at once, and each session counts once. What is known of titles and viewers
is computed anew when it is older than HOME_S; of views the latest VIEWS_MAX are kept.
Page: docs/netflix/rows.md
"""

from collections import OrderedDict
from typing import Any

from chapters.log import Log
from netflix.catalogue import Entry, TitleId
from netflix.control.service import Control
from netflix.events.intake import events
from netflix.recs.artwork import Artwork
from netflix.recs.home import Home, View
from netflix.recs.rows import page

HOME_S = 5.0
VIEWS_MAX = 100_000  # the latest that pages are made from


class Desk:
    """Makes pages; one caller at a time."""

    def __init__(self, control: Control, log: Log, artwork: Artwork) -> None:
        self._control, self._log, self._artwork = control, log, artwork
        self._home, self._made_s = Home((), (), 0), float("-inf")
        self._views: OrderedDict[str, View] = (
            OrderedDict()
        )  # by session: a report may be there twice
        self._next = log.first  # the first report that was not looked at yet

    def rows(self, profile: str) -> dict[str, Any]:
        """Return the page of a profile."""
        home = self._latest()
        begun = [each.title for each in self._control.bookmarks.continue_watching(profile)]
        taste = home.taste(profile)
        rows = page(home.rows(profile, begun), home.worth(profile))
        pictures = {title: self._artwork.show(title, taste) for row in rows for title in row.titles}
        return {
            "rows": [
                {
                    "name": row.name,
                    "titles": [{"title": each, "picture": pictures[each]} for each in row.titles],
                }
                for row in rows
            ]
        }

    def clicked(self, title: str, profile: str, picture: int) -> None:
        """Hear of a click. Raises `Refused` with 404 where there is no such title."""
        self._control.title(title)
        self._artwork.clicked(title, self._latest().taste(profile), picture)

    def _latest(self) -> Home:
        now_s = self._control.now_s
        if now_s - self._made_s > HOME_S:
            catalogue = [
                Entry(TitleId(each.title), each.name, each.genres)
                for each in self._control.library()
            ]
            self._read()
            self._home, self._made_s = (
                Home(catalogue, self._views.values(), int(now_s * 1000)),
                now_s,
            )
        return self._home

    def _read(self) -> None:
        """Look at the reports that came since the last time."""
        for event in events(self._log, self._next):
            if event.kind == "start":
                self._views[event.session] = View(event.profile, event.title, event.at_ms)
        while len(self._views) > VIEWS_MAX:
            self._views.popitem(last=False)
        self._next = self._log.last + 1
