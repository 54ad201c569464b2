"""The order process: what it hears becomes a call, and what stands in its outbox is said.

    customers ─► place, cancel, missing        gateway, kitchen, riders ─► answers to our commands
                        └──────► Orders ◄──────────┘
    outbox ─► relay ─► gateway, kitchen, riders;  news ─► the books, and whoever listens

Invariant: it keeps nothing that is not in the database or the ledger's journal, so it may be killed
anywhere. A message is a dict; a refusal is answered, never raised. Page: docs/zomato/ordering.md
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from chapters.errors import Refused
from chapters.outbox import Message, Relay, put_off
from chapters.outbox.outbox import next_due_ns
from chapters.saga import Heard
from chapters.sim.clock import Clock, S, Timer
from chapters.sim.trace import note
from chapters.transaction import Database
from zomato.ordering.bill import Menu
from zomato.ordering.books import Bookkeeper
from zomato.ordering.cart import read_cart
from zomato.ordering.complaints import Complaints
from zomato.ordering.orders import Orders, Told
from zomato.ordering.plan import TOPICS

SWEEP_NS = 300 * S
LONG_NS = 1800 * S  # until somebody who is at it is asked again
HOUSES = ("gateway", "kitchen", "riders")

Facts: TypeAlias = Mapping[str, Any]
Send: TypeAlias = Callable[[str, dict[str, Any]], None]  # to whom, what


class Service:
    """Hears messages and speaks by `send`; `listen` is told all news, at least once.

    It speaks after each thing that it heard, or, busy, once in `speak_every_ns` about all of them.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        database: Database,
        menu: Menu,
        is_open: Callable[[str, int], bool],
        books: Bookkeeper,
        send: Send,
        listen: Callable[[Facts], None] = lambda news: None,
        speak_every_ns: int = 0,
    ) -> None:
        self._clock, self._database, self._send = clock, database, send
        self._speak_every_ns, self._will_speak = speak_every_ns, False
        self._books, self._listen = books, listen
        self.orders = Orders(database, menu=menu, is_open=is_open, now_ns=clock.now_ns)
        self.complaints = Complaints(database, self.orders, now_ns=clock.now_ns)
        senders = {house: self._sender(house) for house in HOUSES}
        self._relay = Relay(database, senders | {"news": self._tell})
        self._alarm: Timer | None = None

    def start(self) -> None:
        """Go on with what stands in the outbox, and look for overdue orders now and then."""
        self.speak()
        self._clock.call_later(SWEEP_NS, self._sweep)

    def hear(self, source: str, message: Facts) -> None:
        """Take a message; answer it if somebody waits for that."""
        try:
            reply = self._answer(message)
        except Refused as refusal:
            reply = {"refused": refusal.reason, "status": refusal.status, "why": str(refusal)}
        if reply is not None and "ask" in message:
            self._send(source, {"re": message["ask"]} | reply)
        self._speak_soon()

    def _answer(self, message: Facts) -> dict[str, Any] | None:
        match message:
            case {"do": "place", "key": key, "cart": cart}:
                return self.orders.place(key, read_cart(cart))
            case {"do": "cancel", "id": id}:
                self.orders.cancel(id, "the customer changed their mind")
                return {"cancelled": id}
            case {"do": "missing", "id": id, "dish": dish}:
                return {"paise": self.complaints.missing(id, dish)}
            case {"did": "refund", "id": id, "dish": dish}:
                self.complaints.hear(id, dish)
            case {"did": name, "id": id}:
                self._heard(id, name, message)
            case {"says": "picked up", "id": id, "rider": rider, "trip": trip}:
                self.orders.pick_up(id, rider, trip)
                return {"picked up": trip}
            case {"says": "lost", "id": id, "trip": trip}:
                self.orders.lose(id, trip)
            case {"hint": _, "id": id}:  # a webhook is a reason to ask, never an answer
                self._put_off("gateway", id, 0)
            case {
                "hears": name,
                "id": id,
            }:  # it takes its time, and need not be asked all the while
                self._put_off(TOPICS[name], id, LONG_NS)
        return None

    def _put_off(self, topic: str, id: str, wait_ns: int) -> None:
        until_ns = self._clock.now_ns() + wait_ns
        self._database.run(lambda connection: put_off(connection, topic, id, until_ns=until_ns))

    def _heard(self, id: str, name: str, message: Facts) -> None:
        """Take a house's answer; one that says neither yes nor no is none, and it is asked again."""
        if not isinstance(message.get("done"), bool):
            return
        heard = Heard.DONE if message["done"] else Heard.REFUSED
        told = Told(
            message.get("rider", ""), message.get("why", ""), message.get("paise", 0),
            message.get("trip", 0),
        )  # fmt: skip
        self.orders.hear(id, name, heard, told)

    def _speak_soon(self) -> None:
        if not self._speak_every_ns:
            self.speak()
        elif not self._will_speak:
            self._will_speak = True
            self._clock.call_later(self._speak_every_ns, self.speak)

    def speak(self) -> None:
        """Say what is due, and be there when the next message will be."""
        self._will_speak = False
        while self._relay.turn(self._clock.now_ns()):
            pass
        if self._alarm is not None:
            self._alarm.cancel()
        next_ns = self._database.run(next_due_ns)
        if next_ns is not None:
            wait_ns = max(next_ns - self._clock.now_ns(), self._speak_every_ns)
            self._alarm = self._clock.call_later(wait_ns, self.speak)

    def _sweep(self) -> None:
        if self.orders.give_up_overdue():
            self.speak()
        self._clock.call_later(SWEEP_NS, self._sweep)

    def _sender(self, house: str) -> Callable[[Message], bool]:
        """Return what sends to a house; that it was heard, its answer will say."""

        def send(message: Message) -> bool:
            self._database.at("before send")
            again = {"again": message.tries} if message.tries else {}
            note(f"{message.facts['do']}!", to=house, **again)
            self._send(house, message.facts)
            self._database.at("after send")
            return False

        return send

    def _tell(self, message: Message) -> bool:
        self._books.hear(message.facts)
        self._database.at("after booking")
        self._listen(message.facts)
        return True
