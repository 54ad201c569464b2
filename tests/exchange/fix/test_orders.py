"""Orders over FIX, conversation by conversation; crashes, and the reports that must survive them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.sim import Chance, S, SimDisk, VirtualClock
from exchange.control import Limits, Phase, SetLimits, SetPhase, Why
from exchange.fix import tags
from exchange.fix.local import Local
from exchange.fix.reports import rejection
from exchange.fix.working import Working
from exchange.orders import BUY, SELL, New, Reason
from tests.exchange.fix.script import Stage, conversations

MORNING_NS = 1_795_858_200 * S
OTHER = 99


class Trading(Stage):
    """A stage with an exchange behind it, and another way to trade there."""

    def __init__(self, **options):
        self.disk = SimDisk(rng=Chance(7).stream("disk"))
        self.options = options
        self.others = 0
        self.is_together = False
        clock = VirtualClock(MORNING_NS)
        self.local = self.open(clock)
        super().__init__(self.local.acceptor, clock, self.local.settle, ours="KIT", theirs="ADA")

    def open(self, clock):
        return Local(
            clock=clock,
            disk=self.disk,
            symbols=["ACME", "BELL"],
            accounts={"ADA": 7},
            **self.options,
        )

    def listen(self):
        if not self.is_together:
            super().listen()

    def do_together(self, rest):
        self.is_together = True

    def do_apart(self, rest):
        self.is_together = False
        self.listen()

    def do_other(self, rest):
        side, lots, ticks = rest.split()
        self.others += 1
        account, way = (OTHER, BUY) if side == "buy" else (OTHER - 1, SELL)
        self.local.enter(New(account, f"o{self.others}", "ACME", way, int(lots), int(ticks)))
        self.listen()

    def do_phase(self, rest):
        self.local.enter(SetPhase("ACME", Phase(rest), Why.OPERATOR))
        self.listen()

    def do_limit(self, rest):
        name, number = rest.split("=")
        self.local.enter(SetLimits(7, "ACME", Limits(**{name: int(number)})))
        self.listen()

    def do_crash(self, rest):
        """Lose the process, its connection, and what the disk has not synced."""
        self.disk.crash()
        self.local = self.open(self.clock)
        self.acceptor, self.settle = self.local.acceptor, self.local.settle
        self.connect()


@pytest.mark.parametrize(("title", "lines"), conversations("orders.txt"))
def test_orders(title, lines):
    Trading().play(lines)


def test_after_a_crash_numbers_go_on_and_reports_are_sent_again():
    Trading().play("""
> A 1 98=0 108=30
< A 1
> D 2 11=a 55=ACME 54=1 38=10 40=2 44=10.05
< 8 2 150=0 17=1-0
> G 3 11=b 41=a 55=ACME 54=1 38=20 40=2 44=10.05
< 8 3 11=b 150=5
crash
other sell 4 1005
> A 4 98=0 108=30
< A 5
> 2 5 7=2 16=0
< 8 2 43=Y 17=1-0
< 8 3 43=Y 11=b 41=a 150=5
< 8 4 43=Y 11=b 150=F 14=4 151=16
< 4 5 36=6
> F 6 11=c 41=b 55=ACME 54=1
< 8 6 11=c 41=b 150=4 14=4
""".strip().splitlines())  # fmt: skip


def test_what_was_journalled_and_not_reported_is_reported_after_a_crash():
    stage = Trading()
    stage.play(["> A 1 98=0 108=30", "< A 1"])
    stage.play(["> D 2 11=a 55=ACME 54=1 38=10 40=2 44=10.05", "< 8 2 150=0"])
    stage.is_together = True
    stage.play(["> F 3 11=b 41=a 55=ACME 54=1"])
    # As in `settle`, up to the journal's sync; then the power fails.
    stage.acceptor.flush()
    stage.local.desk.release()
    stage.local.sequencer.submit(stage.local._waiting)
    stage.is_together = False
    stage.play([
        "crash",
        "> A 4 98=0 108=30", "< A 4", "< 2 5 7=3 16=0",
        "> F 3 43=Y 122=-1 11=b 41=a 55=ACME 54=1",
        "> 2 5 7=3 16=0", "< 8 3 43=Y 11=b 41=a 150=4 39=4", "< 4 4 36=6",
    ])  # fmt: skip


def test_a_message_that_was_not_journalled_is_asked_for_again():
    stage = Trading()
    stage.play(["> A 1 98=0 108=30", "< A 1"])
    stage.is_together = True
    stage.play(["> D 2 11=a 55=ACME 54=1 38=10 40=2 44=10.05"])
    stage.acceptor.flush()
    stage.is_together = False
    stage.play([
        "crash",
        "> A 3 98=0 108=30", "< A 2", "< 2 3 7=2 16=0",
        "> D 2 43=Y 122=-1 11=a 55=ACME 54=1 38=10 40=2 44=10.05", "< 8 4 11=a 150=0",
    ])  # fmt: skip


def test_orders_of_a_client_who_is_gone_are_canceled_if_that_was_agreed():
    stage = Trading(cancels_on_disconnect=["ADA"])
    stage.play(
        """
