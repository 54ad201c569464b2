"""Verdicts: histories from the literature, all small ones against brute force, the shortest prefix."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chapters.checking import JSON
from chapters.linearizability import (
    BadHistory,
    CasRegister,
    Model,
    NotInModel,
    Operation,
    Outcome,
    Register,
    check,
)
from chapters.linearizability.atomic import Weather, atomic_history, with_a_lie
from chapters.linearizability.replicas import record
from chapters.sim.clock import MS

SEEDS = st.integers(0, 2**32)


def history(*lines: str) -> list[Operation]:
    """Read lines like `a 1-4 write x ok`, `b 2-? write y`, `c 5-6 read null`."""
    return list(map(operation, lines))


def operation(line: str) -> Operation:
    client, times, verb, *words = line.split()
    call, _, end = times.partition("-")
    count = {"write": 1, "cas": 2, "enq": 1}.get(verb, 0)
    input, answers = (verb, *words[:count]), words[count:]
    known: dict[str, JSON] = {"null": None, "true": True, "false": False}
    output = known.get(answers[0], answers[0]) if answers else None
    return Operation(client, int(call), None if end == "?" else int(end), "k", input, output)


@dataclass(frozen=True)
class Queue:
    """A first-in first-out queue: the object of Herlihy and Wing's first figure."""

    initial: tuple[JSON, ...] = ()

    def step(
        self, state: tuple[JSON, ...], input: tuple[JSON, ...], output: JSON
    ) -> tuple[bool, tuple[JSON, ...]]:
        if input[0] == "enq":
            return True, (*state, input[1])
        return bool(state) and state[0] == output, state[1:]


def legal_orders(operations: Sequence[Operation]) -> Iterator[tuple[Operation, ...]]:
    """Every order of every set of operations that leaves out only open ones, within their times."""
    for count in range(len(operations) + 1):
        for order in permutations(operations, count):
            left_out = [each for each in operations if not any(each is one for one in order)]
            if all(each.is_open for each in left_out) and in_time(order):
                yield order


def in_time(order: Sequence[Operation]) -> bool:
    return not any(
        later.return_ns is not None and later.return_ns < earlier.call_ns
        for place, earlier in enumerate(order)
        for later in order[place + 1 :]
    )


def brute_force(operations: Sequence[Operation], model: Model[JSON]) -> bool:
    """The definition, word for word: is any order legal?"""
    for order in legal_orders(operations):
        state = model.initial
        for each in order:
            legal, state = model.step(state, each.input, each.output)
            if not legal:
                break
        else:
            return True
    return False


REGISTERS_THAT_HOLD = {
    "nothing happened": history(),
    "a read beside a write sees it": history("a 1-9 write x ok", "b 2-4 read x"),
    "a read beside a write does not see it": history("a 1-9 write x ok", "b 2-4 read null"),
    "two writes at once, read in either order": history(
        "a 1-9 write x ok", "b 2-8 write y ok", "c 10-11 read x"
    ),
    "a write that nobody heard of again is seen": history("a 1-? write x", "b 5-6 read x"),
    "and is not": history("a 1-? write x", "b 5-6 read null"),
    "and is, but late": history("a 1-? write x", "b 5-6 read null", "b 7-8 read x"),
    "return and call at one instant overlap": history("a 1-5 write x ok", "b 5-6 read null"),
    "a swap whose answer was lost": history(
        "a 1-2 write x ok", "b 3-? cas x y", "c 4-5 read x", "c 6-7 read y"
    ),
    "a swap that failed beside the write": history("a 1-9 write x ok", "b 2-8 cas x y false"),
    "an unanswered read asks nothing of anybody": history("a 1-2 write x ok", "b 3-? read"),
}

REGISTERS_THAT_DO_NOT = {
    "stale read": history("a 1-2 write x ok", "a 3-4 write y ok", "b 5-6 read x"),
    "a value that was never written": history("a 1-2 write x ok", "b 1-4 read z"),
    "lost update": history("a 1-2 write x ok", "b 3-8 cas x y true", "c 4-9 cas x z true"),
    "acknowledged and gone": history("a 1-2 write x ok", "b 3-4 read null"),
    "split brain": history(
        "a 1-2 write x ok", "b 1-3 write y ok", "a 4-5 read x", "b 6-7 read y", "a 8-9 read x"
    ),
    "new, then old, beside one write": history(
        "a 1-20 write x ok", "b 2-4 read x", "c 5-7 read null"
    ),
    "read before it was asked for": history("b 1-2 read x", "a 3-4 write x ok"),
    "an open write cannot be taken back": history(
        "a 1-? write x", "b 2-3 read x", "b 4-5 read null"
    ),
    "a swap that failed although it could not": history("a 1-2 write x ok", "b 3-4 cas x y false"),
}


@pytest.mark.parametrize("name", REGISTERS_THAT_HOLD)
def test_holds(name: str) -> None:
    assert check(REGISTERS_THAT_HOLD[name], CasRegister()).holds
    assert brute_force(REGISTERS_THAT_HOLD[name], CasRegister())


@pytest.mark.parametrize("name", REGISTERS_THAT_DO_NOT)
def test_is_violated(name: str) -> None:
    verdict = check(REGISTERS_THAT_DO_NOT[name], CasRegister())
    assert verdict.outcome is Outcome.VIOLATED
    assert not brute_force(REGISTERS_THAT_DO_NOT[name], CasRegister())


