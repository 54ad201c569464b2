"""The exchange's public view as a feed: trades are changes, depth and quotes are values of their symbol."""

from random import Random

from chapters.fanout import Hub
from chapters.sim import Chance, SimDisk, VirtualClock
from exchange.board.board import key_of
from exchange.orders import BUY, SELL, New
from exchange.sequencer import Follower, Sequencer
from exchange.spectator import Spectator

SYMBOLS = ["ACME", "BOLT"]


class Line:
    """A line that is busy after every chunk."""

    def __init__(self):
        self.events = []

    def send(self, chunk):
        self.events += chunk.decode().split("\n\n")[:-1]
        return False


def test_a_slow_reader_of_a_market_gets_every_trade_and_the_last_depth_of_each_symbol():
    rng, disk = Random(7), SimDisk(rng=Chance(7).stream("disk"))
    sequencer = Sequencer(clock=VirtualClock(), disk=disk, symbols=SYMBOLS)
    spectator = Spectator(Follower(disk=disk))
    hub, fast, slow = Hub(kept=100_000), Line(), Line()
    feed = hub.open("market")
    quick, reader = hub.join("market", fast), hub.join("market", slow)
    for number in range(400):
        symbol, side = rng.choice(SYMBOLS), rng.choice((BUY, SELL))
        price = 1000 + rng.randint(-5, 5)
        sequencer.submit([New(number % 7, f"o{number}", symbol, side, rng.randint(1, 9), price)])
        for event in spectator.poll():
            if event.name == "trade":
                feed.change(event.id, event.encode())
            else:
                feed.value(event.id, key_of(event), event.encode())
        hub.tell("market")
        quick.drained()
        if number % 100 == 99:
            reader.drained()
    while not (quick.free and reader.free):
        quick.drained()
        reader.drained()

    def of(line, name):
        return [each for each in line.events if f"event: {name}\n" in each]

    trades, depths = of(fast, "trade"), of(fast, "depth")
    assert of(slow, "trade") == trades and len(trades) > 100
    assert len(of(slow, "depth")) < 30 < 300 < len(depths)
    for symbol in SYMBOLS:
        last = [each for each in depths if f'"symbol":"{symbol}"' in each][-1]
        assert [each for each in of(slow, "depth") if f'"symbol":"{symbol}"' in each][-1] == last
