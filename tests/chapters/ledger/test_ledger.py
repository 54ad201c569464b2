"""The ledger in ordinary weather: balanced, once, never overdrawn; reservations, periods, limits."""

from collections.abc import Callable

import pytest

from chapters.ledger import (
    AMOUNT_MAX,
    MICRO,
    Account,
    AccountReused,
    BadAmount,
    BeyondReservation,
    Entry,
    EntryReused,
    Ledger,
    LedgerFull,
    Leg,
    Limits,
    NotPending,
    Overdrawn,
    PeriodClosed,
    State,
    Transfer,
    Unbalanced,
    UnknownAccount,
    UnknownEntry,
    reversal,
    spell,
)
from chapters.ledger.entry import LEGS_MAX
from chapters.ledger.story import demo
from chapters.sim.clock import S, VirtualClock


def legs(**amounts: int) -> tuple[Leg, ...]:
    return tuple(Leg(name, amount) for name, amount in amounts.items())


def opened(clock: VirtualClock | None = None, **limits: int) -> Ledger:
    """A ledger of a bank, which may be overdrawn, and two that may not; anna has 100."""
    ledger = Ledger(clock=clock or VirtualClock(), limits=Limits(**limits))
    ledger.open(Account("bank", may_overdraw=True))
    ledger.open(Account("anna"))
    ledger.open(Account("shop"))
    ledger.post(Transfer("top-up", "bank", "anna", 100).entry())
    return ledger


def test_an_entry_moves_what_its_legs_say_and_the_sum_stays_zero() -> None:
    ledger = opened()
    posting = ledger.post(Entry("sale", legs(anna=-30, shop=25, bank=5)))
    assert (posting.number, posting.entry.id) == (2, "sale")
    assert ledger.balances() == {"anna": 70, "bank": -95, "shop": 25}
    ledger.check()


def test_the_same_entry_again_changes_nothing_and_gets_the_first_answer() -> None:
    clock = VirtualClock()
    ledger = opened(clock)
    first = ledger.post(Entry("sale", legs(anna=-90, shop=90)))
    clock.advance(5 * S)
    assert ledger.post(Entry("sale", legs(anna=-90, shop=90))) == first
    assert ledger.balance("anna") == 10
    assert len(list(ledger.postings())) == 2


@pytest.mark.parametrize(
    "other",
    [
        Entry("sale", legs(anna=-31, shop=31)),
        Entry("sale", legs(anna=-30, shop=30), period="2026-03"),
        Entry("sale", legs(anna=-30, shop=30), corrects="top-up"),
    ],
)
def test_an_id_stands_for_one_entry_only(other: Entry) -> None:
    ledger = opened()
    ledger.post(Entry("sale", legs(anna=-30, shop=30)))
    with pytest.raises(EntryReused, match="take another id"):
        ledger.post(other)
    assert ledger.balance("shop") == 30


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (legs(anna=-5, shop=6), Unbalanced),
        (legs(anna=-5, shop=4), Unbalanced),
        (legs(anna=0), Unbalanced),
        ((), Unbalanced),
        ((Leg("anna", -1), Leg("shop", 1)) * (LEGS_MAX // 2 + 1), Unbalanced),
        (legs(anna=-101, shop=101), Overdrawn),
        (legs(anna=-5, nobody=5), UnknownAccount),
        ((Leg("anna", -0.5), Leg("shop", 0.5)), BadAmount),  # type: ignore[arg-type]
        ((Leg("anna", -True), Leg("shop", True)), BadAmount),
        (legs(bank=-AMOUNT_MAX - 1, anna=AMOUNT_MAX + 1), BadAmount),
        (legs(bank=-AMOUNT_MAX, anna=AMOUNT_MAX), BadAmount),
    ],
)
def test_what_is_refused_changes_nothing_and_leaves_the_id_free(
    bad: tuple[Leg, ...], error: type[Exception]
) -> None:
    ledger = opened()
    with pytest.raises(error):
        ledger.post(Entry("x", bad))
    with pytest.raises(error):
        ledger.reserve("x", bad, ttl_ns=S) and ledger.settle("x")
    ledger.check()
    assert ledger.balances() == {"anna": 100, "bank": -100, "shop": 0}


def test_all_legs_of_an_account_count_together() -> None:
    ledger = opened()
    ledger.post(Entry("change", (*legs(anna=-120, shop=120), *legs(shop=-20, anna=20))))
    assert ledger.balances() == {"anna": 0, "bank": -100, "shop": 100}


def test_whoever_is_below_zero_may_always_be_given_something() -> None:
    ledger = opened()
    ledger.post(Transfer("more", "bank", "shop", 1).entry())
    ledger.post(Transfer("back", "anna", "bank", 100).entry())
    assert ledger.balance("bank") == -1


