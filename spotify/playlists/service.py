"""All playlists: who may see and edit them, and each edit on disk before it is answered.

    snapshot    <revision>-<digest of the edits until then>    names one state of one playlist, for ever

A client that speaks of places ("move the third before the first") says which snapshot it saw; its
places are turned into ids by that state, and the edit is then applied to what is there now.
Page: docs/spotify/playlists.md
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any

from chapters.errors import Refused
from chapters.log import Log
from spotify.playlists.playlist import (
    START,
    Add,
    Change,
    Edit,
    Entry,
    Move,
    Playlist,
    Remove,
    Rename,
)
from spotify.playlists.replica import rebuilt

CHANGES: Mapping[str, type[Change]] = {"add": Add, "remove": Remove, "move": Move, "rename": Rename}


@dataclass(slots=True)
class Kept:
    """A playlist with its edits; collaborative: anybody may edit it, else its owner alone."""

    id: str
    owner: str
    is_public: bool
    is_collaborative: bool
    created_ms: int
    state: Playlist = field(default_factory=Playlist)
    edits: list[Edit] = field(default_factory=list)
    digests: list[str] = field(default_factory=lambda: ["0"])
    is_deleted: bool = False

    @property
    def changed_ms(self) -> int:
        """Return when it was edited last."""
        return self.edits[-1].at_ms if self.edits else self.created_ms

    @property
    def snapshot(self) -> str:
        """Return the name of its state."""
        return f"{len(self.edits)}-{self.digests[-1]}"

    def at(self, snapshot: str) -> Playlist:
        """Return the state of that name. Raises `Refused` with 409."""
        revision, _, digest = snapshot.partition("-")
        number = int(revision) if revision.isdecimal() else -1
        if not 0 <= number < len(self.digests) or self.digests[number] != digest:
            raise Refused(
                409, f"snapshot {snapshot!r} is none of this playlist's; get it anew", "stale"
            )
        return rebuilt(self.edits[:number])


class Playlists:
    """All playlists of a log. One caller at a time."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._kept: dict[str, Kept] = {}
        for record in log.read():
            self._apply(json.loads(record.payload))

    def create(
        self, id: str, owner: str, name: str, now_ms: int, *, is_public: bool = False
    ) -> Kept:
        """Make a playlist of that id, or return the one that has it."""
        if id not in self._kept:
            self._do(
                {"do": "create", "id": id, "owner": owner, "public": is_public, "at_ms": now_ms}
            )
            self.edit(id, Edit(f"{id}-name", Rename(name), owner, now_ms))
        return self._kept[id]

    def edit(self, id: str, edit: Edit) -> Kept:
        """Take an edit. Raises `Refused`: 404, 403 for who may not, 409 for what it does not know."""
        kept = self.editable(id, edit.by)
        if not kept.state.has_seen(edit.id):
            kept.state.must_fit(edit.change)  # what is refused is not in the log
            self._do({"do": "edit", "id": id, "edit": _facts(edit)})
        return kept

    def share(
        self, id: str, user: str, *, is_public: bool, is_collaborative: bool, now_ms: int
    ) -> None:
        """Let others see it, or edit it. Raises `Refused`: 404, 403."""
        self._owned(id, user)
        flags = {"public": is_public, "collaborative": is_collaborative}
        self._do({"do": "share", "id": id, **flags, "at_ms": now_ms})

    def delete(self, id: str, user: str) -> None:
        """Take a playlist away. Raises `Refused`: 404, 403."""
        self._owned(id, user)
        self._do({"do": "delete", "id": id})

    def get(self, id: str, user: str) -> Kept:
        """Return a playlist that a user may see. Raises `Refused`: 404, also for what is private."""
        kept = self._kept.get(id)
        if (
            kept is None
            or kept.is_deleted
            or not (kept.owner == user or kept.is_public or kept.is_collaborative)
        ):
            raise Refused(404, f"there is no playlist {id!r}")
        return kept

    def editable(self, id: str, user: str) -> Kept:
        """Return a playlist that a user may edit. Raises `Refused`: 404, 403."""
        kept = self.get(id, user)
        if kept.owner != user and not kept.is_collaborative:
            raise Refused(
                403, f"{kept.state.name!r} belongs to {kept.owner}, who edits it alone", "owner"
            )
        return kept

    def of(self, user: str) -> list[Kept]:
        """Return the playlists that a user sees, the oldest first."""
        return [
            kept
            for kept in self._kept.values()
            if not kept.is_deleted
            and (kept.owner == user or kept.is_public or kept.is_collaborative)
        ]

    def _owned(self, id: str, user: str) -> Kept:
        kept = self.get(id, user)
        if kept.owner != user:
            raise Refused(403, f"{kept.state.name!r} belongs to {kept.owner}", "owner")
        return kept

    def _do(self, fact: Mapping[str, Any]) -> None:
        self._log.append(json.dumps(fact, separators=(",", ":")).encode())
        self._log.commit()
        self._apply(fact)

    def _apply(self, fact: Mapping[str, Any]) -> None:
        id = fact["id"]
        match fact["do"]:
            case "create":
                self._kept[id] = Kept(id, fact["owner"], fact["public"], False, fact["at_ms"])
            case "edit":
                kept, edit = self._kept[id], _edit(fact["edit"])
                kept.state.apply(edit)
                kept.edits.append(edit)
                before = kept.digests[-1] + json.dumps(fact["edit"])
                kept.digests.append(blake2b(before.encode(), digest_size=6).hexdigest())
            case "share":
                kept = self._kept[id]
                kept.is_public, kept.is_collaborative = fact["public"], fact["collaborative"]
            case "delete":
                self._kept[id].is_deleted = True


