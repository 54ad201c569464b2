"""A playlist is its edits, in the order in which the service took them; entries have ids, not places.

    Add(e7 after e3)   Remove(e3)   Move(e5 after e7)   Rename("Sunday")
    e1  e3†  e7  e5  e2                                      † removed: "after e3" still is a place

Places shift under whoever edits at the same time; ids do not. An edit that was made on an old state is
simply applied to the new one, and still means what it meant. Invariant: two replicas that applied the
same edits in the same order are equal; an edit applied twice is applied once; what was added is there
unless somebody removed it, and what was removed stays so, even if somebody else moved it meanwhile.
Page: docs/spotify/playlists.md
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chapters.errors import Refused

ENTRIES_MAX = 10_000
START = ""  # to be after it is to be first
NAME_CHARS_MAX = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """A track in a playlist: the same track may be there twice, as two entries."""

    id: str
    track: str
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Add:
    """Put entries, in this order, after another entry."""

    entries: tuple[Entry, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Take entries out; those that are gone already are no error."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Put entries, in this order, after another one; those that are gone stay gone."""

    ids: tuple[str, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Rename:
    """Give it another name, and another text."""

    name: str
    comment: str = ""


Change = Add | Remove | Move | Rename


@dataclass(frozen=True, slots=True)
class Edit:
    """A change with an id of its own, drawn by whoever made it, so that sending it twice is no harm."""

    id: str
    change: Change
    by: str
    at_ms: int


@dataclass(slots=True)
class Playlist:
    """A replica: the state after some edits. `revision` counts them."""

    name: str = ""
    comment: str = ""
    revision: int = 0
    _order: list[str] = field(default_factory=list)  # ids, those that were removed too
    _entries: dict[str, Entry] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)

    @property
    def entries(self) -> list[Entry]:
        """Return what is in it, in order."""
        return [self._entries[id] for id in self._order if id not in self._gone]

    def has_seen(self, edit_id: str) -> bool:
        """Return whether an edit was applied."""
        return edit_id in self._seen

    def apply(self, edit: Edit) -> None:
        """Apply an edit. Raises `Refused`: 409, naming what is not known, or 400 beyond a limit."""
        if edit.id in self._seen:
            return
        self.must_fit(edit.change)
        match edit.change:
            case Add(entries, after):
                self._add(entries, after)
            case Remove(ids):
                self._gone |= set(ids)
            case Move(ids, after):
                self._move(ids, after)
            case Rename(name, comment):
                self.name, self.comment = name[:NAME_CHARS_MAX], comment[:NAME_CHARS_MAX]
        self._seen.add(edit.id)
        self.revision += 1

    def must_fit(self, change: Change) -> None:
        """Let a change pass that can be applied here. Raises `Refused` as `apply` does."""
        match change:
            case Add(entries, after):
                named: tuple[str, ...] = (after,)
                if len(self._order) + len(entries) > ENTRIES_MAX:
                    told = f"a playlist has at most {ENTRIES_MAX} entries, removed ones included"
                    raise Refused(400, told)
            case Remove(ids):
                named = ids
            case Move(ids, after):
                named = (*ids, after)
            case Rename():
                named = ()
        for id in named:
            if id != START and id not in self._entries:
                told = f"entry {id!r} is not known here; get the playlist anew"
                raise Refused(409, told, "stale")

    def _add(self, entries: Iterable[Entry], after: str) -> None:
        own = [entry for entry in entries if entry.id not in self._entries]
        place = self._place_after(after)
        self._order[place:place] = [entry.id for entry in own]
        self._entries |= {entry.id: entry for entry in own}

    def _move(self, ids: tuple[str, ...], after: str) -> None:
        """Take `ids` from their places and put them behind `after`, or where the nearest before it is."""
        moved = set(ids)
        anchor = after
        while anchor in moved:  # after one that moves itself: behind what stood before it
            place = self._order.index(anchor)
            anchor = self._order[place - 1] if place else START
        self._order = [id for id in self._order if id not in moved]
        place = self._place_after(anchor)
        self._order[place:place] = list(dict.fromkeys(ids))

    def _place_after(self, id: str) -> int:
        return 0 if id == START else self._order.index(id) + 1

    def check(self) -> None:
        """Check what must hold of any state."""
        assert len(self._order) == len(set(self._order)) == len(self._entries)
        assert set(self._order) == set(self._entries)
        assert self._gone <= set(self._entries)
        assert self.revision == len(self._seen)
