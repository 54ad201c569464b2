"""Clients who hurt themselves and others: a finger on the wrong key, a loop without an end.

Page: docs/exchange/risk.md
"""

from collections.abc import Sequence

from chapters.errors import UsageError
from chapters.sim import Chance, Outcome, S, SimDisk, Verdict, VirtualClock
from chapters.sim.errors import at_least
from exchange.breaking.killing import SYMBOL
from exchange.control import Block, Limits, Rules, SetLimits
from exchange.engine import Engine
from exchange.orders import (
    BUY,
    SELL,
    Accepted,
    Cancel,
    Canceled,
    Command,
    Event,
    Filled,
    New,
    Reason,
    Rejected,
)
from exchange.sequencer import Sequencer

VALUE = 10_000  # ticks
CLUMSY, HONEST = 7, 8
DEEP = 50  # levels of the book, 20 lots each
CAREFUL = Limits(order_lots_max=1_000, order_notional_max=5_000_000, collar_bp=300)


def fat_finger(*, lots: int = 900, price: int = 100, seed: int = 7) -> Outcome:
    """Sell `lots` at `price` ticks where 100 at 10,000 were meant, without limits and with them."""
    at_least(1, lots=lots, price=price)
    bare, careful = _book(seed), _book(seed)
    careful.apply(SetLimits(CLUMSY, SYMBOL, CAREFUL))
    mistake = New(CLUMSY, "mistake", SYMBOL, SELL, lots, price)
    meant = New(CLUMSY, "meant", SYMBOL, SELL, 100, VALUE - 50)
    lost, refused = _lost(bare.apply(mistake)), careful.apply(mistake)
    passed = careful.apply(meant)
    reasons = [each.reason.word for each in refused if isinstance(each, Rejected)]
    return Outcome(
        title=f"{lots:,} lots at {price / 100:.2f} typed, 100 at {(VALUE - 50) / 100:.2f} meant",
        verdicts=(
            Verdict(
                "the mistake is refused", bool(reasons), reasons[0] if reasons else "it traded"
            ),
            Verdict(
                "nobody trades on it", not _lost(refused), f"without limits it costs {lost:,.2f}"
            ),
            Verdict(
                "what was meant goes through",
                isinstance(passed[0], Accepted),
                f"{sum(isinstance(each, Filled) for each in passed)} fills",
            ),
        ),
        lines=(
            f"the limits: {CAREFUL.order_lots_max:,} lots, a collar of 3 %, a notional of 50,000",
        ),
        next_commands=("kit run exchange/risk", "kit break exchange fat-finger --lots 90"),
        replay=f"kit break exchange fat-finger --lots {lots} --price {price} --seed {seed}",
    )


def _book(seed: int) -> Engine:
    """Return a market with buyers at ever lower prices."""
    rng, engine = Chance(seed).stream("book"), Engine({SYMBOL: Rules(reference_price=VALUE)})
    for place in range(DEEP):
        price = VALUE - 10 - 15 * place - rng.randrange(10)
        engine.apply(New(HONEST, str(place), SYMBOL, BUY, 20, price))
    return engine


def _lost(events: Sequence[Event]) -> float:
    """Return what a seller got less than the value, in units."""
    fills = [event for event in events if isinstance(event, Filled)]
    return sum((VALUE - fill.price) * fill.quantity for fill in fills) / 100


def runaway_client(
    *, per_second: int = 2_000, limit: int = 100, kill_after_s: int = 3, seed: int = 7
) -> Outcome:
    """Let a client send orders in a loop; its limit holds it back, and the operator ends it."""
    at_least(1, per_second=per_second, limit=limit, kill_after_s=kill_after_s)
    if per_second * kill_after_s > 100_000:
        raise UsageError(
            f"{per_second * kill_after_s} messages; per-second × kill-after-s is 100000 at most"
        )
    run = _Runaway(per_second, limit, kill_after_s, seed)
    run.play()
    allowed = limit * (kill_after_s + 1)
    return Outcome(
        title=f"{per_second:,} orders a second from one client, limited to {limit}",
        verdicts=(
            Verdict(
                "no more get in than its limit lets",
                run.entered <= allowed,
                f"{run.entered:,} of {run.sent:,}, at most {allowed:,}",
            ),
            Verdict(
                "nobody else is refused",
                run.served == run.asked,
                f"{run.served} of {run.asked} orders of another client",
            ),
            Verdict("its cancels are always taken", run.can_cancel, "while it is too fast"),
            Verdict(
                "the kill switch leaves nothing of it",
                run.left == 0 and run.entered_after == 0,
                f"{run.killed:,} orders canceled, {run.entered_after} entered after it",
            ),
            Verdict("a replay has refused the same ones", run.is_repeatable, "its hash is equal"),
        ),
        lines=(f"{run.refused:,} orders were refused as too fast, {run.blocked:,} as blocked",),
        next_commands=("kit run exchange/risk", "kit break exchange fat-finger"),
        replay=f"kit break exchange runaway-client --per-second {per_second} --limit {limit} "
        f"--kill-after-s {kill_after_s} --seed {seed}",
    )


class _Runaway:
    """One client in a loop, one who wants to trade, one operator."""

    def __init__(self, per_second: int, limit: int, kill_after_s: int, seed: int) -> None:
        self._clock = VirtualClock()
        self._disk = SimDisk(rng=Chance(seed).stream("disk"))
        self._desk = Sequencer(clock=self._clock, disk=self._disk, symbols=[SYMBOL])
        self._step_ns = S // per_second
        self._total = per_second * kill_after_s
        self._limit = limit
        self.sent = self.entered = self.refused = self.blocked = 0
        self.asked = self.served = self.killed = self.entered_after = self.left = 0
        self.can_cancel = self.is_repeatable = False

    def play(self) -> None:
        """Send, send, send; then the kill switch; then send again."""
        self._do(SetLimits(CLUMSY, SYMBOL, Limits(messages_per_second=self._limit)))
        for number in range(self._total):
            self.entered += self._send(number)
            if number % 97 == 0:
                self._ask(number)
        gone = self._do(Cancel(CLUMSY, SYMBOL, 1))
        self.can_cancel = isinstance(gone[0], Canceled)
        killed = self._do(Block(CLUMSY, SYMBOL, True))
        self.killed = sum(isinstance(event, Canceled) for event in killed)
        for number in range(self._total, self._total + 100):
            self.entered_after += self._send(number)
        book = self._desk.replica.engine.books[SYMBOL]
        self.left = sum(order.account == CLUMSY for order in book.orders.values())
        again = Sequencer(clock=self._clock, disk=self._disk, symbols=[SYMBOL])
        self.is_repeatable = again.replica.state_hash == self._desk.replica.state_hash

    def _send(self, number: int) -> bool:
        """Send the looping client's next order; return whether it got in."""
        self._clock.advance(self._step_ns)
        self.sent += 1
        first = self._do(New(CLUMSY, str(number), SYMBOL, BUY, 1, 1 + number % 50))[0]
        if isinstance(first, Rejected):
            self.refused += first.reason is Reason.TOO_FAST
            self.blocked += first.reason is Reason.BLOCKED
        return isinstance(first, Accepted)

    def _ask(self, number: int) -> None:
        self.asked += 1
        first = self._do(New(HONEST, str(number), SYMBOL, SELL, 1, 100))[0]
        self.served += isinstance(first, Accepted)

    def _do(self, command: Command) -> list[Event]:
        return self._desk.submit([command])[-1].events
