"""What is on the disk: power cuts, torn writes, flipped bits, no room; and what comes back each time.

The yardstick is always an exchange to which nothing happened: same orders, same state, to the byte.
Page: docs/exchange/breaking.md
"""

from random import Random

from chapters.log import CorruptLog
from chapters.sim import Chance, Crashed, Outcome, SimDisk, Verdict, VirtualClock
from chapters.sim.errors import at_least
from exchange.breaking.killing import SYMBOL, order
from exchange.engine import Engine
from exchange.errors import Halted, Unacknowledged
from exchange.sequencer import JOURNAL, Replica, Sequencer


def power(*, orders: int = 24, seed: int = 7) -> Outcome:
    """Cut the power after each single write of a run of `orders`, and recover each time."""
    at_least(1, orders=orders)
    cuts = lost = wrong = 0
    finished = False
    while not finished:
        disk = SimDisk(rng=Chance(seed).stream(f"disk/{cuts}"))
        disk.crash_after(cuts)
        acknowledged, finished = _until_crash(disk, orders, seed)
        disk.crash()
        replica = simulated(disk).replica
        lost += replica.sequence < acknowledged
        wrong += replica.state_hash != _undisturbed_hash(replica.sequence, seed)
        cuts += 1
    return Outcome(
        title=f"power failure after each of {cuts} writes",
        verdicts=(
            Verdict("nothing acknowledged is lost", not lost, f"{cuts - lost} of {cuts} failures"),
            Verdict("what is back is what happened", not wrong, f"{wrong} states differ"),
        ),
        lines=("each time the disk keeps a random part of what was not synced",),
        next_commands=("kit break exchange corruption", "kit run log"),
        replay=f"kit break exchange power --orders {orders} --seed {seed}",
    )


def simulated(disk: SimDisk) -> Sequencer:
    return Sequencer(clock=VirtualClock(), disk=disk, symbols=[SYMBOL])


def _until_crash(disk: SimDisk, orders: int, seed: int) -> tuple[int, bool]:
    """Enter orders three at a time; return how many were acknowledged, and whether all were."""
    done = 0
    try:
        sequencer = simulated(disk)
        while done < orders:
            sequencer.submit([order(number, seed) for number in range(done, done + 3)])
            done += 3
    except (Crashed, Halted, Unacknowledged):
        return done, False
    return done, True


def _undisturbed_hash(orders: int, seed: int) -> bytes:
    replica = Replica(Engine([SYMBOL]))
    for number in range(orders):
        replica.apply(order(number, seed))
    return replica.state_hash


def torn_tail(*, orders: int = 30, seed: int = 7) -> Outcome:
    """Cut the journal's last write short at each of its bytes, and open the exchange each time."""
    at_least(1, orders=orders)
    cuts = lost = wrong = 0
    for torn_bytes in range(_last_write_bytes(orders, seed)):
        disk, segment, size = _journalled(orders, seed)
        disk.truncate(segment, size + torn_bytes)
        replica = simulated(disk).replica
        cuts += 1
        lost += replica.sequence < orders
        wrong += replica.state_hash != _undisturbed_hash(replica.sequence, seed)
    return Outcome(
        title=f"the last write torn at each of its {cuts} bytes",
        verdicts=(
            Verdict("nothing acknowledged is lost", not lost, f"{cuts - lost} of {cuts} tails"),
            Verdict("no half record is taken for an order", not wrong, f"{wrong} states differ"),
        ),
        lines=("what was torn had not been acknowledged; its whole records are kept all the same",),
        next_commands=("kit start log/torn-tail", "kit break exchange corruption"),
        replay=f"kit break exchange torn-tail --orders {orders} --seed {seed}",
    )


def _journalled(orders: int, seed: int) -> tuple[SimDisk, str, int]:
    """Return a disk, its journal's segment, and how long that was before a last batch of three."""
    disk = SimDisk(rng=Chance(seed).stream("disk"))
    sequencer = simulated(disk)
    sequencer.submit([order(number, seed) for number in range(orders)])
    (segment,) = disk.names(JOURNAL)
    size = disk.size(segment)
    sequencer.submit([order(number, seed) for number in range(orders, orders + 3)])
    return disk, segment, size


def _last_write_bytes(orders: int, seed: int) -> int:
    disk, segment, size = _journalled(orders, seed)
    return disk.size(segment) - size


def corruption(*, flips: int = 60, seed: int = 7) -> Outcome:
    """Flip one bit in the middle of the journal, `flips` times, and try to open the exchange."""
    at_least(1, flips=flips)
    rng = Random(seed)
    refused = 0
    message = ""
    for _ in range(flips):
        disk = SimDisk(rng=Chance(seed).stream("disk"))
        _until_crash(disk, 60, seed)
        (segment,) = disk.names(JOURNAL)
        # The last record is left alone: damage there cannot be told from a write cut short.
        disk.flip_bit(segment, rng.randrange(disk.size(segment) - 100), rng.randrange(8))
        try:
            simulated(disk)
        except CorruptLog as error:
            refused, message = refused + 1, str(error)
    return Outcome(
        title=f"one flipped bit in the journal, {flips} times",
        verdicts=(
            Verdict("a damaged journal is refused", refused == flips, f"{refused} of {flips}"),
            Verdict("the refusal names place and remedy", "Restore" in message, message),
        ),
        lines=("a damaged last record is the limit of one copy: a standby has another",),
        next_commands=("kit break exchange power",),
        replay=f"kit break exchange corruption --flips {flips} --seed {seed}",
    )


def full_disk(*, kilobytes: int = 40, seed: int = 7) -> Outcome:
    """Enter orders until the disk is full; the exchange must stop cleanly and come back whole."""
    at_least(2, kilobytes=kilobytes)
    disk = SimDisk(rng=Chance(seed).stream("disk"), capacity_bytes=kilobytes * 1_000)
    sequencer = simulated(disk)
    number, refusal = 0, ""
    while not refusal:
        used_bytes = disk.used_bytes
        try:
            sequencer.submit([order(number, seed)])
            number += 1
        except Halted as error:
            refusal = str(error)
    before = sequencer.replica.state_hash
    disk.crash()
    recovered = simulated(disk).replica
    return Outcome(
        title=f"a disk of {kilobytes} kB",
        verdicts=(
            Verdict(
                "the order that did not fit is refused, not half entered",
                disk.used_bytes == used_bytes,
                refusal,
            ),
            Verdict(
                "nothing acknowledged is lost", recovered.sequence == number, f"{number:,} orders"
            ),
            Verdict(
                "what is back is what happened", recovered.state_hash == before, "equal hashes"
            ),
        ),
        lines=(),
        next_commands=("kit break exchange kill",),
        replay=f"kit break exchange full-disk --kilobytes {kilobytes} --seed {seed}",
    )
