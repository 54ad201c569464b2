"""When everything falls at once: the whole market stops, at three depths of an index.

    −7 %   all symbols halt, fifteen minutes        once a day, not in the last 35 minutes
    −13 %  the same                                 once a day, not in the last 35 minutes
    −20 %  the day is over                          at any time

A symbol's market knows nothing of the others, so this is not in the engine. It is a clerk: it follows what
happens, adds up an index, and says who halts; its words are journalled as commands, so a replay halts at
the same order without it. A halt ends as a day begins: orders gather, then one price for all.
Invariant: no level halts twice a day, however often the machine is restarted. Cost: O(1) a trade.
Source: NYSE rule 7.12 (the levels since 2013). Page: docs/exchange/halts.md
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from chapters.sim.clock import S
from exchange.control import ONE_BP, Phase, SetPhase, Why
from exchange.orders import Command, Filled

if TYPE_CHECKING:
    from exchange.sequencer import Sequenced

LEVELS_BP = (700, 1300, 2000)
HALT_NS = 600 * S  # nothing but cancels for ten minutes
GATHER_NS = 300 * S  # and orders gather for five


class Member(NamedTuple):
    """A symbol's share in the index: yesterday's close, in ticks, and how many shares there are."""

    close: int
    shares: int = 1


class Breakers:
    """An index over some symbols, and the levels that have been reached today."""

    def __init__(
        self,
        members: Mapping[str, Member],
        *,
        begins_ns: int = 0,
        last_ns: int | None = None,
    ) -> None:
        """What happened before `begins_ns` was another day's.

        From `last_ns` on only the last level still acts: the day would not go on after a halt.
        """
        self._members = members
        self._begins_ns, self._last_ns = begins_ns, last_ns
        self._prices = {symbol: member.close for symbol, member in members.items()}
        self._waiting: list[tuple[int, Command]] = []
        self.closed_at = self._value()
        self.index = self.closed_at
        self.reached = 0  # how many levels have halted the market today

    @property
    def fallen_bp(self) -> int:
        """Return how far the index lies below yesterday's close, in hundredths of a percent."""
        return (self.closed_at - self.index) * ONE_BP // self.closed_at

    @property
    def due_ns(self) -> int | None:
        """Return when there is something to say."""
        return min((at_ns for at_ns, _ in self._waiting), default=None)

    def due(self, now_ns: int) -> list[Command]:
        """Return who halts, or goes on, by `now_ns`."""
        found = [command for at_ns, command in self._waiting if at_ns <= now_ns]
        self._waiting = [each for each in self._waiting if each[0] > now_ns]
        return found

    def follow(self, done: "Sequenced") -> None:
        """Let the index follow what a command did, and trip when it has fallen to the next level."""
        if done.now_ns < self._begins_ns:
            return
        for event in done.events:
            if isinstance(event, Filled):
                self._trade(done.command.symbol, event.price)
        reached = level(self.fallen_bp)
        if reached > self.reached:
            self._trip(reached, done.now_ns)

    def _trade(self, symbol: str, price: int) -> None:
        if symbol in self._prices:
            shares = self._members[symbol].shares
            self.index += (price - self._prices[symbol]) * shares
            self._prices[symbol] = price

    def _trip(self, reached: int, now_ns: int) -> None:
        """Halt everything, or end the day."""
        is_last = reached == len(LEVELS_BP)
        if not is_last and self._last_ns is not None and now_ns >= self._last_ns:
            return
        self.reached = reached
        steps = [(0, Phase.HALTED), (HALT_NS, Phase.VOLATILITY_AUCTION)]
        steps.append((HALT_NS + GATHER_NS, Phase.CONTINUOUS))
        self._waiting = [
            (now_ns + after_ns, SetPhase(symbol, phase, Why.CIRCUIT_BREAKER))
            for after_ns, phase in ([(0, Phase.CLOSED)] if is_last else steps)
            for symbol in self._members
        ]

    def _value(self) -> int:
        return sum(each.shares * self._prices[symbol] for symbol, each in self._members.items())


def level(fallen_bp: int) -> int:
    """Return how many of the levels a fall has reached."""
    return sum(fallen_bp >= level_bp for level_bp in LEVELS_BP)


def demo() -> None:
    """Two symbols fall; the breaker says what happens to both of them."""
    from exchange.orders import BUY, New
    from exchange.sequencer import Sequenced

    breakers = Breakers({"ACME": Member(1000, 3), "GLOBEX": Member(500, 2)})
    for number, (symbol, price) in enumerate([("ACME", 960), ("GLOBEX", 440), ("ACME", 900)], 1):
        wish = New(1, str(number), symbol, BUY, 1, price)
        breakers.follow(Sequenced(number, wish, [Filled(price, 1, number, 0)], number * S))
        print(f"{symbol} trades at {price}: the index is {breakers.fallen_bp / 100:.2f} % down")
        while (due_ns := breakers.due_ns) is not None:
            for command in breakers.due(due_ns):
                assert isinstance(command, SetPhase)
                minutes = due_ns // (60 * S)
                print(f"  after {minutes:>2} min  {command.symbol:<7} {command.phase.value}")
