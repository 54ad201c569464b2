"""What a primary and its standbys promise in bad weather, and what happens without the fence.

    takeover          many rounds, each with its own faults, all invariants after every step
    split-brain       the primary sleeps, or is cut off, and wakes up when another one has begun
    standby-lag       the standby's line gets slow: it stops counting, and counts again
    diverged-standby  a bit flips in the standby's memory
    clock-jump        the primary's clock is set back, and the next one's is behind

Simulated: network, disks, clocks, in virtual time. Page: docs/exchange/standby.md
"""

from itertools import pairwise

from chapters.sim import MS, US, Outcome, S, Verdict, spell
from chapters.sim.errors import at_least
from chapters.sim.latency import LogNormal
from chapters.sim.mistakes import making
from chapters.sim.network import Link
from exchange.codec import time_in
from exchange.standby.member import Member
from exchange.storm.broken import BROKEN
from exchange.storm.trader import SYMBOL
from exchange.storm.trials import command, played, smallest, trial
from exchange.storm.world import Trial, World

CALM = Link(LogNormal(300 * US, 2 * MS))
SLOW = Link(LogNormal(600 * MS, 900 * MS))
PROMISES = {
    "1": "nothing acknowledged is lost or changed",
    "2": "there is one history",
    "3": "no primary acknowledges behind the next one's beginning",
    "4": "the market's time never goes back",
    "5": "every order is answered, and entered once",
    "6": "no machine stops or fails by itself",
}


def _verdicts(broken: list[str], rounds: int) -> tuple[Verdict, ...]:
    """Return a verdict on each invariant."""
    return tuple(
        Verdict(
            promise,
            not (found := [each for each in broken if each.startswith(f"{number}:")]),
            found[0] if found else f"{rounds} of {rounds} rounds" if rounds > 1 else "always",
        )
        for number, promise in PROMISES.items()
    )


def takeover(*, rounds: int = 40, seed: int = 1) -> Outcome:
    """Let `rounds` pass, from `seed` on, each with its own faults."""
    at_least(1, rounds=rounds)
    broken: list[str] = []
    again: list[str] = []
    acknowledged = epochs = faults = 0
    for number in range(seed, seed + rounds):
        tried = trial(number)
        found = played(tried)
        acknowledged, epochs = acknowledged + found.acknowledged, epochs + found.epochs
        faults += len(tried.schedule)
        if found.broken and not again:
            again.append(command(smallest(tried)))
        broken += found.broken
    return Outcome(
        title=f"{rounds} rounds in bad weather",
        verdicts=_verdicts(broken, rounds),
        lines=(
            f"{faults:,} faults; {epochs - rounds:,} times another epoch had to begin; "
            f"{acknowledged:,} orders acknowledged",
        ),
        next_commands=(*again, "kit run exchange/storm", "kit break exchange failover"),
        replay=f"kit break exchange takeover --rounds {rounds} --seed {seed}",
    )


def split_brain(*, without_fence: bool = False, seed: int = 7) -> Outcome:
    """Let the primary sleep while another begins; then cut one off from all but its clients."""
    words = "kit break exchange split-brain" + " --without-fence" * without_fence
    with making("own-disk" if without_fence else "", BROKEN):
        return _split(seed, words)


def _split(seed: int, words: str) -> Outcome:
    world = World(Trial(seed), link=CALM)
    clock, processes, network = world.clock, world.simulation.processes, world.simulation.network

    def sleep() -> None:
        name = world.primary
        world.simulation.record(f"⚡ {name} is stopped")
        processes.pause(name)
        clock.call_later(900 * MS, lambda: processes.resume(name))

    def cut_off() -> None:
        name = world.primary
        world.simulation.record(f"⚡ {name} is cut off from all but its clients")
        for other in ("giver", *world.machines):
            network.cut(name, other)
            network.cut(other, name)
        clock.call_later(900 * MS, network.heal)

    clock.call_later(500 * MS, sleep)
    clock.call_later(2500 * MS, cut_off)
    broken = world.run()
    return Outcome(
        title="a primary that sleeps, and one that is cut off",
        verdicts=_verdicts(broken, 1),
        lines=(
            f"{len(world.firsts)} epochs, of {', '.join(name for _, _, name in world.firsts)}; "
            f"{len(world.acks)} orders acknowledged",
        ),
        next_commands=("kit break exchange split-brain --without-fence", "kit run lease"),
        replay=f"{words} --seed {seed}",
    )


