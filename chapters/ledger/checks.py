"""What the ledger's exercises check: all or nothing, once, never overdrawn, and split to the last unit.

A script is a list of steps; each is answered in a few words, and at the end stand the balances.
Page: docs/chapters/ledger.md
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from chapters.checking import JSON, Case, Cases, Stage
from chapters.errors import KitError
from chapters.ledger.commands import Command
from chapters.ledger.entry import Account, Entry, Leg
from chapters.ledger.ledger import Ledger
from chapters.ledger.split import split
from chapters.sim.clock import S, VirtualClock
from chapters.sim.errors import DiskFull

ACCOUNTS = (
    Account("bank", "EUR", may_overdraw=True),
    Account("anna", "EUR"),
    Account("ben", "EUR"),
    Account("shop", "EUR"),
    Account("depot", "shares", may_overdraw=True),
    Account("anna's shares", "shares"),
)


class Desk:
    """A ledger in memory, the clock beside it, and a disk that can be full."""

    def __init__(self) -> None:
        self.clock, self.is_full, self.written = VirtualClock(), False, 0
        self.ledger = Ledger(clock=self.clock, record=self.record)
        for account in ACCOUNTS:
            self.ledger.open(account)

    def record(self, at_ns: int, command: Command) -> None:
        if self.is_full:
            raise DiskFull("the disk is full")
        self.written += 1

    def answer(self, step: Sequence[JSON]) -> str:
        """Do one step; say what came of it."""
        try:
            return self.do(step)
        except KitError as refusal:
            return type(refusal).__name__

    def do(self, step: Sequence[JSON]) -> str:
        match step:
            case ["post", str(id), list(legs)]:
                return f"posted as {self.ledger.post(Entry(id, read(legs))).number}"
            case ["reserve", str(id), list(legs), int(ttl_s)]:
                return self.ledger.reserve(id, read(legs), ttl_ns=ttl_s * S).state.value
            case ["settle", str(id)]:
                return f"posted as {self.ledger.settle(id).number}"
            case ["settle", str(id), list(legs)]:
                return f"posted as {self.ledger.settle(id, read(legs)).number}"
            case ["void", str(id)]:
                return self.ledger.void(id).state.value
            case ["wait", int(wait_s)]:
                self.clock.advance(wait_s * S)
            case ["disk", str(state)]:
                self.is_full = state == "full"
        return "done"


def read(legs: Sequence[Sequence[JSON]]) -> tuple[Leg, ...]:
    """Return legs that were written as [account, amount]."""
    return tuple(Leg(str(account), int(str(amount))) for account, amount in legs)


def plays(script: list[list[JSON]]) -> JSON:
    """Do the steps; return each answer, the balances, what two may spend, and how much was written."""
    desk = Desk()
    answers = [desk.answer(step) for step in script]
    balances = {name: amount for name, amount in desk.ledger.balances().items() if amount}
    available = {name: desk.ledger.available(name) for name in ("anna", "ben")}
    written = desk.written - len(ACCOUNTS)
    return {
        "answers": answers,
        "balances": balances,
        "available": available,
        "commands written": written,
    }


def explain_play(args: Case, got: JSON, expected: JSON) -> str:
    """Show the script with the answers of both sides, and then what stands in the accounts."""
    script = args[0]
    assert isinstance(script, Sequence)
    assert isinstance(got, Mapping) and isinstance(expected, Mapping)
    lines = []
    for step, mine, ours in zip(script, _list(got), _list(expected), strict=False):
        mark = "" if mine == ours else f"      expected {ours}"
        lines.append(f"{_say(step)} → {mine}{mark}")
    for what in ("balances", "available", "commands written"):
        lines.append(f"{what} {got.get(what)}")
        if got.get(what) != expected.get(what):
            lines.append(f"{' ' * len(what)} {expected.get(what)} expected")
    return "\n".join(lines)


def _list(answer: Mapping[str, JSON]) -> Sequence[JSON]:
    answers = answer.get("answers")
    return answers if isinstance(answers, Sequence) else []


def _say(step: JSON) -> str:
    assert isinstance(step, Sequence)
    return " ".join(str(word) for word in step)


def splits(amount: int, weights: list[list[JSON]]) -> JSON:
    """Split the amount by [name, weight]; return the shares as [name, share], and their sum."""
    shares = split(amount, {str(name): int(str(weight)) for name, weight in weights})
    return [[[name, share] for name, share in shares.items()], sum(shares.values())]


def moves(source: str, *targets: tuple[str, int]) -> list[JSON]:
    """Return legs that take from one account what the others get."""
    return [(source, -sum(amount for _, amount in targets)), *targets]


def pays_in(amount: int) -> list[JSON]:
    return ["post", "pay in", moves("bank", ("anna", amount))]


def entry(id: str, *legs: tuple[str, int]) -> list[JSON]:
    """Return the step that posts these legs, whatever they sum to."""
    return ["post", id, list(legs)]


def simple_entries(rng: Random) -> Iterator[Case]:
    amount = rng.randint(50, 90)
    yield ([pays_in(amount), ["post", "sale", moves("anna", ("shop", 30), ("ben", 5))]],)
    yield ([["post", "swap", moves("bank", ("anna", amount))], pays_in(7)],)


def unbalanced_entries(rng: Random) -> Iterator[Case]:
    for off in (-1, 1, rng.randint(2, 20)):
        yield ([pays_in(90), entry("wrong", ("anna", -30), ("shop", 30 + off))],)
    yield ([pays_in(90), entry("one", ("anna", 0)), entry("none")],)
    trade = entry("trade", ("anna", -40), ("bank", 40), ("depot", -3), ("anna's shares", 3))
    yield ([pays_in(90), trade],)
    yield ([pays_in(90), entry("units", ("anna", -3), ("anna's shares", 3))],)


def overdrafts(rng: Random) -> Iterator[Case]:
    have = rng.randint(20, 60)
    yield ([pays_in(have), entry("all", *sells(have))],)
    yield ([pays_in(have), entry("more", *sells(have + 1)), pays_in(have)],)
    yield ([pays_in(have), entry("with money back", *sells(have + 10), *sells(-10))],)
    yield ([pays_in(have), entry("in two legs", *sells(have), *sells(1))],)


def sells(amount: int) -> list[tuple[str, int]]:
    """Return the legs by which anna pays the shop."""
    return [("anna", -amount), ("shop", amount)]


def all_or_nothing(rng: Random) -> Iterator[Case]:
    have = rng.randint(20, 60)
    right = entry("x", ("anna", -5), ("ben", 5))
    yield ([pays_in(have), entry("x", ("ben", 5), ("anna", -5), *sells(have)), right],)
    yield ([pays_in(have), entry("x", ("anna", -5), ("nobody", 5)), right],)
    yield ([pays_in(have), ["disk", "full"], right],)
    yield ([pays_in(have), ["disk", "full"], right, ["disk", "free"], right, right],)


def retries(rng: Random) -> Iterator[Case]:
    have = rng.randint(50, 90)
    sale: JSON = ["post", "sale", moves("anna", ("shop", 30))]
    other: JSON = ["post", "sale", moves("anna", ("shop", 31))]
    yield ([pays_in(have), sale, sale, pays_in(have), sale],)
    yield ([pays_in(have), sale, other],)
    yield ([pays_in(30), sale, sale],)


def held(rng: Random) -> Iterator[Case]:
    have = rng.randint(50, 90)
    order: JSON = ["reserve", "order", moves("anna", ("shop", 40)), 60]
    rest: JSON = ["post", "rest", moves("anna", ("ben", have - 40))]
    more: JSON = ["post", "more", moves("anna", ("ben", have - 39))]
    yield ([pays_in(have), order, more, rest],)
    yield ([pays_in(have), order, ["post", "gift", moves("bank", ("anna", 5))], more],)


def set_aside(rng: Random) -> Iterator[Case]:
    have = rng.randint(50, 90)
    order: JSON = ["reserve", "order", moves("anna", ("shop", 40)), 60]
    yield ([pays_in(have), order],)
    yield ([pays_in(have), order, order],)
    yield ([pays_in(have), order, ["reserve", "next", moves("anna", ("ben", have - 39)), 60]],)
    yield ([pays_in(have), order, ["reserve", "order", moves("anna", ("shop", 41)), 60]],)
    yield ([pays_in(have), ["reserve", "wrong", [("anna", -4), ("shop", 5)], 60]],)
    yield ([pays_in(have), ["disk", "full"], order, ["disk", "free"], order],)


def settled(rng: Random) -> Iterator[Case]:
    have, less = rng.randint(50, 90), rng.randint(1, 39)
    order: JSON = ["reserve", "order", moves("anna", ("shop", 40)), 60]
    yield ([pays_in(have), order, ["settle", "order"]],)
    yield ([pays_in(have), order, ["settle", "order"], ["settle", "order"]],)
    part: JSON = ["settle", "order", moves("anna", ("shop", less), ("ben", 1))]
    yield ([pays_in(have), order, part, part, ["settle", "order"]],)
    yield ([pays_in(have), order, ["settle", "order", moves("anna", ("shop", 41))]],)
    swapped: JSON = [("ben", -1), ("anna", -39), ("shop", 40)]
    yield ([pays_in(have), order, ["settle", "order", swapped], ["settle", "nothing"]],)
    yield ([pays_in(have), order, ["disk", "full"], ["settle", "order"]],)
    yield ([pays_in(40), order, ["settle", "order"]],)


def voided(rng: Random) -> Iterator[Case]:
    have = rng.randint(50, 90)
    order: JSON = ["reserve", "order", moves("anna", ("shop", 40)), 60]
    yield ([pays_in(have), order, ["void", "order"], ["void", "order"], ["settle", "order"]],)
    yield ([pays_in(have), order, ["settle", "order"], ["void", "order"], ["void", "nothing"]],)
    yield ([pays_in(have), order, ["disk", "full"], ["void", "order"]],)


def renewed(rng: Random) -> Iterator[Case]:
    have, ttl_s = rng.randint(50, 90), rng.randint(10, 60)
    order: JSON = ["reserve", "order", moves("anna", ("shop", 40)), ttl_s]
    other: JSON = ["reserve", "other", moves("anna", ("ben", have)), ttl_s]
    yield ([pays_in(have), order, ["wait", ttl_s], other, ["settle", "other"]],)
    yield ([pays_in(have), ["wait", 90], order, ["wait", ttl_s - 1], ["settle", "order"]],)


def lapsed(rng: Random) -> Iterator[Case]:
    have, ttl_s = rng.randint(50, 90), rng.randint(10, 60)
    order: JSON = ["reserve", "order", moves("anna", ("shop", 40)), ttl_s]
    spend: JSON = ["post", "all", moves("anna", ("ben", have))]
    yield ([pays_in(have), order, ["wait", ttl_s - 1], spend, ["settle", "order"]],)
    yield ([pays_in(have), order, ["wait", ttl_s], ["settle", "order"], spend, order],)
    yield ([pays_in(have), order, ["wait", ttl_s + 1], ["void", "order"], spend],)
    yield ([pays_in(have), order, ["settle", "order"], ["wait", ttl_s], ["settle", "order"]],)


def even_splits(rng: Random) -> Iterator[Case]:
    each = rng.randint(2, 50)
    yield 3 * each, [["a", 1], ["b", 1], ["c", 1]]
    yield 6 * each, [["a", 1], ["b", 2], ["c", 3], ["d", 0]]


def uneven_splits(rng: Random) -> Iterator[Case]:
    yield 10, [["a", 6], ["b", 6], ["c", 2]]
    yield 11, [["a", 6], ["b", 6], ["c", 2]]
    for _ in range(4):
        yield (
            rng.randint(50, 500),
            [[name, rng.randint(1, 99)] for name in rng.sample("abcdefgh", 5)],
        )


def ties(rng: Random) -> Iterator[Case]:
    yield 100, [["a", 1], ["b", 1], ["c", 1]]
    yield 100, [["c", 1], ["b", 1], ["a", 1]]
    names = rng.sample("abcdefgh", 6)
    yield rng.randint(50, 90) * 6 + 4, [[name, 5] for name in names]


def large_and_negative(rng: Random) -> Iterator[Case]:
    amount = rng.randint(10**17, 10**18)
    yield amount, [["a", 10**15 + 1], ["b", 10**15 - 1], ["c", 7]]
    yield -100, [["a", 1], ["b", 1], ["c", 1]]
    yield -rng.randint(50, 500), [["a", 5], ["b", 3], ["c", 3]]
    yield 0, [["a", 1], ["b", 2]]
    yield 2, [["a", 1], ["b", 1], ["c", 1], ["d", 1]]


def _told(title: str, cases: Cases, *needs: int) -> Stage:
    """A stage that plays a script and shows it with both answers."""
    return Stage(title, cases, plays, needs=needs or None, explain=explain_play)


STAGES = {
    "double-entry": [
        _told("an entry changes all its accounts", simple_entries),
        _told("what does not sum to zero, in each unit, is refused", unbalanced_entries),
        _told("nobody gives more than is there, all legs together", overdrafts),
        _told("all or nothing, also when it cannot be written down", all_or_nothing),
        _told("once: the same again gets the first answer", retries, 1),
    ],
    "two-phase": [
        _told("what is set aside is not available, and not gone", set_aside),
        _told("and nobody else can spend it", held),
        _told("settled once, for no more than was set aside", settled),
        _told("voided: given back, once", voided, 1),
        _told("nobody says anything in time: given back", lapsed, 3),
        _told("and it can be set aside anew, from then on", renewed),
    ],
    "largest-remainder": [
        Stage("what divides evenly", even_splits, splits),
        Stage("what is left goes to the largest remainders", uneven_splits, splits),
        Stage("ties go by name", ties, splits),
        Stage("large amounts, refunds and next to nothing", large_and_negative, splits),
    ],
}
