"""HTTP of the page: rows of titles, each with the picture to show; and clicks, which pictures learn from.

    GET  /api/home?profile=…                    {"rows": [{"name", "titles": [{"title", "picture"}]}]}
    POST /api/artwork  {title, profile, picture}  it was clicked

What is known of titles and viewers is computed anew when it is older than HOME_S.
Page: docs/netflix/rows.md
"""

import threading
from collections import deque
from typing import Any

from flask import Blueprint, Response, request

from chapters.log import Log
from netflix.answers import answered, posted_object
from netflix.catalogue import Entry, TitleId
from netflix.control.advice import number
from netflix.control.service import Control
from netflix.errors import Refused
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
        self._views: deque[View] = deque(maxlen=VIEWS_MAX)
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

    def clicked(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Hear of a click. Raises `Refused`: 404 no such title, 400 no such picture."""
        title, profile = facts.get("title"), facts.get("profile")
        if not isinstance(title, str) or not isinstance(profile, str):
            raise Refused(400, 'post {"title": …, "profile": …, "picture": 0}')
        self._control.title(title)
        self._artwork.clicked(title, self._latest().taste(profile), int(number(facts, "picture")))
        return {}

    def _latest(self) -> Home:
        now_s = self._control.now_s
        if now_s - self._made_s > HOME_S:
            catalogue = [
                Entry(TitleId(each.title), each.name, each.genres)
                for each in self._control.library()
            ]
            self._read()
            self._home, self._made_s = Home(catalogue, self._views, int(now_s * 1000)), now_s
        return self._home

    def _read(self) -> None:
        """Look at the reports that came since the last time."""
        for event in events(self._log, self._next):
            if event.kind == "start":
                self._views.append(View(event.profile, event.title, event.at_ms))
        self._next = self._log.last + 1


def blueprint(control: Control, log: Log, turn: threading.Lock, artwork: Artwork) -> Blueprint:
    """Return the routes; `turn` guards the log."""
    routes, desk = Blueprint("recs", __name__), Desk(control, log, artwork)

    @routes.get("/api/home")
    def home() -> tuple[Response, int]:
        return answered(lambda: desk.rows(request.args.get("profile", "")), turn)

    @routes.post("/api/artwork")
    def clicked() -> tuple[Response, int]:
        return answered(lambda: desk.clicked(posted_object()), turn)

    return routes
