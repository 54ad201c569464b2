"""The smallest distributed system worth breaking: a teller, a customer, an account on a disk.

The customer deposits 1, again and again, and repeats a deposit until it is confirmed. The teller
writes each to its disk and confirms it. Two promises: what was confirmed is on the account, and
nothing is on it twice. Two lines of the teller keep them, and each can be left out:

    sync        confirm only what a power failure cannot take back
    remember    after a restart, know again which deposits were booked, so as not to repeat them

Page: docs/chapters/sim.md
"""

from dataclasses import dataclass

from chapters.sim.clock import MS
from chapters.sim.faults import Schedule
from chapters.sim.network import Handler
from chapters.sim.process import Process
from chapters.sim.simulation import Simulation

RETRY_NS = 60 * MS  # far above the usual round trip of 1 to 10 ms
PAUSE_NS = 20 * MS  # the customer thinks between deposits
ASKS_MAX = 100  # then the customer goes home
ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Rules:
    """Which of the two precautions the teller takes, and how much the customer brings."""

    sync: bool = True
    remember: bool = True
    deposits: int = 20


class Teller:
    """Keeps the account: one line per deposit, its number, on its disk."""

    def __init__(self, process: Process, rules: Rules, simulation: Simulation) -> None:
        self._process = process
        self._rules = rules
        self._simulation = simulation
        process.disk.append(ACCOUNT, b"")
        whole, newline, _ = process.disk.read(ACCOUNT).rpartition(b"\n")
        process.disk.truncate(ACCOUNT, len(whole + newline))  # a crash may have torn the last line
        process.disk.sync_names()
        self._seen = set(booked(process.disk.read(ACCOUNT))) if rules.remember else set()

    def handle(self, customer: str, message: object) -> None:
        """Book the deposit and confirm it."""
        number = int(str(message))
        if number not in self._seen:
            self._book(number)
        self._process.send(customer, number)

    def _book(self, number: int) -> None:
        self._process.disk.append(ACCOUNT, f"{number}\n".encode())
        if self._rules.sync:
            self._process.disk.sync(ACCOUNT)
        self._seen.add(number)
        self._simulation.record(f"teller    books deposit {number}")


class Customer:
    """Makes deposits one after the other, each until it is confirmed."""

    def __init__(self, process: Process, rules: Rules, simulation: Simulation) -> None:
        self._process = process
        self._rules = rules
        self._simulation = simulation
        self.confirmed: list[int] = []
        self._ask(1)

    def handle(self, teller: str, message: object) -> None:
        """Take the confirmation; go on to the next deposit."""
        number = int(str(message))
        if number != len(self.confirmed) + 1:
            return  # the confirmation of a repetition: it was confirmed before
        self.confirmed.append(number)
        self._simulation.record(f"customer  has deposit {number} confirmed")
        if number < self._rules.deposits:
            self._process.call_later(PAUSE_NS, lambda: self._ask(number + 1))

    def _ask(self, number: int, asked: int = 0) -> None:
        if number <= len(self.confirmed) or asked == ASKS_MAX:
            return
        if asked:
            self._simulation.record(f"customer  asks again for deposit {number}")
        self._process.send("teller", number)
        self._process.call_later(RETRY_NS, lambda: self._ask(number, asked + 1))


@dataclass(frozen=True, slots=True)
class Day:
    """How a run ended: what the customer was told, and what the account says."""

    confirmed: tuple[int, ...]
    account: tuple[int, ...]
    transcript: tuple[str, ...]
    digest: str

    @property
    def lost(self) -> list[int]:
        """Return the deposits that were confirmed and are not on the account."""
        return sorted(set(self.confirmed) - set(self.account))

    @property
    def doubled(self) -> list[int]:
        """Return the deposits that are on the account more than once."""
        return sorted({number for number in self.account if self.account.count(number) > 1})

    @property
    def broken(self) -> str | None:
        """Return which promise was broken, or None."""
        if self.lost:
            return f"confirmed and lost: deposit {_names(self.lost)}"
        if self.doubled:
            return f"booked twice: deposit {_names(self.doubled)}"
        return None


def open_for_a_day(seed: int, schedule: Schedule, rules: Rules) -> Day:
    """Run teller and customer under the faults of `schedule` until nothing more happens."""
    simulation = Simulation(seed)
    customers: list[Customer] = []

    def teller(process: Process) -> Handler:
        return Teller(process, rules, simulation).handle

    def customer(process: Process) -> Handler:
        customers.append(Customer(process, rules, simulation))
        return customers[-1].handle

    simulation.start("teller", teller)
    simulation.start("customer", customer)
    simulation.apply(schedule)
    simulation.run()
    account = booked(simulation.disk("teller").read(ACCOUNT))
    confirmed = tuple(customers[-1].confirmed)
    return Day(confirmed, account, tuple(simulation.transcript), simulation.digest())


def booked(account: bytes) -> tuple[int, ...]:
    """Return the deposits on the account; a torn last line is none."""
    whole, _, _ = account.rpartition(b"\n")
    return tuple(int(line) for line in whole.split())


def _names(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
