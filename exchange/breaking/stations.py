"""Kill -9 and SIGSTOP of the primary in mid-burst, with real processes, sockets and disks.

    giver, a, b: processes     here: a client with a few dozen orders under way, and a stop watch
    burst · kill the primary · ask the other, until it acknowledges · start the dead one again · again

Measured is the time from the kill to the first acknowledgement of the next primary, by the client's watch.
At the end every acknowledged order must be in both journals, once, under the number that its client was
told. Page: docs/exchange/standby.md
"""

import signal
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from chapters.errors import KitError
from chapters.sim import MS, Outcome, S, Series, Verdict
from chapters.sim.errors import at_least
from chapters.sim.real import RealDisk, WallClock
from exchange.breaking.killing import SYMBOL, order
from exchange.sequencer import Replica, Sequencer
from exchange.standby.app import Line
from exchange.standby.messages import Done, Elsewhere, Enter
from exchange.standby.primary import Pace
from exchange.standby.processes import MACHINES, Station, market

WINDOW = 32  # orders under way
BURST_S = (0.05, 0.3)  # from two copies to the kill
ASLEEP_S = 0.1  # that a stopped primary sleeps on, once the next has begun
PATIENCE_S = 20.0  # then a round has failed
AGAIN_S = 0.1  # without an answer, the client asks elsewhere
# Machines that share two cores are slow: a standby is not given up on for that.
PACE = Pace(patience_ns=1 * S, snapshot_every=10_000)
KILLED, STOPPED = "kill -9", "SIGSTOP"


@dataclass(slots=True)
class Client:
    """Enters orders in a window, resends what got no answer, and remembers what it was told."""

    ports: dict[str, int]
    seed: int
    clock: WallClock = field(default_factory=WallClock)
    told: dict[int, Done] = field(default_factory=dict)  # by the order's number
    changed: int = 0  # acknowledged twice, with different numbers
    primary: str = MACHINES[0]
    last: Done | None = None
    teller: str = ""  # who gave the last answer
    entered: int = 0
    window: int = WINDOW
    _under_way: set[int] = field(default_factory=set)
    _line: Line | None = None
    _heard_ns: int = 0

    def pump(self, seconds: float, is_it: Callable[[Done], bool] | None = None) -> bool:
        """Trade for so long, or until there `is_it`: an answer that is waited for."""
        until_ns = self.clock.now_ns() + round(seconds * S)
        while self.clock.now_ns() < until_ns:
            try:
                self._turn()
            except OSError:
                self._move()
            if self.last is not None and is_it is not None and is_it(self.last):
                return True
        return is_it is None

    def finish(self) -> bool:
        """Wait for what is under way, enter nothing new; return whether all is answered."""
        self.window, window = 0, self.window
        for _ in range(round(PATIENCE_S / AGAIN_S)):
            self.pump(AGAIN_S)
            if not self._under_way:
                break
        self.window = window
        return not self._under_way

    def settle(self) -> bool:
        """Enter one order at a time until the last answer is of two disks, and nothing is under way.

        What was acknowledged while one disk counted is on the other one by then.
        """
        self.window = 1
        for _ in range(round(PATIENCE_S / AGAIN_S)):
            if not self.finish():
                return False
            if self.last is not None and _is_safe(self.last):
                return True
            self.pump(AGAIN_S)
        return False

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.close()
        self._line = None

    def _turn(self) -> None:
        """Fill the window, and take in what has come; after some silence ask elsewhere."""
        if self._line is None:
            self._line = Line("client", self.ports[self.primary])
            self._heard_ns = self.clock.now_ns()
            self._line.send([self._enter(each, True) for each in sorted(self._under_way)])
        fresh = []
        while len(self._under_way) < self.window:
            fresh.append(self._enter(self.entered, False))
            self._under_way.add(self.entered)
            self.entered += 1
        if fresh:
            self._line.send(list(fresh))
        for message in self._line.receive(0.01):
            if isinstance(message, Elsewhere):
                return self._move(message.primary)
            assert isinstance(message, Done), message
            self._done(message)
            self._heard_ns = self.clock.now_ns()
        if self.clock.now_ns() - self._heard_ns > round(AGAIN_S * S):
            self._move()
        return None

    def _enter(self, number: int, is_resent: bool) -> Enter:
        return Enter(number, order(number, self.seed), is_resent)

    def _done(self, message: Done) -> None:
        if not message.order_id:
            return  # a copy was refused as a duplicate; the answer with a number is on its way
        before = self.told.setdefault(message.number, message)
        self.changed += before.order_id != message.order_id
        self._under_way.discard(message.number)
        self.last, self.teller = message, self.primary

    def _move(self, primary: str = "") -> None:
        """Ask another machine; a moment later, so that nobody is flooded."""
        self.close()
        other = next(name for name in MACHINES if name != self.primary)
        self.primary = primary if primary in MACHINES else other
        self.clock.sleep_until(self.clock.now_ns() + 5 * MS)


@dataclass(frozen=True, slots=True)
class Takeover:
    """How the primary was taken away, and how long it took until the next one acknowledged."""

    how: str
    took_ms: float
    is_silent: bool  # a stopped primary, woken, acknowledged nothing of its own


