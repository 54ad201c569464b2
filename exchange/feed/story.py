"""What travels, and what becomes of it on lines that lose it: the feed of a small market.

Page: docs/exchange/feed.md
"""

from random import Random

from chapters.sim import MS, spell
from chapters.sim.errors import at_least
from exchange.engine import Engine
from exchange.feed.messages import encode
from exchange.feed.translator import Translator
from exchange.feed.world import SYMBOLS, World, market, poor
from exchange.orders import BUY, SELL, Cancel, Command, New, Terms

TITLE = "The feed: every order, told once to all"
LOSSES = (0.0, 0.02, 0.2, 0.5)
PACE_NS = MS // 2
SETTLE_NS = 300 * MS

SHOWS_80 = Terms(display=80)
_FEW: list[tuple[str, Command]] = [
    ("asha buys 100 at 10.00", New(1, "a", "ACME", BUY, 100, 1_000)),
    ("ben sells 500 at 10.02, shows 80", New(2, "b", "ACME", SELL, 500, 1_002, terms=SHOWS_80)),
    ("carl buys 130 at 10.02", New(3, "c", "ACME", BUY, 130, 1_002)),
    ("asha cancels", Cancel(1, "ACME", 1)),
]


def demo(*, seed: int = 7, commands: int = 1_500) -> None:
    """Show the messages of a few orders, then a market's on two lines that lose more and more."""
    at_least(1, commands=commands)
    engine, translator = Engine(SYMBOLS), Translator(SYMBOLS)
    print("what happens                       what the public is told")
    for words, command in _FEW:
        for message in translator.translate(command.symbol, 0, engine.apply(command)):
            data = encode(message)
            name = f"{type(message).__name__.lower()} {message[2:]}"
            print(f"{words:<34} {name:<28} {len(data):>2} bytes")
            words = ""
    print(f"\n{commands:,} commands in {spell(commands * PACE_NS)}, on two lines\n")
    print("each line loses   packets lost   repeats   gaps   questions   snapshots   book")
    for loss in LOSSES:
        print(_row(seed, commands, loss))


def _row(seed: int, commands: int, loss: float) -> str:
    world = World(seed=seed, line=poor(loss))
    subscriber = world.join("trader")
    for command in market(Random(seed), commands):
        world.apply(command)
        world.pass_time(PACE_NS)
    world.pass_time(SETTLE_NS)
    counts, lost = subscriber.counts, world.network.counts["lost"]
    book = "equal" if world.is_equal(subscriber) else "NOT EQUAL"
    return (
        f"{loss:>15.0%} {lost:>14,} {counts['repeated']:>9,} {counts['gaps']:>6,} "
        f"{counts['asked']:>11,} {counts['snapshots']:>11,}   {book}"
    )
