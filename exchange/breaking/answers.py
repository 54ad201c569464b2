"""A network that loses and repeats messages, and clients that ask until they have an answer.

Page: docs/exchange/breaking.md
"""

from chapters.sim import MS, Chance, Outcome, SimDisk, Verdict, VirtualClock
from chapters.sim.errors import at_least
from chapters.sim.latency import LogNormal
from chapters.sim.network import Link, Network
from exchange.breaking.journal import simulated
from exchange.breaking.killing import SYMBOL
from exchange.errors import within
from exchange.gateway import Direct, place
from exchange.order_json import Json

ASKS_MAX = 1_000  # then a client gives up
LOSS_MAX = 0.9  # with more, some client gives up


def lost_answers(*, orders: int = 200, loss: float = 0.2, seed: int = 7) -> Outcome:
    """Lose and repeat messages both ways; every client asks again until it has an answer."""
    at_least(1, orders=orders)
    within(0, LOSS_MAX, loss=loss)
    chance, clock = Chance(seed), VirtualClock()
    link = Link(LogNormal(MS, 5 * MS), loss=loss, duplication=loss / 2)
    network = Network(clock=clock, rng=chance.stream("network"), link=link)
    desk = Direct(simulated(SimDisk(rng=chance.stream("disk"), clock=clock)))
    clients = [_Client(number, network, clock) for number in range(1, orders + 1)]
    network.attach(
        "exchange", lambda source, body: network.send("exchange", source, _serve(desk, body))
    )
    for client in clients:
        client.ask(resend=False)
    clock.run()
    entered = desk.sequencer.replica.engine.last_order_id
    answered = sum(client.order_id > 0 for client in clients)
    numbers = {client.order_id for client in clients}
    asked = sum(client.asked for client in clients)
    return Outcome(
        title=f"{loss:.0%} of all messages lost, {loss / 2:.0%} repeated",
        verdicts=(
            Verdict("every client gets its answer", answered == orders, f"{answered} of {orders}"),
            Verdict("every order is entered once", entered == orders, f"{entered} entered"),
            Verdict("no two clients share an order", len(numbers) == orders, f"{len(numbers)} ids"),
        ),
        lines=(
            f"{asked:,} questions for {orders:,} orders; {network.counts['lost']:,} messages lost",
        ),
        next_commands=("kit trace exchange", "kit break exchange lost-answers --loss 0.6"),
        replay=f"kit break exchange lost-answers --orders {orders} --loss {loss} --seed {seed}",
    )


def _serve(desk: Direct, body: object) -> Json:
    assert isinstance(body, dict)
    return place(desk, body)


class _Client:
    """Sends one order and asks again until an answer names the order's number."""

    def __init__(self, number: int, network: Network, clock: VirtualClock) -> None:
        self.name = f"client-{number}"
        self.order_id = 0
        self.asked = 0
        self._network, self._clock = network, clock
        self._body: Json = {
            "account": number,
            "client_id": "only",
            "symbol": SYMBOL,
            "side": "buy",
            "quantity": 1,
            "price": "1.00",
        }
        network.attach(self.name, self._answered)

    def ask(self, *, resend: bool = True) -> None:
        """Send the order; again in 20 ms unless there is an answer by then."""
        if not self.order_id and self.asked < ASKS_MAX:
            self.asked += 1
            self._network.send(self.name, "exchange", self._body | {"resend": resend})
            self._clock.call_later(20 * MS, self.ask)

    def _answered(self, source: str, answer: object) -> None:
        assert isinstance(answer, dict)
        # A repeated first message is refused as a duplicate; only an answer with a number counts.
        self.order_id = int(answer.get("order_id", 0)) or self.order_id
