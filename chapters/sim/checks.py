"""The checks of this chapter's exercises. Page: docs/chapters/sim.md"""

import random
from collections.abc import Callable, Iterable, Sequence

from chapters.checking import JSON, Case, Stage
from chapters.errors import KitError
from chapters.sim.chance import Chance
from chapters.sim.disk import SimDisk
from chapters.sim.errors import NoSuchFile
from chapters.sim.faults import ddmin
from chapters.sim.replacement import replace

NAMES = ("network", "disk/a", "disk/b", "arrivals", "weather")


def single_streams(rng: random.Random) -> Iterable[Case]:
    return [(rng.randrange(1000), name, 5) for name in NAMES]


def draw(seed: int, name: str, count: int) -> JSON:
    """Draw from one stream, asked for once."""
    stream = Chance(seed).stream(name)
    return [stream.randrange(100) for _ in range(count)]


def repeated_names(rng: random.Random) -> Iterable[Case]:
    return [(rng.randrange(1000), [name] * 4) for name in NAMES[:3]]


def interleaved_names(rng: random.Random) -> Iterable[Case]:
    return [(rng.randrange(1000), [rng.choice(NAMES) for _ in range(8)]) for _ in range(4)]


def draw_by_name(seed: int, names: list[str]) -> JSON:
    """Ask for a stream before every draw."""
    chance = Chance(seed)
    return [chance.stream(name).randrange(100) for name in names]


OLD, LEFTOVER = "the old content", "half of someth"
LUCKS = range(40)  # crashes tried at every write: each tears differently
WRITES_MAX = 64  # replace() needs four or five


def contents(rng: random.Random) -> Iterable[Case]:
    return [("new", False), ("", False), ("x" * rng.randint(30, 60), False)]


def contents_beside_leftovers(rng: random.Random) -> Iterable[Case]:
    return [("new", True), ("x" * rng.randint(30, 60), True)]


def writes_of_replace(data: str, leftover: bool) -> JSON:
    """Return the writes that `replace` makes, in order; what they are worth is judged outside."""
    disk = _RecordingDisk(_disk(0, leftover))
    replace(disk, "settings", data.encode())
    return [list(write) for write in disk.writes]


def replaced(args: Case, got: JSON, expected: JSON) -> bool:
    """Judge without any crash: the new content, and no other file."""
    return not _wrong(_wrong_at_the_end, args, got)


def explain_replaced(args: Case, got: JSON, expected: JSON) -> str:
    return _explain(args, got, _wrong(_wrong_at_the_end, args, got))


def whole_wherever_it_crashes(args: Case, got: JSON, expected: JSON) -> bool:
    """Judge with the power failing before every write."""
    return not _wrong(_wrong_in_between, args, got)


def explain_whole(args: Case, got: JSON, expected: JSON) -> str:
    return _explain(args, got, _wrong(_wrong_in_between, args, got))


def new_for_good(args: Case, got: JSON, expected: JSON) -> bool:
    """Judge with the power failing after the last write."""
    return not _wrong(_wrong_afterwards, args, got)


def explain_new_for_good(args: Case, got: JSON, expected: JSON) -> str:
    return _explain(args, got, _wrong(_wrong_afterwards, args, got))


class _RecordingDisk:
    """A `Disk` that keeps a list of the writes made to it."""

    def __init__(self, disk: SimDisk) -> None:
        self._disk = disk
        self.names, self.size, self.read = disk.names, disk.size, disk.read
        self.writes: list[tuple[str | int, ...]] = []

    def append(self, name: str, data: bytes) -> None:
        self._record("append", name, data.decode())

    def sync(self, name: str) -> None:
        self._record("sync", name)

    def truncate(self, name: str, size: int) -> None:
        self._record("truncate", name, size)

    def rename(self, old: str, new: str) -> None:
        self._record("rename", old, new)

    def remove(self, name: str) -> None:
        self._record("remove", name)

    def sync_names(self) -> None:
        self._record("sync_names")

    def _record(self, *write: str | int) -> None:
        _apply(self._disk, list(write))
        self.writes.append(write)


def _disk(luck: int, leftover: bool) -> SimDisk:
    """Return a disk that holds the old settings, synced, and perhaps an earlier crash's remains."""
    disk = SimDisk(rng=random.Random(luck))
    for name, data in {"settings": OLD, **({"settings.tmp": LEFTOVER} if leftover else {})}.items():
        disk.append(name, data.encode())
        disk.sync(name)
    disk.sync_names()
    return disk


def _apply(disk: SimDisk, write: object) -> None:
    match write:
        case ["append", str(name), str(data)]:
            disk.append(name, data.encode())
        case ["truncate", str(name), int(size)]:
            disk.truncate(name, size)
        case ["rename", str(old), str(new)]:
            disk.rename(old, new)
        case ["sync" | "remove" as what, str(name)]:
            getattr(disk, what)(name)
        case ["sync_names"]:
            disk.sync_names()
        case _:
            raise NoSuchFile(f"{write!r} is not a write to a disk")


def _after(got: JSON, writes: int, luck: int, leftover: bool, crash: bool) -> SimDisk:
    """Return the disk after the first so many writes, and perhaps a crash."""
    disk = _disk(luck, leftover)
    for write in got[:writes] if isinstance(got, list) else [got]:
        _apply(disk, write)
    if crash:
        disk.crash()
    return disk


