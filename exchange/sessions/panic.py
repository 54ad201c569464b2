"""A market that can panic: makers who go home, sellers who must, buyers who take their time.

    large seller ─► makers are full and withdraw ─► nobody buys but far below ─► the price falls
         ▲                                                                          │
         └─────────────── stop-loss sellers sell because it falls ◄─────────────────┘

Everybody is simple, and nobody is wrong: each does what is sensible alone. Makers quote around what the
price has been lately, until they hold too much or it has run too far within a minute; then they leave a
bid of one tick behind, as they must quote something. Stop-loss sellers sell at any price once it has come
to theirs. Buyers who know what the share is worth need minutes to believe what they see.
Every order goes through the real engine. Time is virtual, chance is seeded. Source: the story is that of
6 May 2010 as the SEC and the CFTC told it; sizes and speeds are invented. Page: docs/exchange/halts.md
"""

from collections import deque
from dataclasses import dataclass, field
from random import Random

from chapters.sim.clock import S
from exchange.control import ONE_BP, Phase, Rules, Tick
from exchange.engine import Engine
from exchange.orders import BUY, SELL, CancelAll, Event, Filled, Life, New, Side

SYMBOL = "ACME"
VALUE = 10_000  # ticks: what the share is worth, all the time
NEAR_BP = 300  # below the value: who sees a price from there on speaks of a recovery
STUB = 1  # ticks: the bid of a maker who does not want to buy
MAKERS, MAKER_LOTS, MAKER_LEVELS = 5, 40, 3
HOLDS_MAX = 600  # lots; a maker who holds more buys no more
RUN_BP = 200  # a price that has run so far within a minute frightens makers
CALM_S = 60
SPREAD_TICKS = 5
FAIR_S = 30  # makers believe a new price after about so long
SEEN_S = 120, 420  # how long a buyer takes to believe a low price
DEEP_LOTS, DEEP_BP = 15, 1_000  # patient orders, every ten hundredths of a percent: lots, how far


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong on a day, and how large everybody is; `sells_per_s` 0 is an ordinary day."""

    sells_per_s: int = 30  # of the large seller, at any price
    sells_lots: int = 12_000
    begins_s: int = 300
    stops: int = 80  # sellers with a stop-loss
    stop_lots: int = 60
    buyers: int = 120
    buyer_lots: int = 250
    lasts_s: int = 1_500


@dataclass(slots=True)
class Day:
    """What could be seen: (second, price, lots) of every trade, and the pauses."""

    trades: list[tuple[int, int, int]] = field(default_factory=list)
    pauses: list[int] = field(default_factory=list)

    def low(self) -> int:
        """Return the lowest price of a trade."""
        return min((price for _, price, _ in self.trades), default=VALUE)

    def beyond(self, share_bp: int) -> int:
        """Return how many trades lie further than that below the value."""
        edge = VALUE - VALUE * share_bp // ONE_BP
        return sum(price < edge for _, price, _ in self.trades)

    def lost(self) -> int:
        """Return what sellers got less than the value, in units, over all trades."""
        return sum(max(0, VALUE - price) * lots for _, price, lots in self.trades) // 100

    def recovered_s(self) -> int | None:
        """Return from which second on every trade was near the value, or above it; None: never."""
        edge = VALUE - VALUE * NEAR_BP // ONE_BP
        last = max((second for second, price, _ in self.trades if price < edge), default=0)
        after = [second for second, price, _ in self.trades if second > last]
        return (after[0] if last else 0) if after else None

    def path(self, every_s: int = 60) -> list[tuple[float, float]]:
        """Return (minute, lowest price in units) of each piece of the day in which there were trades."""
        lows: dict[int, int] = {}
        for second, price, _ in self.trades:
            piece = second // every_s
            lows[piece] = min(lows.get(piece, price), price)
        return [(piece * every_s / 60, low / 100) for piece, low in sorted(lows.items())]


class Panic:
    """The market of one symbol, a second at a time."""

    def __init__(self, rules: Rules, trouble: Trouble, *, rng: Random) -> None:
        self.engine = Engine({SYMBOL: rules})
        self.day = Day()
        self._trouble = trouble
        self._rng = rng
        self._second = 0
        self._sold = 0
        self._held = dict.fromkeys(range(1, MAKERS + 1), 0)
        self._away_until_s = dict.fromkeys(range(1, MAKERS + 1), 0)
        self._owners: dict[int, tuple[int, Side]] = {}  # open orders of makers
        self._recent: deque[tuple[int, int]] = deque()  # (second, price) of the last minute
        # Those whose nerves are weaker sell earlier.
        self._stops = sorted(rng.randrange(8_600, 9_850) for _ in range(trouble.stops))
        self._buyers: list[int] = []  # the seconds at which somebody will have seen it
        self._last = VALUE
        self._fair = 100 * VALUE  # in hundredths of a tick: what makers believe

    def run(self) -> Day:
        """Let the whole day pass, and return what was seen of it."""
        for place in range(1, DEEP_BP // 10):
            away = VALUE * place * 10 // ONE_BP
            self._send(90, BUY, DEEP_LOTS, VALUE - away)
            self._send(91, SELL, DEEP_LOTS, VALUE + away)
        while self._second < self._trouble.lasts_s:
            self._second += 1
            for symbol in self.engine.overdue(self._second * S):
                self._see(self.engine.apply(Tick(symbol), self._second * S))
            self._quote()
            self._usual()
            self._sell()
            self._buy()
        return self.day

    def _usual(self) -> None:
        """Small orders of both sides; the further the price is from the value, the more of one side."""
        if self._rng.random() < 0.7:
            lean = (VALUE - self._last) * 20 / VALUE
            side = BUY if self._rng.random() < 0.5 + lean else SELL
            self._send(50, side, self._rng.randint(1, 10), None)

    def _sell(self) -> None:
        """The large seller, who looks at no price, and the stop-losses, who look at nothing else."""
        trouble = self._trouble
        if self._second >= trouble.begins_s and self._sold < trouble.sells_lots and self._trades():
            self._send(60, SELL, trouble.sells_per_s, None)
            self._sold += trouble.sells_per_s
        while self._stops and self._last <= self._stops[-1] and self._trades():
            self._stops.pop()
            self._send(70, SELL, trouble.stop_lots, None)

    def _buy(self) -> None:
        """Buyers notice a price below 96 % of the value, or a pause, and act minutes later."""
        low = self._last < VALUE * 96 // 100 or not self._trades()
        if low and len(self._buyers) < self._trouble.buyers:
            self._buyers.append(self._second + self._rng.randint(*SEEN_S))
        for due_s in [each for each in self._buyers if each == self._second]:
            limit = VALUE * self._rng.randint(960, 985) // 1000
            self._send(80 + due_s % 7, BUY, self._trouble.buyer_lots, limit)

    def _quote(self) -> None:
        """Each maker quotes anew around the last price, less the more it holds; or goes away."""
        now_s, frightened = self._second, self._run_bp() > RUN_BP
        self._fair += (100 * self._last - self._fair) // FAIR_S
        for maker, held in self._held.items():
            self._apply(CancelAll(maker, SYMBOL))
            if self._trades() and frightened:
                self._away_until_s[maker] = now_s + CALM_S
            if now_s < self._away_until_s[maker]:
                self._send(maker, BUY, 5_000, STUB)
                continue
            middle = self._fair // 100 - held // 10
            for step in range(1, MAKER_LEVELS + 1):
                away = SPREAD_TICKS * step + self._rng.randrange(SPREAD_TICKS)
                if held <= HOLDS_MAX:
                    self._send(maker, BUY, MAKER_LOTS, max(STUB, middle - away))
                self._send(maker, SELL, MAKER_LOTS, middle + away)

    def _run_bp(self) -> int:
        """Return how far the price has fallen from its highest within the last minute."""
        while self._recent and self._recent[0][0] <= self._second - 60:
            self._recent.popleft()
        highest = max((price for _, price in self._recent), default=self._last)
        return (highest - self._last) * ONE_BP // highest

    def _trades(self) -> bool:
        return self.engine.markets[SYMBOL].phase is Phase.CONTINUOUS

    def _send(self, account: int, side: Side, lots: int, price: int | None) -> None:
        name = str(self.engine.last_order_id + 1)
        wish = New(account, name, SYMBOL, side, lots, price, Life.DAY)
        if account in self._held:
            self._owners[self.engine.last_order_id + 1] = account, side
        self._apply(wish)

    def _apply(self, command: New | CancelAll) -> None:
        self._see(self.engine.apply(command, self._second * S))

    def _see(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Filled):
                self.day.trades.append((self._second, event.price, event.quantity))
                self._last = event.price
                self._recent.append((self._second, event.price))
                for order_id in (event.maker_id, event.taker_id):
                    if order_id in self._owners:
                        maker, side = self._owners[order_id]
                        self._held[maker] += side * event.quantity
            elif getattr(event, "phase", None) is Phase.VOLATILITY_AUCTION:
                self.day.pauses.append(self._second)


def demo(*, seed: int = 7, band_percent: int = 5) -> None:
    """One panic, without bands and with them, and an ordinary day with them."""
    from chapters.measure.plot import sparkline

    banded = Rules(reference_price=VALUE, band_bp=100 * band_percent)
    for name, rules, trouble in (
        ("no bands", Rules(reference_price=VALUE), Trouble()),
        (f"bands of {band_percent} %", banded, Trouble()),
        ("an ordinary day", banded, Trouble(sells_per_s=0)),
    ):
        day = Panic(rules, trouble, rng=Random(seed)).run()
        prices = [price for _, price in day.path()]
        print(f"{name:<16} lowest {day.low() / 100:>7.2f}  pauses {len(day.pauses)}  ", end="")
        print(sparkline(prices, within=(0, 100)), f"back after {day.recovered_s()} s")
