"""fan_out in virtual time."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import Definite
from chapters.sim import MS, SimPool, TooFewAnswers, Uniform, VirtualClock, fan_out, span, tracing


def _pool(seed: int) -> tuple[VirtualClock, SimPool]:
    clock = VirtualClock()
    return clock, SimPool(clock=clock, rng=random.Random(seed), latency=Uniform(1 * MS, 9 * MS))


@given(st.integers(0, 999), st.integers(1, 7), st.data())
def test_the_kth_fastest_decides_and_all_calls_happen(
    seed: int, count: int, data: st.DataObject
) -> None:
    need = data.draw(st.integers(1, count))
    clock, pool = _pool(seed)
    happened: list[tuple[int, int]] = []
    calls = [lambda i=index: happened.append((clock.now_ns(), i)) for index in range(count)]
    replies = fan_out(calls, need=need, pool=pool)
    assert [index for _, index in happened] == [reply.index for reply in replies]
    answered_ns = clock.now_ns()
    clock.run()
    assert sorted(index for _, index in happened) == list(range(count))
    assert all(at >= answered_ns for at, _ in happened[need:])
    assert happened == sorted(happened)


def test_the_order_comes_from_the_seed() -> None:
    def order(seed: int) -> list[int]:
        _, pool = _pool(seed)
        return [reply.index for reply in fan_out([int] * 6, need=6, pool=pool)]

    assert order(1) == order(1)
    assert len({tuple(order(seed)) for seed in range(10)}) > 1


def test_it_gives_up_as_soon_as_it_must_and_tells_why() -> None:
    def refuse() -> None:
        raise Definite("no")

    _, pool = _pool(1)
    with pytest.raises(TooFewAnswers) as caught:
        fan_out([refuse, refuse, int, int], need=3, pool=pool)
    assert len(caught.value.causes) == 2
    assert "2 of 4 calls failed and 3 answers were needed" in str(caught.value)


def test_calls_appear_side_by_side_in_a_trace() -> None:
    clock, pool = _pool(3)
    with tracing(clock) as trace, span("put"):
        fan_out([lambda: _write(clock)] * 3, need=2, pool=pool)
    clock.run()
    calls = [each for each in trace.spans if each.name.startswith("call")]
    assert [each.start_ns for each in calls] == [0, 0, 0]
    assert len({each.end_ns for each in calls}) == 3
    assert all(each.parent in calls for each in trace.spans if each.name == "written")


def _write(clock: VirtualClock) -> None:
    with span("written"):
        clock.spend(1)
