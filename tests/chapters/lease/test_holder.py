"""A holder renews in time, stops in time, and believes no answer for longer than it is worth."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.lease import Answer, Ask, Holder, Kind, Leases, answer
from chapters.sim import MS, Chance, Link, LogNormal, Network, S, SimDisk, SkewedClock, VirtualClock


class Scene:
    """A holder whose questions are kept, to be answered by hand."""

    def __init__(self, ttl_s: float = 1.2) -> None:
        self.clock = VirtualClock(start_ns=5 * S)
        self.leases = Leases(clock=self.clock, disk=SimDisk(rng=Random(1)))
        self.asks: list[Ask] = []
        self.events: list[str] = []
        self.holder = Holder(
            "lamp", "ada", ttl_s, clock=self.clock, send=self.asks.append,
            on_start=lambda lease: self.events.append(f"start {lease.epoch}"),
            on_stop=lambda: self.events.append("stop"),
        )  # fmt: skip

    def wait(self, ms: int) -> None:
        self.clock.advance(ms * MS)

    def answer(self, back: int = 1) -> Answer:
        """Let the giver answer the last question, or one before it, and the holder hear it."""
        found = answer(self.leases, self.asks[-back])
        self.holder.heard(found)
        return found

    @property
    def kinds(self) -> list[Kind]:
        return [ask.kind for ask in self.asks]


def held() -> Scene:
    scene = Scene()
    scene.holder.start()
    scene.answer()
    assert scene.holder.may_act and scene.holder.epoch == 1 and scene.events == ["start 1"]
    return scene


def test_without_an_answer_it_asks_again_and_may_not_act() -> None:
    scene = Scene()
    scene.holder.start()
    scene.wait(1000)
    assert scene.kinds == [Kind.ACQUIRE] * 6 and not scene.holder.may_act and not scene.events


def test_it_renews_after_a_third_and_tries_four_times_before_it_stops() -> None:
    scene = held()
    scene.wait(1079)
    assert scene.kinds[1:] == [Kind.RENEW] * 4 and scene.holder.may_act
    assert [(ask.asked_ns - 5 * S) // MS for ask in scene.asks[1:]] == [400, 600, 800, 1000]
    scene.wait(1)
    assert not scene.holder.may_act and scene.events == ["start 1", "stop"]
    assert scene.kinds[-1] is Kind.ACQUIRE


def test_it_counts_from_when_it_asked() -> None:
    scene = Scene()
    scene.holder.start()
    scene.wait(150)
    scene.answer()
    scene.wait(929)
    assert scene.holder.may_act
    scene.wait(1)
    assert not scene.holder.may_act


def test_with_answers_it_holds_on_for_ever() -> None:
    scene = held()
    for _ in range(50):
        scene.wait(450)
        scene.answer()
        assert scene.holder.may_act and scene.holder.epoch == 1
    assert scene.events == ["start 1"]


def test_an_answer_that_took_longer_than_the_term_is_worth_nothing() -> None:
    scene = Scene()
    scene.holder.start()
    scene.wait(1100)
    scene.answer(back=6)
    assert not scene.holder.may_act and not scene.events


def test_when_it_is_taken_over_it_stops_at_the_next_renewal() -> None:
    scene = held()
    scene.leases.take_over("lamp", "ben", 5)
    scene.wait(400)
    assert scene.holder.may_act
    scene.answer()
    assert not scene.holder.may_act and scene.events == ["start 1", "stop"]
    scene.wait(300)
    assert scene.kinds[-1] is Kind.ACQUIRE


def test_a_fence_that_refused_stops_it_at_once_and_an_old_refusal_does_not() -> None:
    scene = held()
    scene.holder.lost(7)
    assert scene.holder.may_act
    scene.holder.lost(1)
    assert not scene.holder.may_act and scene.holder.epoch == 0


def test_an_answer_under_way_brings_no_stopped_epoch_back() -> None:
    scene = held()
    scene.wait(400)
    late = answer(scene.leases, scene.asks[-1])
    scene.leases.take_over("lamp", "ben", 5)
    scene.holder.lost(1)
    scene.holder.heard(late)
    assert not scene.holder.may_act


def test_what_it_gives_up_is_free_at_once_and_no_late_answer_changes_that() -> None:
    scene = held()
    scene.wait(400)
    late = answer(scene.leases, scene.asks[-1])
    scene.holder.give_up()
    assert scene.kinds[-1] is Kind.RELEASE and scene.events == ["start 1", "stop"]
    scene.answer()
    scene.holder.heard(late)
    assert scene.leases.acquire("lamp", "ben", 5).epoch == 2 and not scene.holder.may_act
    scene.wait(5000)
    assert scene.kinds[-1] is Kind.RELEASE
    scene.holder.start()
    scene.holder.heard(late)
    assert not scene.holder.may_act


def test_it_takes_over_from_another_and_starts_under_the_new_epoch() -> None:
    scene = Scene()
    scene.leases.acquire("lamp", "ben", 60)
    scene.holder.take_over()
    scene.answer()
    assert scene.holder.epoch == 2 and scene.events == ["start 2"]
    scene.holder.take_over()
    scene.answer()
    assert scene.holder.epoch == 3 and scene.events[1:] == ["stop", "start 3"]


def test_answers_to_an_earlier_life_are_not_heard() -> None:
    scene = held()
    scene.wait(100)
    reborn = Holder(
        "lamp", "ada", 1.2, clock=scene.clock, send=scene.asks.append,
        on_start=lambda lease: None, on_stop=lambda: None,
    )  # fmt: skip
    reborn.start()
    reborn.heard(answer(scene.leases, scene.asks[0]))
    assert not reborn.may_act
    scene.answer()
    assert not reborn.may_act  # the holder of the first life heard it; this one is asked again
    reborn.heard(answer(scene.leases, scene.asks[-1]))
    assert reborn.may_act


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    drifts=st.lists(st.integers(-80_000, 80_000), min_size=3, max_size=3),
    offsets=st.lists(st.integers(-(10**6), 10**6), min_size=3, max_size=3),
    loss=st.sampled_from([0.0, 0.2, 0.5]),
)
def test_of_three_with_clocks_that_disagree_never_two_may_act(
    seed: int, drifts: list[int], offsets: list[int], loss: float
) -> None:
    """Clocks 8 % fast or slow, days apart; messages late, lost, doubled, overtaking each other."""
    clock, chance = VirtualClock(start_ns=10**6 * S), Chance(seed)
    link = Link(LogNormal(20 * MS, 400 * MS), loss=loss, duplication=0.2)
    network = Network(clock=clock, rng=chance.stream("network"), link=link)
    leases = Leases(clock=clock, disk=SimDisk(rng=chance.stream("disk")))
    network.attach("giver", lambda who, ask: network.send("giver", who, answer(leases, ask)))
    holders = []
    for name, drift, offset in zip("abc", drifts, offsets, strict=True):
        own = SkewedClock(clock, offset * S, drift)
        holder = Holder(
            "lamp", name, 1.0, clock=own, send=lambda ask, name=name: network.send(name, "giver", ask),
            on_start=lambda lease: None, on_stop=lambda: None,
        )  # fmt: skip
        network.attach(name, lambda _, found, holder=holder: holder.heard(found))
        holder.start()
        holders.append(holder)
    luck, worked = chance.stream("luck"), 0
    for _ in range(800):
        clock.advance(10 * MS)
        acting = [each for each in holders if each.may_act]
        worked += len(acting)
        assert len(acting) <= 1
        if acting and luck.random() < 0.01:
            acting[0].give_up()
            clock.call_later(luck.randrange(S), acting[0].start)
    assert worked > 100 or loss == 0.5


def test_a_clock_that_rings_early_is_not_asked_for_ever() -> None:
    clock = VirtualClock()
    scene = Scene()
    own = SkewedClock(clock, 0, 77)
    holder = Holder(
        "lamp", "ada", 0.9, clock=own, send=scene.asks.append,
        on_start=lambda lease: None, on_stop=lambda: None,
    )  # fmt: skip
    holder.start()
    assert clock.run(until_ns=60 * S) < 1000


@pytest.mark.parametrize("kind", list(Kind))
def test_every_question_has_an_answer_that_says_when_it_was_asked(kind: Kind) -> None:
    leases = Leases(clock=VirtualClock(), disk=SimDisk(rng=Random(1)))
    leases.acquire("lamp", "ben", 5)
    found = answer(leases, Ask(kind, "lamp", "ada", 9, 5, 123))
    assert (found.asked_ns, found.epoch) == (123, 9)
    assert (found.lease is not None) == (kind is Kind.TAKE_OVER)
    assert bool(found.why) == (kind in (Kind.ACQUIRE, Kind.RENEW))
