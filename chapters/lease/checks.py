"""What the exercises on leases check: epochs across crashes, when to stop, what a fence lets through.

Page: docs/chapters/lease.md
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.errors import KitError
from chapters.lease.fence import Fence
from chapters.lease.holder import Holder
from chapters.lease.lease import Lease, Leases
from chapters.lease.messages import Answer, Ask
from chapters.sim.clock import MS, S, VirtualClock
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed

TTL_S = 1.2  # thirds, sixths and tenths of it are whole milliseconds
WRITES_MAX = 4  # of one grant: some record, its sync, and the names at the first

# Epochs.


def given(steps: list[list[JSON]]) -> JSON:
    """Play steps on a giver; say of each what came back: [epoch, seconds it runs], or an error.

    ["acquire" | "take over", name, holder, ttl], ["renew" | "release", name, epoch], ["wait", s],
    ["restart"], and ["power fails", writes], after which the next step's write number so many dies.
    """
    clock, disk = VirtualClock(), SimDisk(rng=Random(3))
    leases = Leases(clock=clock, disk=disk)
    found: list[JSON] = []
    for what, *words in steps:
        match what:
            case "wait":
                clock.advance(round(float(str(words[0])) * S))
            case "power fails":
                disk.crash_after(int(str(words[0])))
            case "restart":
                leases = Leases(clock=clock, disk=disk)
            case _:
                try:
                    found.append(_played(leases, clock, str(what), [str(each) for each in words]))
                except Crashed:
                    found.append("Crashed")
                    disk.crash()
                    leases = Leases(clock=clock, disk=disk)
                except KitError as error:
                    found.append(type(error).__name__)
    return found


def _played(leases: Leases, clock: VirtualClock, what: str, words: list[str]) -> JSON:
    match what, words:
        case "acquire", [name, holder, ttl_s]:
            lease = leases.acquire(name, holder, float(ttl_s))
        case "take over", [name, holder, ttl_s]:
            lease = leases.take_over(name, holder, float(ttl_s))
        case "renew", [name, epoch]:
            lease = leases.renew(name, int(epoch))
        case _, [name, epoch]:
            leases.release(name, int(epoch))
            return None
        case _:
            raise AssertionError(what)
    return [lease.epoch, lease.holder, round(lease.until_s - clock.now_ns() / S, 3)]


def never_twice(args: Case, got: JSON, expected: JSON) -> bool:
    """Return whether the same steps succeeded, and each epoch is above those before."""
    assert isinstance(expected, list)
    if not isinstance(got, list) or len(got) != len(expected):
        return False
    epochs = [each[0] for each in got if isinstance(each, list)]
    kinds = [each if isinstance(each, str) else "" for each in got]
    return kinds == [each if isinstance(each, str) else "" for each in expected] and all(
        isinstance(one, int) and isinstance(two, int) and one < two
        for one, two in zip([0, *epochs], epochs, strict=False)
    )


def one_holder(rng: Random) -> Iterator[Case]:
    ttl = rng.choice([2, 3, 5])
    ask: JSON = ["acquire", "lamp", "ada", ttl]
    other: JSON = ["acquire", "lamp", "ben", ttl]
    yield ([ask, other, ["wait", ttl - 0.5], other, ["wait", 1], other, ask],)
    yield ([ask, ["release", "lamp", 1], other, ["release", "lamp", 1], ask],)
    yield ([ask, ["acquire", "door", "ben", ttl], other, ["wait", 9], other, ["renew", "lamp", 1]],)


def same_holder(rng: Random) -> Iterator[Case]:
    ask: JSON = ["acquire", "lamp", "ada", rng.choice([2, 3])]
    yield ([ask, ask, ["renew", "lamp", 1], ["renew", "lamp", 2]],)
    yield ([ask, ["take over", "lamp", "ben", 4], ask, ["renew", "lamp", 1]],)


def restarts(rng: Random) -> Iterator[Case]:
    steps: list[JSON] = []
    for _ in range(3):
        for name in rng.sample(["lamp", "door", "bell"], 2):
            steps.append(["acquire", name, rng.choice(["ada", "ben"]), rng.choice([1, 2])])
        steps.append(["restart"])
    yield ([*steps, ["acquire", "lamp", "cem", 1], ["wait", 9], ["acquire", "lamp", "cem", 1]],)
    names = ["lamp", "door", "bell"]
    over: list[JSON] = [["acquire", name, "ada", 1] for name in names]
    yield ([*over, ["wait", 5], ["acquire", names[0], "ben", 1], ["restart"], *over],)


def power_cuts(rng: Random) -> Iterator[Case]:
    for writes in range(WRITES_MAX):
        ask: JSON = ["acquire", "lamp", "ada", 2]
        yield ([["power fails", writes], ask, ask, ask],)
        later = writes % 2
        yield ([ask, ask, ["power fails", later], ask, ask, ["restart"], ask],)


# Renewal.


@dataclass(slots=True)
class Scene:
    """A holder, what it asked, and what it was told."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    asks: list[Ask] = field(default_factory=list)
    events: list[JSON] = field(default_factory=list)

    def sent(self, ask: Ask) -> None:
        self.asks.append(ask)
        self.events.append([ask.kind.name.lower(), ask.epoch, ask.asked_ns / MS])

    def started(self, lease: Lease) -> None:
        self.events.append(["start", lease.epoch, self.clock.now_ns() / MS])

    def stopped(self) -> None:
        self.events.append(["stop", self.clock.now_ns() / MS])