def failover(*, rounds: int = 4, ttl_ms: int = 200, seed: int = 7) -> Outcome:
    """Take the primary away `rounds` times, by kill -9 and by SIGSTOP in turn; ttl_ms is its lease's."""
    at_least(1, rounds=rounds)
    at_least(100, ttl_ms=ttl_ms)
    rng, pace = Random(seed), PACE._replace(ttl_s=ttl_ms / 1_000)
    with TemporaryDirectory(prefix="kit-failover-") as name:
        folder = Path(name)
        with (
            market(folder, pace) as stations,
            closing(Client(stations[MACHINES[0]].ports, seed)) as client,
        ):
            took = [_taken_away(number, rng, stations, client) for number in range(rounds)]
            finished = client.settle()
        facts = _judged(folder, client)
    return _outcome(
        took, facts, client, finished, f"--rounds {rounds} --ttl-ms {ttl_ms} --seed {seed}"
    )


def lengths_ms(rounds: int, *, ttl_ms: int = 200, seed: int = 7) -> list[float]:
    """Return how long each of so many takeovers took, for the benchmark."""
    return [
        value for _, value in failover(rounds=rounds, ttl_ms=ttl_ms, seed=seed).series[0].points
    ]


def _taken_away(number: int, rng: Random, stations: dict[str, Station], client: Client) -> Takeover:
    """Wait for two copies, trade, take the primary away, and wait for the next one's first answer."""
    client.last = None
    client.window = 1  # a machine that is catching up is not to be kept from it
    if not client.pump(PATIENCE_S, _is_safe):
        raise KitError(f"after {PATIENCE_S:g} s there are no two copies: is this machine too busy?")
    client.window = WINDOW
    client.pump(rng.uniform(*BURST_S))
    victim = stations[client.teller]
    how = STOPPED if number % 2 else KILLED
    began_ns = client.clock.now_ns()
    victim.signal(signal.SIGSTOP if how == STOPPED else signal.SIGKILL)
    if not client.pump(PATIENCE_S, lambda said: client.teller != victim.name):
        raise KitError(f"nobody took over from {victim.name} in {PATIENCE_S:g} s")
    took_ms = (client.clock.now_ns() - began_ns) / MS
    if how == STOPPED:
        client.pump(ASLEEP_S)
        victim.signal(signal.SIGCONT)
        return Takeover(how, took_ms, _is_silent(client, victim.name))
    victim.end()
    stations[victim.name] = victim.again()
    return Takeover(how, took_ms, True)


def _is_safe(said: Done) -> bool:
    """Return whether an order is on both disks, and both count."""
    return said.copies == len(MACHINES)


def _is_silent(client: Client, machine: str) -> bool:
    """Ask the woken primary at once to enter an order; return whether it refuses to, in its old epoch."""
    assert client.last is not None
    with closing(Line("stranger", client.ports[machine])) as line:
        line.send([Enter(client.entered, order(client.entered, client.seed))])
        client.entered += 1  # whoever enters it, it is one of ours
        answers = line.receive(PATIENCE_S)
    return not any(isinstance(each, Done) and each.epoch < client.last.epoch for each in answers)


@dataclass(frozen=True, slots=True)
class _Facts:
    lost: int  # acknowledged, and not in a journal under that number
    twice: int  # order numbers beyond those of different orders
    is_one_history: bool  # both journals lead to one state
    is_in_order: bool  # no epoch acknowledged behind the beginning of a later one
    orders: int


def _judged(folder: Path, client: Client) -> _Facts:
    """Open both machines' folders as any reader of journals would, and compare with what was told."""
    replicas = [_replayed(folder / name) for name in MACHINES]
    engines = [each.engine for each in replicas]
    lost = twice = 0
    for engine in engines:
        names = sum(len(known) for known in engine.client_ids.values())
        twice += engine.last_order_id - names
        for number, said in client.told.items():
            wish = order(number, client.seed)
            lost += engine.order_id(wish.account, wish.client_id) != said.order_id
    in_order = sorted(client.told.values(), key=lambda each: each.sequence)
    epochs = [each.epoch for each in in_order]
    states = {(each.sequence, each.state_hash) for each in replicas}
    return _Facts(lost, twice, len(states) == 1, epochs == sorted(epochs), engines[0].last_order_id)


def _replayed(folder: Path) -> Replica:
    with RealDisk(folder) as disk:
        sequencer = Sequencer(clock=WallClock(), disk=disk, symbols=[SYMBOL])
        return sequencer.replica


def _outcome(
    took: list[Takeover], facts: _Facts, client: Client, finished: bool, knobs: str
) -> Outcome:
    spans = [each.took_ms for each in took]
    woken = [each for each in took if each.how == STOPPED]
    silent = sum(each.is_silent for each in woken)
    told = f"{len(client.told):,} acknowledged, {facts.lost} missing"
    return Outcome(
        title=f"the primary taken away in mid-burst, {len(took)} times",
        verdicts=(
            Verdict("nothing acknowledged is lost", not facts.lost, told),
            Verdict(
                "no order is entered twice",
                not facts.twice and not client.changed,
                f"{facts.orders:,} orders, {facts.twice + client.changed} twice",
            ),
            Verdict(
                "both journals are one history", facts.is_one_history and finished, "equal hashes"
            ),
            Verdict(
                "no primary acknowledges behind the next",
                facts.is_in_order and silent == len(woken),
                f"{silent} of {len(woken)} woken primaries entered nothing",
            ),
        ),
        lines=(
            f"from the signal to the next primary's first answer: median {median(spans):.0f} ms, "
            f"longest {max(spans):.0f} ms",
        ),
        next_commands=("kit break exchange takeover", "kit break exchange failover --rounds 50"),
        replay=f"kit break exchange failover {knobs}",
        series=(Series("takeover", "ms", tuple((float(n), ms) for n, ms in enumerate(spans, 1))),),
    )
