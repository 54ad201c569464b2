"""The ledger against a naive one, over any commands, with every invariant checked after each."""

from collections.abc import Callable
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.errors import Definite
from chapters.ledger import Account, Entry, Ledger, Leg
from chapters.sim.clock import VirtualClock

Legs: TypeAlias = tuple[Leg, ...]

ACCOUNTS = ("bank", "a", "b", "c")
IDS = st.sampled_from("pqrstu")
PERIODS = st.sampled_from(["", "1", "2"])


def legs_of(moves: list[tuple[str, str, int]], off: int) -> Legs:
    """Return the legs of some moves, out of balance by `off`."""
    flat = [leg for one, two, amount in moves for leg in (Leg(one, -amount), Leg(two, amount))]
    return (*flat[:-1], Leg(flat[-1].account, flat[-1].amount + off))


MOVE = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS), st.integers(0, 20))
LEGS = st.builds(
    legs_of, st.lists(MOVE, min_size=1, max_size=3), st.sampled_from([0, 0, 0, 0, 0, 0, 0, 1, -1])
)
COMMANDS = st.lists(
    st.one_of(
        st.tuples(st.just("post"), IDS, LEGS, PERIODS),
        st.tuples(st.just("reserve"), IDS, LEGS, st.integers(1, 9)),
        st.tuples(st.just("settle"), IDS, st.none() | LEGS, PERIODS),
        st.tuples(st.just("void"), IDS),
        st.tuples(st.just("wait"), st.integers(1, 5)),
        st.tuples(st.just("close"), st.sampled_from(["0", "1"])),
    ),
    max_size=30,
)


class Naive:
    """All entries and reservations in lists, and every question answered by adding up."""

    def __init__(self) -> None:
        self.now = 0
        self.closed = ""
        self.posted: dict[str, tuple[Legs, str, int]] = {}
        self.reserved: dict[str, tuple[Legs, int, int, str]] = {}

    def state(self, id: str) -> str:
        _, _, expires, ended = self.reserved[id]
        return ended or ("lapsed" if expires <= self.now else "pending")

    def balance(self, name: str) -> int:
        return sum(self.sum_of(legs, name) for legs, _, _ in self.posted.values())

    def held(self, name: str) -> int:
        pending = [each[0] for id, each in self.reserved.items() if self.state(id) == "pending"]
        return sum(max(0, -self.sum_of(legs, name)) for legs in pending)

    @staticmethod
    def sum_of(legs: Legs, name: str) -> int:
        return sum(leg.amount for leg in legs if leg.account == name)

    @staticmethod
    def is_balanced(legs: Legs) -> bool:
        return not sum(leg.amount for leg in legs)

    def is_affordable(self, legs: Legs) -> bool:
        return all(
            self.sum_of(legs, name) >= 0
            or self.balance(name) - self.held(name) + self.sum_of(legs, name) >= 0
            for name in ACCOUNTS[1:]
        )

    def is_open(self, period: str) -> bool:
        return not self.closed or period > self.closed

    def post(self, id: str, legs: Legs, period: str) -> str:
        if id in self.posted:
            return self.again(id, legs, period)
        is_fit = self.is_balanced(legs) and self.is_affordable(legs) and self.is_open(period)
        return self.book(id, legs, period) if is_fit and id not in self.reserved else "refused"

    def again(self, id: str, legs: Legs, period: str) -> str:
        is_same = self.posted[id][:2] == (legs, period)
        return f"posted {self.posted[id][2]}" if is_same else "refused"

    def book(self, id: str, legs: Legs, period: str) -> str:
        self.posted[id] = legs, period, len(self.posted) + 1
        return f"posted {len(self.posted)}"

    def reserve(self, id: str, legs: Legs, ttl: int) -> str:
        if id in self.reserved and self.reserved[id][:2] == (legs, ttl):
            return self.state(id)
        is_taken = id in self.reserved or id in self.posted
        if is_taken or not (self.is_balanced(legs) and self.is_affordable(legs)):
            return "refused"
        self.reserved[id] = legs, ttl, self.now + ttl, ""
        return "pending"

    def settle(self, id: str, legs: Legs | None, period: str) -> str:
        if id not in self.reserved:
            return "refused"
        aside, ttl, expires, _ = self.reserved[id]
        wanted = aside if legs is None else legs
        if id in self.posted:
            return self.again(id, wanted, period)
        gains = [(self.sum_of(wanted, name), self.sum_of(aside, name)) for name in ACCOUNTS]
        is_within = all(mine >= min(0, reserved) for mine, reserved in gains)
        is_fit = self.is_balanced(wanted) and self.is_open(period) and is_within
        if not is_fit or self.state(id) != "pending":
            return "refused"
        self.reserved[id] = aside, ttl, expires, "settled"
        return self.book(id, wanted, period)

    def void(self, id: str) -> str:
        if id not in self.reserved or self.state(id) == "settled":
            return "refused"
        if self.state(id) == "pending":
            self.reserved[id] = (*self.reserved[id][:3], "void")
        return self.state(id)

    def wait(self, duration: int) -> str:
        self.now += duration
        return "done"

    def close(self, period: str) -> str:
        self.closed = max(self.closed, period)
        return "done"


