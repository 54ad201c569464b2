"""Traders, an exchange, and a line between them on which messages are damaged, both ways.

Every frame may lose a bit on its way, and is then garbled. What a session promises must hold all the same:
what the one side has sent, the other takes in, once, in order. Page: docs/exchange/fix.md
"""

from collections.abc import Callable
from random import Random

from chapters.sim.chance import Chance
from chapters.sim.clock import MS, VirtualClock
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Runaway
from exchange.fix import tags
from exchange.fix.acceptor import Connection
from exchange.fix.local import OURS, Local
from exchange.fix.tracker import Tracker
from exchange.fix.trader import Trader

SYMBOL = "ACME"
TICK_NS = 100 * MS
DAMAGE_MAX = 0.5  # with more, hardly a logon gets through
TURNS_MAX = 1_000  # of carrying messages in one moment


class World:
    """Two traders' programs and an exchange, in virtual time."""

    def __init__(self, seed: int, *, damage: float) -> None:
        chance = Chance(seed)
        self.clock = VirtualClock()
        self.disk = SimDisk(rng=chance.stream("disk"))
        self.traders = [Trader(name, OURS) for name in ("ADA", "BEN")]
        self.damage = damage
        self.sent = self.garbled = self.calls = 0
        self.lines: dict[str, Connection | None] = {}
        self.log: Callable[[str], object] = lambda line: None
        self._line = chance.stream("line")
        self.orders: Random = chance.stream("orders")
        self.open()

    def open(self) -> None:
        """Open the exchange from its disk, as after a crash; nobody is connected."""
        accounts = {trader.session.identity.ours: 7 + n for n, trader in enumerate(self.traders)}
        self.exchange = Local(clock=self.clock, disk=self.disk, symbols=[SYMBOL], accounts=accounts)
        for trader in self.traders:
            self._cut(trader)

    def crash(self) -> None:
        """Lose the process and the disk's unsynced bytes; all connections break."""
        self.disk.crash()
        self.open()

    def owed(self, trader: Trader) -> list[str]:
        """Return the ExecIDs that the journal owes a trader, derived from it once more."""
        account = self.exchange.desk.accounts[self._name(trader)]
        tracker, found = Tracker(lambda each: each == account), list[str]()
        for done in self.exchange.sequencer.history():
            for told in tracker.apply(done, None, 0):
                found += [value for tag, value in told.body if tag == tags.EXEC_ID]
        return found

    def run(self, duration_ns: int) -> None:
        """Let time pass, in steps in which every side does what is due."""
        for _ in range(duration_ns // TICK_NS):
            self.step()

    def step(self) -> None:
        """Let a tenth of a second pass."""
        self.clock.advance(TICK_NS)
        now_ns = self.clock.now_ns()
        for trader in self.traders:
            if self._name(trader) not in self.lines or self.lines[self._name(trader)] is None:
                self._connect(trader)
            trader.session.tick(now_ns)
        self.exchange.acceptor.tick(now_ns)
        self.pump()

    def trade(self, number: int) -> None:
        """Let one of the traders send an order, and now and then a cancel; then let time pass."""
        trader, side, now_ns = self.traders[number % 2], "12"[number % 2], self.clock.now_ns()
        price = f"10.0{number % 3}"
        trader.order(f"o{number}", side, 10, price, now_ns=now_ns, symbol=SYMBOL)
        if number % 5 == 4:
            trader.cancel(f"c{number}", f"o{number - 2}", side, now_ns=now_ns, symbol=SYMBOL)
        self.step()

    def pump(self) -> None:
        """Carry messages until nobody has anything to say."""
        for _ in range(TURNS_MAX):
            self.exchange.settle()
            carried = [self._carry(trader) for trader in self.traders]
            if not any(carried):
                return
        raise Runaway(f"after {TURNS_MAX} turns they still answer each other's answers")

    def _name(self, trader: Trader) -> str:
        return trader.session.identity.ours

    def _connect(self, trader: Trader) -> None:
        self.calls += 1
        self.lines[self._name(trader)] = self.exchange.acceptor.connect(self.clock.now_ns())
        trader.connect(self.clock.now_ns())

    def _cut(self, trader: Trader) -> None:
        line = self.lines.pop(self._name(trader), None)
        if line is not None:
            line.gone()
        trader.session.disconnected()

    def _carry(self, trader: Trader) -> bool:
        """Carry what either side has to say to the other; return whether there was anything."""
        line = self.lines.get(self._name(trader))
        if line is None:
            return False
        there = trader.session.outbox.take()
        for frame in there:
            self._told(
                f"{self._name(trader)} ──►", frame, lambda data: line.received(data, self._now())
            )
        self.exchange.settle()
        back = line.take()
        for frame in back:
            self._told(
                f"{self._name(trader)} ◄──", frame, lambda data: trader.hear(data, self._now())
            )
        if line.is_closing or trader.session.is_closing:
            self._cut(trader)
        return bool(there or back)

    def _now(self) -> int:
        return self.clock.now_ns()

    def _told(self, arrow: str, frame: bytes, receive: Callable[[bytes], object]) -> None:
        """Carry one frame, damaged or not."""
        self.sent += 1
        mark = ""
        text = frame.replace(b"\x01", b" ").decode("latin-1")
        if self._line.random() < self.damage:
            self.garbled += 1
            mark = "   ✘ damaged"
            # Behind the length, so that it takes no other message with it.
            place = self._line.randrange(len(frame) // 2, len(frame) - 8)
            frame = frame[:place] + bytes([frame[place] ^ 4]) + frame[place + 1 :]
        self.log(f"{arrow} {text}{mark}")
        receive(frame)
