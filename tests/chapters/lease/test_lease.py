"""One holder at a time, an epoch that only grows, and a fence that never opens again."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import Definite, UsageError
from chapters.lease import BadTerm, Fence, Fenced, Held, Lease, Leases, Lost, TooManyLeases
from chapters.lease.lease import GRACE_S, TTL_S_MAX
from chapters.sim import S, SimDisk, VirtualClock


class Giver:
    """Leases on a disk and a clock of their own."""

    def __init__(self, leases_max: int = 100, start_s: float = 0) -> None:
        self.clock = VirtualClock(round(start_s * S))
        self.disk = SimDisk(rng=Random(1))
        self.leases_max = leases_max
        self.restart()

    def restart(self) -> Leases:
        self.leases = Leases(clock=self.clock, disk=self.disk, leases_max=self.leases_max)
        return self.leases

    def wait(self, seconds: float) -> None:
        self.clock.advance(round(seconds * S))


def test_the_first_who_asks_gets_it_and_others_wait_for_ttl_and_grace() -> None:
    giver = Giver(start_s=100)
    assert giver.leases.acquire("lamp", "ada", 5) == Lease("lamp", "ada", 1, 5, 105 + GRACE_S)
    with pytest.raises(Held, match=r"lamp is with ada for 5\.2 s more; ask again then"):
        giver.leases.acquire("lamp", "ben", 5)
    giver.wait(5.1)
    with pytest.raises(Held):
        giver.leases.acquire("lamp", "ben", 5)
    giver.wait(0.1)
    assert giver.leases.current("lamp") is None
    assert giver.leases.acquire("lamp", "ben", 5).epoch == 2


def test_names_do_not_get_in_each_others_way_and_share_the_counter() -> None:
    leases = Giver().leases
    assert [leases.acquire(name, "ada", 1).epoch for name in ("lamp", "door", "bell")] == [1, 2, 3]


def test_renewing_moves_the_end_and_keeps_the_epoch() -> None:
    giver = Giver()
    giver.leases.acquire("lamp", "ada", 5)
    giver.wait(4)
    assert giver.leases.renew("lamp", 1) == Lease("lamp", "ada", 1, 5, 9 + GRACE_S)
    giver.wait(60)
    assert giver.leases.renew("lamp", 1).until_s == 69 + GRACE_S  # nobody else has asked
    giver.wait(60)
    giver.leases.acquire("lamp", "ben", 5)
    with pytest.raises(Lost, match="no longer held under epoch 1, it is at 2, with ben"):
        giver.leases.renew("lamp", 1)


def test_the_holder_itself_gets_a_new_epoch() -> None:
    """A second life of the same process must not be taken for its first."""
    leases = Giver().leases
    leases.acquire("lamp", "ada", 5)
    assert leases.acquire("lamp", "ada", 5).epoch == 2
    with pytest.raises(Lost):
        leases.renew("lamp", 1)
    assert leases.renew("lamp", 2).holder == "ada"


def test_what_is_given_back_is_free_at_once_and_an_old_epoch_gives_nothing_back() -> None:
    leases = Giver().leases
    leases.acquire("lamp", "ada", 5)
    leases.release("lamp", 1)
    leases.acquire("lamp", "ben", 5)
    leases.release("lamp", 1)
    leases.release("door", 9)
    with pytest.raises(Held):
        leases.acquire("lamp", "ada", 5)
    with pytest.raises(Lost, match="it is with nobody"):
        leases.renew("door", 9)


def test_taking_over_asks_nobody_and_the_old_holder_is_told_when_it_renews() -> None:
    leases = Giver().leases
    leases.acquire("lamp", "ada", 5)
    assert leases.take_over("lamp", "ben", 5).epoch == 2
    with pytest.raises(Lost):
        leases.renew("lamp", 1)
    assert leases.current("lamp") == leases.renew("lamp", 2)


@pytest.mark.parametrize("ttl_s", [0, -1, TTL_S_MAX + 1, float("nan"), float("inf")])
def test_a_term_that_makes_no_sense_is_refused(ttl_s: float) -> None:
    leases = Giver().leases
    for ask in (leases.acquire, leases.take_over):
        with pytest.raises(BadTerm, match="more than 0, at most 3600"):
            ask("lamp", "ada", ttl_s)
    assert leases.current("lamp") is None


def test_so_many_run_at_a_time_and_no_more() -> None:
    giver = Giver(leases_max=3)
    for name in "abc":
        giver.leases.acquire(name, "ada", 5)
    for ask in (giver.leases.acquire, giver.leases.take_over):
        with pytest.raises(TooManyLeases, match="3 leases are running: no room for d"):
            ask("d", "ada", 5)
    giver.leases.take_over("a", "ben", 60)
    giver.wait(6)
    assert giver.leases.acquire("d", "ada", 5).epoch == 5
    with pytest.raises(Held):
        giver.leases.acquire("a", "cem", 5)


def test_after_a_restart_all_are_taken_for_just_renewed() -> None:
    giver = Giver()
    giver.leases.acquire("lamp", "ada", 5)
    giver.leases.acquire("door", "ben", 5)
    giver.leases.release("door", 2)
    giver.wait(4)
    leases = giver.restart()
    giver.wait(5)
    for name in ("lamp", "door"):
        with pytest.raises(Held):
            leases.acquire(name, "cem", 5)
    assert leases.renew("lamp", 1).holder == "ada"
    giver.wait(0.3)
    assert leases.acquire("door", "cem", 5).epoch == 3


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["acquire", "take over"]), st.sampled_from("xyz"),
            st.sampled_from("abc"), st.sampled_from([1, 2, 5]),
        ),
        st.tuples(st.sampled_from(["renew", "release"]), st.sampled_from("xyz"), st.integers(0, 9)),
        st.tuples(st.just("wait"), st.sampled_from([0.4, 1, 3])),
        st.tuples(st.just("restart")),
    ),
    max_size=40,
)  # fmt: skip


@given(STEPS)
def test_whatever_is_asked_epochs_grow_and_a_name_has_one_holder(steps: list[tuple]) -> None:
    """A model keeps the strictest view: who was promised what, and until when at least."""
    giver, highest = Giver(), 0
    promised: dict[str, tuple[str, int, float]] = {}
    for what, *words in steps:
        now_s = giver.clock.now_ns() / S
        if what == "wait":
            giver.wait(words[0])
        elif what == "restart":
            giver.restart()
        elif what == "release":
            name, back = words
            giver.leases.release(name, highest - back)
            if name in promised and promised[name][1] == highest - back:
                del promised[name]
        elif what == "renew":
            name, back = words
            try:
                lease = giver.leases.renew(name, highest - back)
            except Lost:
                continue
            assert lease.epoch == highest - back
            if name in promised:
                assert promised[name][:2] == (lease.holder, lease.epoch)
            promised[name] = (lease.holder, lease.epoch, now_s + lease.ttl_s)
        else:
            name, holder, ttl_s = words
            ask = giver.leases.acquire if what == "acquire" else giver.leases.take_over
            try:
                lease = ask(name, holder, ttl_s)
            except Held:
                continue
            owner, _, until_s = promised.get(name, (holder, 0, 0))
            assert what == "take over" or owner == holder or now_s >= until_s
            assert lease.epoch == highest + 1
            highest = lease.epoch
            promised[name] = (holder, highest, now_s + ttl_s)


# The fence.


@given(st.lists(st.integers(0, 20), max_size=40))
def test_a_fence_lets_through_what_is_at_least_the_highest_so_far(epochs: list[int]) -> None:
    fence, highest = Fence(), 0
    for epoch in epochs:
        if epoch >= highest:
            fence.check(epoch)
            highest = epoch
        else:
            with pytest.raises(Fenced, match=f"epoch {epoch} is over, {highest} was seen"):
                fence.check(epoch)
        assert fence.highest == highest


def test_a_fence_that_is_set_up_again_with_what_it_had_is_the_same_fence() -> None:
    with pytest.raises(Fenced):
        Fence(highest=7).check(6)


def test_errors_are_definite_or_about_the_words() -> None:
    assert all(issubclass(each, Definite) for each in (Held, Lost, Fenced, TooManyLeases))
    assert issubclass(BadTerm, UsageError)