class Real:
    """The ledger, in the same words."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.ledger = Ledger(clock=self.clock)
        for name in ACCOUNTS:
            self.ledger.open(Account(name, may_overdraw=name == "bank"))

    def post(self, id: str, legs: Legs, period: str) -> str:
        return f"posted {self.ledger.post(Entry(id, legs, period)).number}"

    def reserve(self, id: str, legs: Legs, ttl: int) -> str:
        return self.ledger.reserve(id, legs, ttl_ns=ttl).state.value

    def settle(self, id: str, legs: Legs | None, period: str) -> str:
        return f"posted {self.ledger.settle(id, legs, period=period).number}"

    def void(self, id: str) -> str:
        return self.ledger.void(id).state.value

    def wait(self, duration: int) -> str:
        self.clock.advance(duration)
        return "done"

    def close(self, period: str) -> str:
        self.ledger.close(period)
        return "done"


def answer(method: Callable[..., str], words: tuple[object, ...]) -> str:
    try:
        return method(*words)
    except Definite:
        return "refused"


@settings(max_examples=300)
@given(COMMANDS)
def test_a_ledger_answers_as_a_naive_one_does(commands: list[tuple[object, ...]]) -> None:
    naive, real = Naive(), Real()
    for start in ACCOUNTS[1:]:
        naive.post(start, (Leg("bank", -25), Leg(start, 25)), "9")
        real.post(start, (Leg("bank", -25), Leg(start, 25)), "9")
    for name, *words in commands:
        ours = answer(getattr(real, str(name)), tuple(words))
        assert ours == getattr(naive, str(name))(*words), (name, *words)
        real.ledger.check()
        for account in ACCOUNTS:
            assert real.ledger.balance(account) == naive.balance(account)
            held = naive.held(account)
            assert real.ledger.available(account) == naive.balance(account) - held
    assert sum(real.ledger.balances().values()) == 0


@settings(max_examples=100)
@given(COMMANDS)
def test_what_a_closed_period_holds_never_changes(commands: list[tuple[object, ...]]) -> None:
    real, closed = Real(), dict[str, dict[str, int]]()
    for start in ACCOUNTS[1:]:
        real.post(start, (Leg("bank", -25), Leg(start, 25)), "1")
    for name, *words in commands:
        answer(getattr(real, str(name)), tuple(words))
        if name == "close":
            for period in ("", "0", "1"):
                if period <= str(words[0]):
                    closed.setdefault(period, real.ledger.turnover(period))
        assert all(real.ledger.turnover(period) == found for period, found in closed.items())