@pytest.mark.parametrize(
    ("holds", "lines"),
    [
        (True, ["A 1-8 enq x ok", "B 3-6 enq y ok", "B 10-12 deq x", "A 11-15 deq y"]),
        (False, ["A 1-2 enq x ok", "B 4-7 enq y ok", "A 5-9 deq y"]),
        (True, ["A 1-9 enq x ok", "B 3-6 deq x"]),
        (False, ["A 1-4 enq x ok", "B 2-6 enq y ok", "A 7-9 deq y", "C 8-11 deq y"]),
    ],
)
def test_queues_as_in_the_first_figure_of_herlihy_and_wing(holds: bool, lines: list[str]) -> None:
    assert check(history(*lines), Queue()).holds is holds


@given(SEEDS, st.integers(0, 40), st.integers(1, 6))
def test_an_atomic_register_always_holds(seed: int, operations: int, clients: int) -> None:
    weather = Weather(swaps=0.2, lost=0.2)
    seen = atomic_history(Random(seed), operations, clients=clients, weather=weather)
    verdict = check(seen, CasRegister())
    assert verdict.holds
    for order in verdict.orders:
        state: JSON = None
        for each in order:
            legal, state = CasRegister().step(state, each.input, each.output)
            assert legal
        assert in_time(order)
        assert sum(not each.is_open for each in order) == sum(not each.is_open for each in seen)


def test_the_verdict_is_that_of_brute_force_on_small_histories_with_a_lie() -> None:
    said = []
    for seed in range(300):
        rng = Random(seed)
        weather = Weather(swaps=0.2, lost=0.25)
        told = with_a_lie(rng, atomic_history(rng, rng.randint(1, 6), weather=weather))
        said.append(check(told, CasRegister()).holds)
        assert said[-1] == brute_force(told, CasRegister()), [str(each) for each in told]
    assert 60 < said.count(False) < 240, "both verdicts must occur often"


@given(SEEDS)
@example(666_896)  # two operations return at the same instant
def test_the_counterexample_is_the_shortest_prefix(seed: int) -> None:
    rng = Random(seed)
    told = with_a_lie(rng, atomic_history(rng, 20, clients=4, weather=Weather(swaps=0.2)))
    verdict = check(told, CasRegister())
    if verdict.holds:
        return
    assert verdict.culprit is not None and verdict.culprit.return_ns is not None
    assert not check(verdict.counterexample, CasRegister()).holds
    last_ns = verdict.culprit.return_ns
    cut = [
        replace(each, return_ns=None)
        if each.return_ns is not None and each.return_ns >= last_ns  # another may return with it
        else each
        for each in verdict.counterexample
    ]
    assert check(cut, CasRegister()).holds, "without the culprit's return there is an order"


def test_each_key_is_judged_alone() -> None:
    mixed = [
        replace(each, key=key)
        for key, name in (("x", "split brain"), ("y", "lost update"))
        for each in REGISTERS_THAT_HOLD["and is, but late"] + REGISTERS_THAT_DO_NOT[name]
        if key == "y" or each in REGISTERS_THAT_HOLD["and is, but late"]
    ]
    verdict = check(mixed, CasRegister())
    assert (verdict.outcome, verdict.key) == (Outcome.VIOLATED, "y")
    assert {each.key for each in verdict.counterexample} == {"y"}


def crowd(writes: int, key: str) -> list[Operation]:
    """Writes that all overlap, then a value that nobody wrote: every order has to be tried."""
    lines = [f"c{n} {n}-{100 + n} write v{n} ok" for n in range(writes)]
    return [replace(each, key=key) for each in history(*lines, "r 300-301 read nothing-like-it")]


def test_the_bound_leaves_a_history_undecided() -> None:
    verdict = check(crowd(9, "hard"), Register(), steps_max=1000)
    assert (verdict.outcome, verdict.holds, verdict.key) == (Outcome.UNDECIDED, False, "hard")
    assert verdict.steps == 1000
    assert "undecided" in verdict.lines()[0]
    assert check(crowd(9, "hard"), Register()).outcome is Outcome.VIOLATED


def test_a_violation_is_found_behind_a_key_without_an_answer() -> None:
    both = crowd(9, "hard") + crowd(1, "easy")
    assert check(both, Register(), steps_max=1000).key == "easy"


def test_the_memory_makes_factorials_into_powers_of_two() -> None:
    assert check(crowd(10, "k"), Register()).steps < 10 * 10 * 2**10


def test_a_long_history_of_few_clients_takes_few_steps_an_operation() -> None:
    seen = atomic_history(Random(7), 3000, clients=4, weather=Weather(lost=0))
    assert check(seen, Register()).steps < 10 * 3000


def test_a_model_without_the_operation_says_so() -> None:
    with pytest.raises(NotInModel, match="cas"):
        check(history("a 1-2 cas x y true"), Register())


def test_an_answer_before_its_question_is_no_history() -> None:
    with pytest.raises(BadHistory, match="before its call"):
        operation("a 5-3 read x")


def test_a_replica_without_lag_is_one_register_and_one_with_lag_is_not() -> None:
    verdicts: dict[int, list[bool]] = {0: [], 10: []}
    for seed in range(40):
        for lag, said in verdicts.items():
            said.append(check(record(Random(seed), lag_ns=lag * MS), Register()).holds)
    assert all(verdicts[0])
    assert verdicts[10].count(False) > 10
