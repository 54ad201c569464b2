"""Power failure at every single write of a run: nothing acknowledged is lost, nothing comes back.

    acts     put a · multipart b/1 · delete a · …          each is some 10 to 20 writes of the disk
    crash    at write 0, 1, 2, …, the last one             each is one crash point, and one run
    after    open again: what is there is what the model says, with or without the act that was under way

The model is told of every act that was answered. The one that was not may have happened, whole, or not
at all. Now and then the power fails again while the store recovers, and always the store is asked for
more afterwards, and tidied up, before it is looked at once more: what recovery broke in secret shows
then. Source: ALICE (OSDI 2014) for the method, SOSP 2021 (ShardStore) for the model.
Page: docs/s3/consistency.md
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from chapters.errors import KitError
from chapters.sim.errors import Crashed, at_least
from s3.consistency.acts import ask, draw, seen
from s3.consistency.model import Act, BucketModel, Kept
from s3.scene.one_disk import OneDisk
from s3.scene.store import BUCKET

ACTS = 12
TWICE = 0.3  # of the crashes are followed by another one while the store recovers
VERSION_HEADER = "x-amz-version-id"


@dataclass(slots=True)
class Explored:
    """What a search through crash points found."""

    points: int = 0
    twice: int = 0  # of them with a second crash, in recovery
    happened: int = 0  # acts under way that turned out to have happened
    acts: int = 0  # acknowledged before a crash, and looked for after it
    broken: list[str] = field(default_factory=list)


def explore(seed: int, points: int, acts: int = ACTS) -> Explored:
    """Try `points` crash points: all those of one run of acts after another."""
    found = Explored()
    run = 0
    while found.points < points:
        writes = _writes_of(f"{seed}/{run}", acts)
        for write in range(min(writes, points - found.points)):
            _try(f"{seed}/{run}", write, acts, found)
        run += 1
    return found


def _writes_of(seed: str, acts: int) -> int:
    store = _opened(seed)
    before = store.disk.operations
    for _ in _played(store, seed, acts, BucketModel()):
        pass
    return store.disk.operations - before


def _opened(seed: str) -> OneDisk:
    store = OneDisk(seed)
    assert store.client.put(f"/{BUCKET}", b"").is_ok
    return store


def _played(store: OneDisk, seed: str, acts: int, model: BucketModel) -> Iterator[Act]:
    """Play the acts of a run; each is yielded before it is asked, and is in the model once answered.

    It ends early when an act is not answered: the power is gone.
    """
    rng = Random(f"{seed}/acts")
    for _ in range(acts):
        act = draw(rng, model)
        yield act
        if not perform(store, act, model):
            return
        store.pause()


def perform(store: OneDisk, act: Act, model: BucketModel) -> bool:
    """Ask it of store and model; return whether the store answered, as it had to."""
    try:
        if act.kind == "tidy":
            store.tidy()
            return True
        answered = ask(store.client, act)
    except KitError:  # the power is gone
        return False
    if answered.status >= 500:
        return False
    right = model.status(act)
    assert answered.status == right, f"{act}: {answered.status} {answered.code}, not {right}"
    model.apply(act, answered.headers.get(VERSION_HEADER, ""))
    return True


def _try(seed: str, write: int, acts: int, found: Explored) -> None:
    """Crash at one write of a run, and see what is left."""
    store, model = _opened(seed), BucketModel()
    store.disk.crash_after(write)
    pending, count = None, 0
    for act in _played(store, seed, acts, model):
        pending, count = act, count + 1
    found.points += 1
    found.acts += count - 1
    rng = Random(f"{seed}/{write}")
    assert pending is not None, "a run has at least one act"
    where = f"seed {seed}, write {write}, during {pending}"
    try:
        found.twice += _recover(store, rng)
    except KitError as error:
        found.broken.append(f"{where}: does not open: {error}")
        return
    with_it = model.copy()
    with_it.apply(pending)
    left = seen(store.client)
    if agree(left, with_it):
        found.happened += not agree(left, model)
    elif not agree(left, model):
        found.broken.append(f"{where}: {differences(left, model)}")
        return
    if complaint := _goes_on(store, rng, left):
        found.broken.append(f"{where}, later: {complaint}")


def _recover(store: OneDisk, rng: Random) -> bool:
    """Open the store after a crash; perhaps the power fails once more meanwhile."""
    store.crash()
    is_twice = rng.random() < TWICE
    if is_twice:
        store.disk.crash_after(rng.randrange(8))
        try:
            store.open()
        except Crashed:
            store.crash()
        else:
            is_twice = False
            store.crash()
    store.open()
    return is_twice


def _goes_on(store: OneDisk, rng: Random, model: BucketModel) -> str:
    """Ask for more, tidy up, and look again; return what is wrong then, or ""."""
    for act in (draw(rng, model), Act("tidy")):
        if not perform(store, act, model):
            return f"{act} is not answered"
    left = seen(store.client)
    return "" if agree(left, model) else differences(left, model)


def agree(left: BucketModel, model: BucketModel) -> bool:
    """Return whether what is there is what the model says; an id that nobody was told may be any."""
    return not differences(left, model)


def _equal(there: Kept, kept: Kept) -> bool:
    is_named = kept.id in ("", there.id)
    return is_named and there.body == kept.body and there.etag == kept.etag


def differences(left: BucketModel, model: BucketModel) -> str:
    """Say in words where store and model differ; "" if they do not."""
    words = []
    if left.versioning != model.versioning:
        words.append(f"versioning is {left.versioning!r} and should be {model.versioning!r}")
    for key in sorted(left.keys.keys() | model.keys.keys()):
        there, should = left.keys.get(key, ()), model.keys.get(key, ())
        if len(there) != len(should) or not all(map(_equal, there, should)):
            words.append(f"{key} is {_shape(there)} and should be {_shape(should)}")
    return "; ".join(words)


def _shape(versions: tuple[Kept, ...]) -> str:
    sizes = ("marker" if each.body is None else f"{len(each.body)} B" for each in versions)
    return f"[{', '.join(sizes)}]"


def demo(*, seed: int = 7, points: int = 1_000, acts: int = ACTS) -> None:
    """Cut the power at every write of a few runs, and look at what is left each time."""
    at_least(1, points=points, acts=acts)
    found = explore(seed, points, acts)
    print(f"{found.points:,} crash points, {found.twice:,} of them with a second crash in recovery")
    print(f"  {found.acts:,} acts acknowledged before a crash and looked for after it")
    print(f"  {found.happened:,} acts were under way, never answered, and had happened")
    print(f"  {len(found.broken)} broken promises")
    for line in found.broken[:5]:
        print(f"  ✘ {line}")


if __name__ == "__main__":
    demo()