def _facts(edit: Edit) -> dict[str, Any]:
    kind = next(name for name, made in CHANGES.items() if isinstance(edit.change, made))
    return {"id": edit.id, "by": edit.by, "at_ms": edit.at_ms, "kind": kind, **asdict(edit.change)}


def _edit(facts: Mapping[str, Any]) -> Edit:
    own = {
        name: value for name, value in facts.items() if name not in ("id", "by", "at_ms", "kind")
    }
    if "entries" in own:
        own["entries"] = tuple(Entry(**each) for each in own["entries"])
    if "ids" in own:
        own["ids"] = tuple(own["ids"])
    return Edit(facts["id"], CHANGES[facts["kind"]](**own), facts["by"], facts["at_ms"])


def added(
    state: Playlist, tracks: Sequence[str], place: int | None, edit_id: str, by: str, at_ms: int
) -> Add:
    """Return the change that puts tracks at a place of a state; None: at the end."""
    entries = tuple(Entry(f"{edit_id}.{n}", track, by, at_ms) for n, track in enumerate(tracks))
    shown = state.entries
    before = shown[: len(shown) if place is None else max(0, place)]
    return Add(entries, before[-1].id if before else START)


def reordered(state: Playlist, first: int, count: int, before: int) -> Move:
    """Return the change that moves `count` entries from place `first` before place `before` of a state.

    Raises `Refused` with 400 for places that are none.
    """
    shown = state.entries
    if not (first >= 0 and count > 0 and first + count <= len(shown) and 0 <= before <= len(shown)):
        raise Refused(
            400,
            f"places {first} to {first + count} before {before}: there are {len(shown)} entries",
        )
    ids = tuple(entry.id for entry in shown[first : first + count])
    return Move(ids, shown[before - 1].id if before else START)


def removed(state: Playlist, places: Sequence[int]) -> Remove:
    """Return the change that takes out what is at these places of a state. Raises `Refused` with 400."""
    shown = state.entries
    for place in places:
        if not 0 <= place < len(shown):
            raise Refused(400, f"place {place} is none: there are {len(shown)} entries")
    return Remove(tuple(shown[place].id for place in places))


def without(state: Playlist, tracks: Sequence[str]) -> Remove:
    """Return the change that takes out all entries of these tracks."""
    return Remove(tuple(entry.id for entry in state.entries if entry.track in tracks))


def tracks_of(kept: Kept) -> Iterator[str]:
    """Yield the tracks of a playlist, in order."""
    return (entry.track for entry in kept.state.entries)