> A 1 98=0 108=30
< A 1
> D 2 11=a 55=ACME 54=1 38=10 40=2 44=10.05
< 8 2 150=0
again
> A 3 98=0 108=30
< A 4
> 2 4 7=3 16=0
< 8 3 43=Y 11=a 150=4 39=4 58=all-of-account-canceled
< 4 4 36=5
""".strip().splitlines()
    )
    assert not stage.local.sequencer.replica.engine.books["ACME"].orders


def test_a_replace_that_crosses_a_fill_never_leaves_more_open_than_was_ordered():
    stage = Trading()
    stage.play(["> A 1 98=0 108=30", "< A 1"])
    stage.play(["> D 2 11=a 55=ACME 54=1 38=100 40=2 44=10.05", "< 8 2 150=0"])
    # The fill is entered first and reported later: the replace does not know of it.
    stage.local._waiting.append(New(OTHER, "x", "ACME", SELL, 40, 1005))
    stage.play([
        "> G 3 11=b 41=a 55=ACME 54=1 38=80 40=2 44=10.05",
        "< 8 3 150=F 14=40 151=60",
        "< 8 4 11=b 150=5 38=80 14=40 151=40",
    ])  # fmt: skip
    (order,) = stage.local.sequencer.replica.engine.books["ACME"].orders.values()
    assert order.quantity == 40


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (Reason.MARKET_CLOSED, "2"), (Reason.OVER_LIMIT, "3"), (Reason.TOO_FAST, "99"),
        (Reason.BLOCKED, "99"), (Reason.UNKNOWN_SYMBOL, "1"), (Reason.BAD_QUANTITY, "13"),
    ],
)  # fmt: skip
def test_every_refusal_has_its_code(reason, code):
    wish = New(7, "a", "ACME", BUY, 1, 100)
    fields = dict(rejection(wish, reason, "1-0", MORNING_NS))
    assert fields[tags.ORD_REJ_REASON] == code and fields[tags.TEXT] == reason.word


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 10**9)), min_size=1, max_size=9))
def test_the_mean_price_is_right_to_the_last_digit(fills):
    from decimal import ROUND_HALF_UP, Decimal, localcontext

    order = Working.of(1, New(7, "a", "ACME", BUY, sum(lots for lots, _ in fills), 1))
    for each in fills:
        order.fill(*each)
    with localcontext(prec=60):
        exact = Decimal(order.notional) / Decimal(order.filled) / 100
        wanted = exact.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)
    assert Decimal(order.average(100)) == wanted
    assert order.leaves == 0


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["buy", "sell", "cancel", "replace", "other", "crash"]), max_size=25),
       st.randoms(use_true_random=False))  # fmt: skip
def test_reports_are_a_function_of_the_journal(moves, rng):
    """Whatever happens, crashes included: each ExecID once, and filled + open + gone = ordered."""
    stage = Trading()
    stage.play(["> A 1 98=0 108=0", "< A 1"])
    number, names = 2, ["none"]
    for move in moves:
        price = f"10.0{rng.randrange(5)}"
        if move == "crash":
            stage.play(["crash", "> A 1 98=0 108=0 141=Y", "< A 1"])
            number = 2
            continue
        if move == "other":
            stage.do_other(
                f"{rng.choice(['buy', 'sell'])} {rng.randint(1, 9)} 100{rng.randrange(5)}"
            )
        else:
            name, former = f"n{len(names)}", rng.choice(names)
            side = "1" if move == "buy" or (move != "sell" and rng.random() < 0.5) else "2"
            kind = {"cancel": "F", "replace": "G"}.get(move, "D")
            about = f" 41={former}" if kind != "D" else ""
            wish = "" if kind == "F" else f" 38={rng.randint(1, 30)} 40=2 44={price}"
            stage.do_send(f"{kind} {number} 11={name} 55=ACME 54={side}{wish}{about}")
            names.append(name)
            number += 1
        stage.heard.clear()
    tracker = stage.local.desk.tracker
    engine = stage.local.sequencer.replica.engine
    open_lots = {order.id: order.quantity for order in engine.books["ACME"].orders.values()}
    for order in tracker.orders.values():
        assert order.leaves == open_lots.get(order.number, 0)
        assert order.filled + order.leaves <= order.quantity
    ids = [
        field
        for body in stage.local.desk.sessions[7].log.sent.values()
        for field in body.split(b"\x01")
        if field.startswith(b"17=") and field != b"17=0"
    ]
    assert len(ids) == len(set(ids))
