"""Kill -9 in the middle of a burst, again and again: real processes, a real disk, nothing lost.

    burst process: submit 64 orders ──► journal ──► "acknowledged up to n, state hash h" ──► …
    here:          start it · read what it says · kill it · recover its journal · compare · again

The yardstick is an exchange to which nothing happened: same orders, same state, to the byte. An order
whose acknowledgement was never heard is sent again, under its old client id, to the next life.
Page: docs/exchange/breaking.md
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from chapters.errors import KitError
from chapters.sim import Outcome, S, Verdict
from chapters.sim.errors import at_least
from chapters.sim.real import RealDisk, WallClock
from exchange.engine import Engine
from exchange.orders import BUY, SELL, New, Side
from exchange.sequencer import Replica, Sequencer

SYMBOL = "ACME"
BATCH = 64  # orders that share a sync in the burst
BURST_S_MAX = 0.06  # how long a burst lives before it is killed


def order(number: int, seed: int) -> New:
    """Return the burst's order of that number: always the same one, however often it is sent."""
    rng = Random(seed * 1_000_003 + number)
    side = rng.choice((BUY, SELL))
    price = 10_000 - side * min(int(rng.paretovariate(1.1)), 200) + side * rng.choice((0, 0, 0, 5))
    return New(number % 97, str(number), SYMBOL, Side(side), rng.randint(1, 100), price)


def burst(folder: Path, *, seed: int, first: int) -> Iterator[str]:
    """Enter orders from number `first` on for ever; yield `number state-hash` once acknowledged."""
    with RealDisk(folder) as disk:
        sequencer = Sequencer(clock=WallClock(), disk=disk, symbols=[SYMBOL])
        sequencer.snapshot()
        while True:
            sequencer.submit([order(number, seed) for number in range(first, first + BATCH)])
            first += BATCH
            yield f"{first - 1} {sequencer.replica.sequence} {sequencer.replica.state_hash.hex()}"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The last thing that a killed exchange has said."""

    number: int  # of the order
    sequence: int
    state_hash: str


def kill(*, rounds: int = 10, seed: int = 7) -> Outcome:
    """Kill -9 a real exchange `rounds` times in mid-burst; its clients resend what got no answer."""
    at_least(1, rounds=rounds)
    rng = Random(seed)
    lost = changed = 0
    last = Acknowledged(-1, 0, "")
    with TemporaryDirectory(prefix="kit-kill-") as name:
        folder = Path(name)
        for _ in range(rounds):
            said = _killed_burst(folder, seed, last.number + 1, rng.uniform(0, BURST_S_MAX))
            last = said or last
            found = _hash_at(folder, last.sequence)
            lost += found is None
            changed += found is not None and found != last.state_hash
        with RealDisk(folder) as disk:
            recovered = Sequencer(clock=WallClock(), disk=disk, symbols=[SYMBOL]).replica
        twice, same = _against_undisturbed(recovered.engine, seed)
    entered = recovered.engine.last_order_id
    return Outcome(
        title=f"kill -9 in mid-burst, {rounds} times",
        verdicts=(
            Verdict("nothing acknowledged is lost", not lost, f"{rounds - lost} of {rounds} kills"),
            Verdict("history is not rewritten", not changed, f"{changed} state hashes differ"),
            Verdict("a resent order is not entered twice", not twice, f"{twice} twice"),
            Verdict(
                "the state is that of an exchange never killed",
                same,
                f"{entered:,} orders, {recovered.sequence - entered:,} repeats refused",
            ),
        ),
        lines=(f"{last.number + 1:,} orders acknowledged over all lives of the process",),
        next_commands=("kit break exchange power", "kit break exchange kill --rounds 100"),
        replay=f"kit break exchange kill --rounds {rounds} --seed {seed}",
    )


def _killed_burst(folder: Path, seed: int, first: int, life_s: float) -> Acknowledged | None:
    """Start a burst, kill it `life_s` after its first acknowledgement, return its last words."""
    command = (sys.executable, "-m", "chapters.cli", "exchange", "burst", str(folder))
    knobs = ("--seed", str(seed), "--first", str(first))
    child = subprocess.Popen((*command, *knobs), stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout is not None
    try:
        begun = child.stdout.readline()
        if not begun:
            raise KitError(f"the exchange did not start (exit code {child.wait()})")
        WallClock().call_later(round(life_s * S), child.kill)
        said = begun + child.stdout.read()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    # The last line may be torn by the kill: only what ends in a line feed was said.
    whole = said.decode().rpartition("\n")[0].splitlines()
    number, sequence, state_hash = whole[-1].split()
    return Acknowledged(int(number), int(sequence), state_hash)


def _hash_at(folder: Path, sequence: int) -> str | None:
    """Return the hash that the folder's journal gives at `sequence`; None if it ends before."""
    with RealDisk(folder) as disk:
        sequencer = Sequencer(clock=WallClock(), disk=disk, symbols=[SYMBOL])
        if sequencer.replica.sequence < sequence:
            return None
        replica = Replica.restore(disk)
        for _ in replica.replay(sequencer.records(replica.sequence + 1)):
            if replica.sequence == sequence:
                break
        return replica.state_hash.hex()


def _against_undisturbed(engine: Engine, seed: int) -> tuple[int, bool]:
    """Return how many orders were entered twice, and whether the state equals an untouched one."""
    names = [int(name) for known in engine.client_ids.values() for name in known]
    untouched = Engine([SYMBOL])
    for number in range(len(names)):
        untouched.apply(order(number, seed))
    return engine.last_order_id - len(names), untouched.dump() == engine.dump()