def standby_lag(*, seed: int = 7) -> Outcome:
    """Make the line to the standby slow for two seconds, and look how long orders had to wait."""
    world = World(Trial(seed), link=CALM)
    network, clock = world.simulation.network, world.clock

    def change(link: Link) -> None:
        for one, other in (world.machines, world.machines[::-1]):
            network.set_link(one, other, link)

    clock.call_later(500 * MS, lambda: change(SLOW))
    clock.call_later(2500 * MS, lambda: change(CALM))
    broken = world.run()
    times = [0, *(at for at, _, _ in world.acks)]
    longest = max(later - earlier for earlier, later in pairwise(times))
    alone = sum(said.copies == 1 for _, _, said in world.acks if said.sequence > 3)
    patience_ns = world.pace.patience_ns
    bound_ns = 2 * patience_ns + 200 * MS  # its patience, the giver's answer, the next question
    both = [said.copies for _, _, said in world.acks][-1]
    return Outcome(
        title="a standby whose line is slow for two seconds",
        verdicts=(
            Verdict("orders wait no longer than its patience", longest <= bound_ns,
                    f"the longest silence was {spell(longest)}"),
            Verdict("what is on one disk only is said to be", alone > 0 and both == 2,
                    f"{alone} answers said so, the last ones say {both}"),
            Verdict("nothing acknowledged is lost", not broken, f"{len(world.acks)} orders"),
        ),
        lines=(f"the primary's patience is {spell(patience_ns)}; then the standby stops counting",),
        next_commands=("kit break exchange takeover",),
        replay=f"kit break exchange standby-lag --seed {seed}",
    )  # fmt: skip


def diverged_standby(*, seed: int = 7) -> Outcome:
    """Flip a bit of an order in the standby's book: nothing shows it, until the states are compared."""
    world = World(Trial(seed), link=CALM)
    victim: list[tuple[Member, int]] = []

    def flip() -> None:
        name = next(each for each in world.machines if each != world.primary)
        member = world.members[name]
        order = min(member.replica.engine.books[SYMBOL].orders.values(), key=lambda each: each.id)
        order.quantity ^= 1 << 7
        victim.append((member, member.replica.sequence))

    world.clock.call_later(1000 * MS, flip)
    world.clock.run(3 * S)
    (standby, at), why = victim[0], victim[0][0].stopped
    epochs = {name for _, _, name in world.firsts}
    world.simulation.processes.restart(standby.name)
    broken = world.run()
    within = world.pace.audit_every
    return Outcome(
        title=f"one bit of an order flipped in {standby.name}'s memory, after record {at}",
        verdicts=(
            Verdict("the standby notices, and stops", bool(why), why),
            Verdict("it is never primary with a wrong book", standby.name not in epochs,
                    f"{', '.join(sorted(epochs))} was primary"),
            Verdict("started again, it is what its disk says", not broken, "equal hashes"),
        ),
        lines=(f"all state is hashed on both machines every {within} records",),
        next_commands=("kit break exchange corruption", "kit start exchange/the-old-tail"),
        replay=f"kit break exchange diverged-standby --seed {seed}",
    )  # fmt: skip


def clock_jump(*, seconds: int = 3600, seed: int = 7) -> Outcome:
    """Set the primary's clock back; then kill it, and let one take over whose clock is behind too."""
    at_least(1, seconds=seconds)
    world = World(Trial(seed), link=CALM)
    processes, clock = world.simulation.processes, world.clock

    def jump() -> None:
        for name in world.machines:
            processes.step_clock(name, -seconds * S)

    def kill() -> None:
        name = world.primary
        processes.kill(name)
        clock.call_later(700 * MS, lambda: processes.restart(name))

    clock.call_later(600 * MS, jump)
    clock.call_later(1500 * MS, kill)
    broken = world.run()
    backwards = sum(_backwards(world, name) for name in world.machines)
    return Outcome(
        title=f"all clocks set back by {seconds:,} s, then a takeover",
        verdicts=(
            Verdict("the journal's time never goes back", not backwards, f"{backwards} steps back"),
            *_verdicts(broken, 1)[:5],
        ),
        lines=(f"{len(world.firsts)} epochs, {len(world.acks)} orders acknowledged",),
        next_commands=("kit break exchange takeover",),
        replay=f"kit break exchange clock-jump --seconds {seconds} --seed {seed}",
    )


def _backwards(world: World, name: str) -> int:
    journal = world.members[name].journal
    times = [time_in(payload) for payload in journal.read(1, journal.last)]
    return sum(later < earlier for earlier, later in pairwise(times))