def kept(steps: list[list[JSON]]) -> JSON:
    """Play steps on a holder; say after each what it did meanwhile, its epoch, and if it may act.

    ["wait", ms], ["grant", epoch, n] (an answer to the n-th last question), ["refuse", epoch].
    """
    scene = Scene()
    holder = Holder(
        "lamp",
        "ada",
        TTL_S,
        clock=scene.clock,
        send=scene.sent,
        on_start=scene.started,
        on_stop=scene.stopped,
    )
    holder.start()
    found: list[JSON] = []
    for what, number, *back in steps:
        count = int(str(number))
        if what == "wait":
            scene.clock.advance(count * MS)
        else:
            ask = scene.asks[-int(str(back[0]))] if back else scene.asks[-1]
            lease = Lease("lamp", "ada", count, TTL_S, 0.0) if what == "grant" else None
            holder.heard(Answer(lease, "", count, ask.asked_ns))
        found.append([scene.events[:], holder.epoch, holder.may_act])
        scene.events.clear()
    return found


def explain_kept(args: Case, got: JSON, expected: JSON) -> str:
    """Say at which step it first went another way."""
    lines = [f"a term of {TTL_S:g} s; [what it did, its epoch, may it act] after each step"]
    assert isinstance(expected, list)
    answers = got if isinstance(got, list) else [got]
    for step, mine, theirs in zip(args[0], answers, expected, strict=False):  # type: ignore[arg-type]
        lines.append(f"  {step}   is {mine}" + ("" if mine == theirs else f"\n    not {theirs}"))
        if mine != theirs:
            break
    return "\n".join(lines)


def waits(ms: int, times: int) -> list[JSON]:
    return [["wait", ms]] * times


def silent_givers(rng: Random) -> Iterator[Case]:
    yield ([["grant", 1, 1], *waits(100, 13)],)
    yield ([["wait", rng.randrange(10, 190)], ["grant", 1, 1], *waits(90, 16)],)


def renewals(rng: Random) -> Iterator[Case]:
    for _ in range(2):
        late = rng.randrange(20, 180)
        turn: list[JSON] = [["wait", 400], ["wait", late], ["grant", 1, 1]]
        yield ([["grant", 1, 1], *turn, ["wait", 400 - late], *turn[1:], *waits(300, 5)],)


def old_answers(rng: Random) -> Iterator[Case]:
    wait = rng.randrange(10, 60)
    yield ([["grant", 1, 1], ["wait", 650], ["grant", 1, 1], ["grant", 1, 2], *waits(200, 7)],)
    yield (
        [["wait", 1100 + wait], ["grant", 1, 6], ["grant", 2, 1], ["grant", 1, 2], ["wait", 50]],
    )
    yield ([["grant", 1, 1], ["wait", 450], ["refuse", 1], ["grant", 1, 1], ["wait", 300]],)
    yield ([["grant", 1, 1], ["wait", 1150], ["grant", 1, 2], ["wait", 300]],)


def new_epochs(rng: Random) -> Iterator[Case]:
    first, second = sorted(rng.sample(range(1, 30), 2))
    yield ([["wait", 250], ["grant", first, 2], ["grant", second, 1], *waits(150, 8)],)


# The fence.


def passed(epochs: list[int]) -> JSON:
    """Show epochs to a fence; say which it lets through, and what it remembers."""
    fence = Fence()
    found: list[JSON] = []
    for epoch in epochs:
        try:
            fence.check(epoch)
            found.append(["passes", fence.highest])
        except KitError as error:
            found.append([type(error).__name__, fence.highest])
    return found


def one_after_another(rng: Random) -> Iterator[Case]:
    yield ([1, 1, 1, 2, 2, 3],)
    yield (sorted(rng.sample(range(1, 100), 6)),)


def latecomers(rng: Random) -> Iterator[Case]:
    yield ([1, 2, 1, 2],)
    yield ([5, 9, 7, 8, 9, 5, 9],)
    yield ([rng.randint(1, 9) for _ in range(12)],)


STAGES: dict[str, list[Stage]] = {
    "epochs": [
        Stage("one holder at a time", one_holder, given),
        Stage("a new epoch each time", same_holder, given),
        Stage("across restarts", restarts, given, needs=(1,)),
        Stage("whenever the power fails", power_cuts, given, never_twice, needs=(1,)),
    ],
    "renewal": [
        Stage(
            "nobody answers: try again, and stop in time", silent_givers, kept, explain=explain_kept
        ),
        Stage("the giver answers, late", renewals, kept, explain=explain_kept),
        Stage("answers that come too late", old_answers, kept, explain=explain_kept),
        Stage("a later epoch", new_epochs, kept, explain=explain_kept, needs=(1,)),
    ],
    "fencing": [
        Stage("one after another", one_after_another, passed),
        Stage("latecomers", latecomers, passed),
    ],
}