def _wrong(look: Callable[[JSON, str, bool], str], args: Case, got: JSON) -> str:
    """Return what `look` finds wrong, or "". `got` comes out of the box: it may be anything."""
    if _count(got) > WRITES_MAX:
        return f"{_count(got)} writes for one file; {WRITES_MAX} are allowed"
    try:
        return look(got, str(args[0]), bool(args[1]))
    except (KitError, AssertionError, UnicodeError) as error:
        return f"the disk refused: {error}"


def _settings(disk: SimDisk) -> str:
    return disk.read("settings").decode() if "settings" in disk.names() else "no such file"


def _wrong_at_the_end(got: JSON, new: str, leftover: bool) -> str:
    disk = _after(got, _count(got), 0, leftover, crash=False)
    if disk.names() != ["settings"]:
        return f"afterwards the files are {disk.names()}, expected only settings"
    return _unless(_settings(disk), [new], "afterwards")


def _wrong_in_between(got: JSON, new: str, leftover: bool) -> str:
    if wrong := _wrong_at_the_end(got, new, leftover):
        return wrong
    for writes in range(_count(got)):
        for luck in LUCKS:
            held = _settings(_after(got, writes, luck, leftover, crash=True))
            when = f"when the power fails before write {writes + 1} of {_count(got)}"
            if wrong := _unless(held, [OLD, new], when):
                return wrong
    return ""


def _wrong_afterwards(got: JSON, new: str, leftover: bool) -> str:
    for luck in LUCKS:
        held = _settings(_after(got, _count(got), luck, leftover, crash=True))
        if wrong := _unless(held, [new], "when the power fails after replace() has returned"):
            return wrong
    return ""


def _count(got: JSON) -> int:
    return len(got) if isinstance(got, list) else 1


def _unless(held: str, good: list[str], when: str) -> str:
    """Return "" if the settings are as they should be, else what is wrong."""
    expected = " or ".join(map(repr, good))
    return "" if held in good else f"{when}, settings holds {held!r}; expected {expected}"


def _explain(args: Case, got: JSON, wrong: str) -> str:
    writes = [" ".join(map(str, write)) for write in got] if isinstance(got, list) else [str(got)]
    called = f"replace(disk, 'settings', {str(args[0])!r})   where it held {OLD!r}"
    beside = f", beside a settings.tmp of {LEFTOVER!r}" if args[1] else ""
    return "\n".join([called + beside, f"  it wrote: {' · '.join(writes)}", f"  {wrong}"])


def lone_culprits(rng: random.Random) -> Iterable[Case]:
    return [([rng.randrange(size)], size, 10 * size) for size in (1, 2, 7, 16)]


def several_culprits(rng: random.Random) -> Iterable[Case]:
    return [
        (sorted(rng.sample(range(size), count)), size, 4 * size * size)
        for size, count in ((4, 2), (12, 2), (20, 3), (24, 5))
    ]


def no_culprit(rng: random.Random) -> Iterable[Case]:
    return [([], 9, 100), ([], rng.randint(2, 30), 100)]


def many_items(rng: random.Random) -> Iterable[Case]:
    return [([rng.randrange(500)], 500, 60), (sorted(rng.sample(range(500), 2)), 500, 150)]


def blame(culprits: list[int], size: int, calls_max: int) -> JSON:
    """Shrink 0..size-1, which fails when all `culprits` are among them; count the calls."""
    calls = 0

    def still_fails(items: Sequence[int]) -> bool:
        nonlocal calls
        calls += 1
        return set(culprits) <= set(items)

    kept = ddmin(list(range(size)), still_fails)
    return {"kept": list(kept), f"at most {calls_max} calls": calls <= calls_max}


STAGES = {
    "seeded-streams": [
        Stage("a stream depends on the seed and its name", cases=single_streams, drive=draw),
        Stage("asking again goes on, it does not begin again", repeated_names, draw_by_name),
        Stage("streams do not disturb each other", interleaved_names, draw_by_name),
    ],
    "unsynced-data": [
        Stage(
            "the file is replaced, and nothing is left beside it",
            cases=contents,
            drive=writes_of_replace,
            judge=replaced,
            explain=explain_replaced,
        ),
        Stage(
            "old or new, whole, wherever the power fails",
            cases=contents,
            drive=writes_of_replace,
            judge=whole_wherever_it_crashes,
            explain=explain_whole,
        ),
        Stage(
            "once it has returned, it is the new",
            cases=contents,
            drive=writes_of_replace,
            judge=new_for_good,
            explain=explain_new_for_good,
            needs=(1,),
        ),
        Stage(
            "what an earlier crash left behind does no harm",
            cases=contents_beside_leftovers,
            drive=writes_of_replace,
            judge=replaced,
            explain=explain_replaced,
            needs=(1,),
        ),
    ],
    "shrinking": [
        Stage("one culprit is found", cases=lone_culprits, drive=blame),
        Stage("several culprits are all kept, in order", cases=several_culprits, drive=blame),
        Stage("without any culprit nothing is kept", cases=no_culprit, drive=blame, needs=(1,)),
        Stage("five hundred items take few runs", cases=many_items, drive=blame, needs=(2,)),
    ],
}
