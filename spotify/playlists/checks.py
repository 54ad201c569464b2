"""What the exercises on playlists check: moved entries, rebased edits, places that become ids.

Page: docs/spotify/playlists.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.errors import Refused
from spotify.playlists.generated import schedule
from spotify.playlists.playlist import START, Add, Change, Edit, Entry, Move, Playlist, Remove
from spotify.playlists.replica import Replica
from spotify.playlists.service import reordered


def _change(words: list[str]) -> Change:
    """add x AFTER, out x y, or move x y AFTER; AFTER may be ^ for the start."""
    kind, *ids = words
    after = START if ids[-1] == "^" else ids[-1]
    if kind == "add":
        return Add(tuple(Entry(id, id, "ada", 0) for id in ids[:-1]), after)
    return Remove(tuple(ids)) if kind == "out" else Move(tuple(ids[:-1]), after)


def moved(changes: list[str]) -> JSON:
    """Apply changes to a playlist of a, b, c, d and e."""
    found = Playlist()
    try:
        for number, words in enumerate(["add a b c d e ^", *changes]):
            found.apply(Edit(f"{number}", _change(words.split()), "ada", 0))
    except Refused as refused:
        return refused.status
    return " ".join(entry.id for entry in found.entries)


def one_moves(rng: Random) -> Iterator[Case]:
    for change in ("move d a", "move a ^", "move a c", "move e ^", "move a e", "move c c"):
        yield ([change],)
    yield ([f"move {rng.choice('bcd')} {rng.choice('ae')}"],)


def several_move(rng: Random) -> Iterator[Case]:
    for change in (
        "move d e a",
        "move a b e",
        "move e a ^",
        "move b c b",
        "move a b c c",
        "move e d c a",
    ):
        yield ([change],)


def around_the_gone(rng: Random) -> Iterator[Case]:
    yield (["out c", "move e c"],)
    yield (["out c", "move c ^"],)
    yield (["out a b", "move e b", "move d a"],)
    yield (["out b", "move b d a", "out d"],)
    yield (["move z a"],)
    yield (["move a z"],)


def heard(script: list[str]) -> JSON:
    """Run a script: `ada add x ^` edits, `ada>` sends, `ada<` hears what is new, `ada<<` all."""
    replicas = {name: Replica(name) for name in ("ada", "ben")}
    service, log = Playlist(), list[Edit]()
    shown: list[JSON] = []
    for line in script:
        name, _, rest = line.partition(" ")
        replica = replicas[name.rstrip("<>")]
        if name.endswith(">"):
            for edit in replica.pending:
                if not service.has_seen(edit.id):
                    service.apply(edit)
                    log.append(edit)
        elif name.endswith("<<"):
            replica.hear(0, log)
        elif name.endswith("<"):
            first = replica.revision
            replica.hear(first, log[first:])
        else:
            replica.edit(_change(rest.split()))
        shown.append(
            [
                " ".join(entry.id for entry in replica.entries),
                len(replica.pending),
                replica.revision,
            ]
        )
    return shown


def alone(rng: Random) -> Iterator[Case]:
    yield (["ada add x ^", "ada>", "ada<", "ben<", "ben<<", "ada<"],)


def together(rng: Random) -> Iterator[Case]:
    yield (["ada add x ^", "ben add y ^", "ada>", "ben<", "ben>", "ada<", "ben<"],)
    yield (
        [
            "ada add x y z ^",
            "ada>",
            "ada<",
            "ben<",
            "ben out y",
            "ada move y ^",
            "ben>",
            "ada<",
            "ada>",
            "ben<",
        ],
    )
    yield (
        [
            "ada add x ^",
            "ada>",
            "ben<",
            "ben add y x",
            "ada add z x",
            "ada>",
            "ben<",
            "ben add w y",
            "ben>",
            "ada<",
        ],
    )


def weather(rng: Random) -> Iterator[Case]:
    for _ in range(4):
        yield rng.randrange(10**6), rng.randrange(2, 5)


def converged(seed: int, devices: int) -> JSON:
    """Run a random schedule; return whether all show the same, and nothing was lost."""
    found = schedule(Random(seed), devices, 14)
    return [found.has_converged, found.has_kept_all]


def to_ids(count: int, gone: list[int], first: int, many: int, before: int) -> JSON:
    """Turn places of a playlist, of which some entries were removed, into a change."""
    state = Playlist()
    state.apply(
        Edit("1", Add(tuple(Entry(f"e{n}", "t", "ada", 0) for n in range(count)), START), "ada", 0)
    )
    state.apply(Edit("2", Remove(tuple(f"e{n}" for n in gone)), "ada", 0))
    try:
        found = reordered(state, first, many, before)
    except Refused as refused:
        return refused.status
    return [list(found.ids), found.after]


def places(rng: Random) -> Iterator[Case]:
    yield 6, [], 3, 1, 0
    yield 6, [], 0, 2, 6
    yield 6, [], 1, 3, rng.randrange(1, 7)


def with_gaps(rng: Random) -> Iterator[Case]:
    yield 6, [0, 3], 2, 1, 0
    yield 6, [1, 2], 0, 1, 4
    yield 6, [5], 0, 5, 0


def wrong(rng: Random) -> Iterator[Case]:
    yield 4, [], 4, 1, 0
    yield 4, [0], 3, 1, 0
    yield 4, [], 0, 0, 2
    yield 4, [], 0, 1, 5
    yield 4, [], -1, 1, 0


STAGES: dict[str, list[Stage]] = {
    "move-entries": [
        Stage("one entry moves", one_moves, moved),
        Stage("several, in the order that was said", several_move, moved, needs=(1,)),
        Stage(
            "behind what is gone, and what was gone stays so", around_the_gone, moved, needs=(1,)
        ),
    ],
    "rebase": [
        Stage("one device", alone, heard),
        Stage("two devices at once", together, heard, needs=(1,)),
        Stage("messages that are lost and come twice", weather, converged, needs=(2,)),
    ],
    "places-to-ids": [
        Stage("places of a whole list", places, to_ids),
        Stage("removed entries have no place", with_gaps, to_ids, needs=(1,)),
        Stage("places that are none", wrong, to_ids, needs=(1,)),
    ],
}
