"""Where everybody stopped: kept before it is answered, and the latest by the viewer's clock wins.

    telephone, 20:03:10, at 41 min ──┐
    television, 20:05:00, at 43 min ─┼──► log ──► (profile, title): the one of 20:05
    telephone again, late: 20:03:10 ─┘

Invariant: what was acknowledged is there after any crash; and in whatever order bookmarks arrive, and how
often, the one with the latest time is what is left. Page: docs/netflix/bookmarks.md
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from chapters.log import Log
from netflix.catalogue import Profile, TitleId
from netflix.errors import Refused

NEARLY_DONE = 0.95  # of a title: whoever is there has seen it
BEGUN_MS = 5_000  # whoever has seen less has not begun
REWRITE_RATIO = 8  # records in the log for each that counts; then it is written anew
REWRITE_MIN = 1_000


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a profile was in a title, and when; all times in milliseconds."""

    profile: Profile
    title: TitleId
    position_ms: int
    duration_ms: int
    at_ms: int

    @property
    def is_open(self) -> bool:
        """Return whether there is something to continue."""
        return BEGUN_MS <= self.position_ms < NEARLY_DONE * self.duration_ms


class Bookmarks:
    """The latest bookmark of each profile and title, on a log. One caller at a time."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._latest: dict[tuple[str, str], Bookmark] = {}
        for record in log.read(log.first):
            self._note(Bookmark(**json.loads(record.payload)))

    def put(self, bookmark: Bookmark) -> bool:
        """Keep a bookmark, safely; return whether it is the latest of its title.

        Raises `Refused` with 400 for a place outside the title; what `Log.commit` raises.
        """
        if not 0 <= bookmark.position_ms <= bookmark.duration_ms:
            place = f"position {bookmark.position_ms} ms of {bookmark.title}"
            raise Refused(400, f"{place}; it must be 0 to {bookmark.duration_ms}")
        if not self._is_news(bookmark):
            return False
        self._log.append(_written(bookmark))
        self._log.commit()
        self._note(bookmark)
        self._rewrite_if_long()
        return True

    def of(self, profile: str, title: str) -> Bookmark | None:
        """Return the latest bookmark, or None."""
        return self._latest.get((profile, title))

    def continue_watching(self, profile: str) -> list[Bookmark]:
        """Return what a profile has begun and not finished, the latest first."""
        return unfinished(each for each in self._latest.values() if each.profile == profile)

    def _is_news(self, bookmark: Bookmark) -> bool:
        known = self.of(bookmark.profile, bookmark.title)
        return known is None or known.at_ms < bookmark.at_ms

    def _note(self, bookmark: Bookmark) -> None:
        if self._is_news(bookmark):
            self._latest[bookmark.profile, bookmark.title] = bookmark

    def _rewrite_if_long(self) -> None:
        """Write all that counts to the end of the log, and drop what is before it."""
        length = self._log.last + 1 - self._log.first
        if length < max(REWRITE_MIN, REWRITE_RATIO * len(self._latest)):
            return
        first = self._log.last + 1
        for bookmark in self._latest.values():
            self._log.append(_written(bookmark))
        self._log.commit()
        self._log.retain(first)


def unfinished(bookmarks: Iterable[Bookmark]) -> list[Bookmark]:
    """Return the latest bookmark of each title that can be continued, the latest first.

    The bookmarks may come in any order, several of a title, and some of them twice.
    """
    latest: dict[str, Bookmark] = {}
    for each in bookmarks:
        if each.title not in latest or latest[each.title].at_ms < each.at_ms:
            latest[each.title] = each
    return sorted(
        (each for each in latest.values() if each.is_open),
        key=lambda each: (-each.at_ms, each.title),
    )


def _written(bookmark: Bookmark) -> bytes:
    return json.dumps(asdict(bookmark), separators=(",", ":")).encode()