def test_shares_and_money_change_hands_in_one_entry_and_each_sums_to_zero() -> None:
    ledger = opened()
    ledger.open(Account("depot", "ACME", may_overdraw=True))
    ledger.open(Account("anna/ACME", "ACME"))
    trade = (Leg("anna", -60), Leg("shop", 60), Leg("depot", -3), Leg("anna/ACME", 3))
    ledger.post(Entry("trade", trade))
    assert (ledger.balance("anna"), ledger.balance("anna/ACME")) == (40, 3)
    with pytest.raises(Unbalanced, match="sum to -3, not to 0"):
        ledger.post(Entry("mixed", (Leg("anna", -3), Leg("anna/ACME", 3))))
    ledger.check()


def test_an_account_is_opened_once() -> None:
    ledger = opened()
    assert ledger.open(Account("anna")) == Account("anna")
    assert ledger.balance("anna") == 100
    with pytest.raises(AccountReused, match="'anna' is open already"):
        ledger.open(Account("anna", may_overdraw=True))


@pytest.mark.parametrize("amount", [0, -5, AMOUNT_MAX + 1])
def test_a_transfer_moves_more_than_nothing(amount: int) -> None:
    with pytest.raises(BadAmount):
        Transfer("x", "anna", "shop", amount).entry()


def test_what_is_reserved_is_in_the_account_and_not_available() -> None:
    ledger = opened()
    ledger.reserve("order", legs(anna=-40, shop=40), ttl_ns=S)
    assert (ledger.balance("anna"), ledger.available("anna")) == (100, 60)
    assert (ledger.balance("shop"), ledger.available("shop")) == (0, 0)
    with pytest.raises(Overdrawn, match="'anna' has 60 available, and 61 would be taken"):
        ledger.post(Transfer("x", "anna", "shop", 61).entry())
    ledger.post(Transfer("x", "anna", "shop", 60).entry())
    ledger.check()
    ledger.settle("order")
    assert ledger.balances() == {"anna": 0, "bank": -100, "shop": 100}


def test_a_settlement_for_less_gives_the_rest_back() -> None:
    ledger = opened()
    ledger.reserve("order", legs(anna=-40, shop=40), ttl_ns=S)
    first = ledger.settle("order", legs(anna=-30, shop=28, bank=2))
    assert (ledger.balance("anna"), ledger.available("anna")) == (70, 70)
    assert ledger.settle("order", legs(anna=-30, shop=28, bank=2)) == first
    with pytest.raises(EntryReused):
        ledger.settle("order")


@pytest.mark.parametrize("more", [legs(anna=-41, shop=41), legs(anna=-39, bank=-1, shop=40)])
def test_a_settlement_takes_from_nobody_more_than_was_set_aside(more: tuple[Leg, ...]) -> None:
    ledger = opened()
    ledger.reserve("order", legs(anna=-40, shop=40), ttl_ns=S)
    with pytest.raises(BeyondReservation, match="would be taken"):
        ledger.settle("order", more)
    assert ledger.reservation("order").state is State.PENDING


def test_a_reservation_lapses_when_its_time_is_over() -> None:
    clock = VirtualClock()
    ledger = opened(clock)
    ledger.reserve("order", legs(anna=-40, shop=40), ttl_ns=10 * S)
    clock.advance(10 * S - 1)
    assert ledger.available("anna") == 60
    clock.advance(1)
    assert ledger.available("anna") == 100
    assert ledger.reserve("order", legs(anna=-40, shop=40), ttl_ns=10 * S).state is State.LAPSED
    assert ledger.void("order").state is State.LAPSED
    with pytest.raises(NotPending, match="'order' is lapsed"):
        ledger.settle("order")


def test_a_clock_that_runs_back_brings_no_reservation_back() -> None:
    class Hands:
        hour = 100

        def now_ns(self) -> int:
            return self.hour

    hands = Hands()
    ledger = Ledger(clock=hands)
    for name in ("a", "b"):
        ledger.open(Account(name, may_overdraw=True))
    ledger.reserve("r", legs(a=-1, b=1), ttl_ns=50)
    hands.hour = 150
    assert ledger.reservation("r").state is State.LAPSED
    hands.hour = 10
    assert ledger.reserve("s", legs(a=-1, b=1), ttl_ns=50).expires_at_ns == 200


def test_a_reservation_ends_once() -> None:
    ledger = opened()
    ledger.reserve("order", legs(anna=-40, shop=40), ttl_ns=S)
    assert ledger.void("order").state is ledger.void("order").state is State.VOID
    assert ledger.available("anna") == 100
    with pytest.raises(NotPending, match="is void"):
        ledger.settle("order")
    ledger.reserve("other", legs(anna=-40, shop=40), ttl_ns=S)
    ledger.settle("other")
    with pytest.raises(NotPending, match="is settled"):
        ledger.void("other")


def test_entries_and_reservations_share_their_ids() -> None:
    ledger = opened()
    ledger.reserve("order", legs(anna=-40, shop=40), ttl_ns=S)
    with pytest.raises(EntryReused):
        ledger.post(Entry("order", legs(anna=-40, shop=40)))
    with pytest.raises(EntryReused):
        ledger.reserve("top-up", legs(anna=-40, shop=40), ttl_ns=S)
    with pytest.raises(EntryReused):
        ledger.reserve("order", legs(anna=-40, shop=40), ttl_ns=2 * S)


@pytest.mark.parametrize(
    "ask", [Ledger.settle, Ledger.void, Ledger.reservation, Ledger.posting, Ledger.balance]
)
def test_what_nobody_knows_is_refused(ask: Callable[[Ledger, str], object]) -> None:
    with pytest.raises((UnknownEntry, UnknownAccount), match="'nobody'"):
        ask(opened(), "nobody")


def test_closed_books_stay_as_they_are() -> None:
    ledger = opened()
    ledger.post(Entry("jan", legs(anna=-10, shop=10), "2026-01"))
    ledger.post(Entry("mar", legs(anna=-20, shop=20), "2026-03"))
    ledger.close("2026-02")
    ledger.close("2026-01")
    for period in ("", "2025-12", "2026-01", "2026-02"):
        with pytest.raises(PeriodClosed, match="closed up to '2026-02'"):
            ledger.post(Entry("late", legs(anna=-1, shop=1), period))
    assert ledger.post(Entry("jan", legs(anna=-10, shop=10), "2026-01")).number == 2
    assert ledger.turnover("2026-01") == {"anna": -10, "shop": 10}
    assert ledger.turnover("2026-03") == {"anna": -20, "shop": 20}
    assert ledger.turnover("2026-02") == {}


def test_a_mistake_in_closed_books_is_corrected_in_open_ones() -> None:
    ledger = opened()
    wrong = ledger.post(Entry("jan", legs(anna=-10, shop=10), "2026-01")).entry
    ledger.close("2026-01")
    ledger.post(reversal(wrong, "jan, taken back", "2026-02"))
    ledger.post(Entry("jan, right", legs(anna=-1, shop=1), "2026-02", corrects="jan"))
    assert ledger.turnover("2026-01") == {"anna": -10, "shop": 10}
    assert ledger.turnover("2026-02") == {"anna": 9, "shop": -9}
    assert ledger.balance("shop") == 1
    assert ledger.posting("jan, taken back").entry.corrects == "jan"
    with pytest.raises(UnknownEntry, match="corrects 'feb', which was never posted"):
        ledger.post(Entry("x", legs(anna=-1, shop=1), "2026-02", corrects="feb"))


def test_a_reservation_is_settled_into_a_period_that_is_open_by_then() -> None:
    ledger = opened()
    ledger.reserve("order", legs(anna=-10, shop=10), ttl_ns=S)
    ledger.close("2026-01")
    with pytest.raises(PeriodClosed):
        ledger.settle("order")
    assert ledger.settle("order", period="2026-02").entry.period == "2026-02"


def test_every_limit_is_refused_when_it_is_reached() -> None:
    ledger = opened(accounts=3, ids=3, pending=1)
    with pytest.raises(LedgerFull, match="3 accounts are the limit"):
        ledger.open(Account("one more"))
    ledger.reserve("a", legs(anna=-1, shop=1), ttl_ns=S)
    with pytest.raises(LedgerFull, match="1 pending are the limit"):
        ledger.reserve("b", legs(anna=-1, shop=1), ttl_ns=S)
    ledger.void("a")
    ledger.reserve("b", legs(anna=-1, shop=1), ttl_ns=S)
    with pytest.raises(LedgerFull, match="3 ids are the limit"):
        ledger.post(Entry("c", legs(anna=-1, shop=1)))
    ledger.settle("b")
    ledger.check()


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0.00"), (-1, "-0.000001"), (12_500_000, "12.50"), (1_234_567 * MICRO, "1,234,567.00")],
)
def test_amounts_are_spelled_exactly(amount: int, text: str) -> None:
    assert spell(amount) == text


def test_the_demonstration_sums_to_zero_in_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    demo(seed=3, price=10, tips=1, couriers=7)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:8]]
    assert [row[-1] for row in rows] == ["0.00"] * 7
    assert rows[-1][-6:] == rows[-2][-6:]
    with pytest.raises(Overdrawn):
        demo(price=30)
