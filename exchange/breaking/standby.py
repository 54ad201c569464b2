"""What a primary and its standbys promise in bad weather, and what happens without the fence.

    takeover          many rounds, each with its own faults, all invariants after every step
    split-brain       the primary sleeps, or is cut off, and wakes up when another one has begun
    standby-lag       the standby's line gets slow: it stops counting, and counts again
    diverged-standby  the standby's memory is damaged: an order, a stop, a client id
    clock-jump        the primary's clock is set back, and the next one's is behind; what is due happens

Simulated: network, disks, clocks, in virtual time. Page: docs/exchange/standby.md
"""

from collections.abc import Callable
from itertools import pairwise

from chapters.sim import MS, US, Outcome, S, Verdict, spell
from chapters.sim.errors import at_least
from chapters.sim.latency import LogNormal
from chapters.sim.mistakes import making
from chapters.sim.network import Link
from exchange.codec import time_in
from exchange.engine import Engine
from exchange.orders import BUY, Life, New, Terms
from exchange.standby.member import Member
from exchange.standby.primary import Pace
from exchange.storm.broken import BROKEN
from exchange.storm.trader import SYMBOL
from exchange.storm.trials import command, played, smallest, trial
from exchange.storm.world import PACE, Trial, World

CALM = Link(LogNormal(300 * US, 2 * MS))
SLOW = Link(LogNormal(600 * MS, 900 * MS))
LIFE_NS = 700 * MS  # of an order, when the clocks are set back
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
    with_it, without_it = (
        f"kit break exchange split-brain{each}" for each in ("", " --without-fence")
    )
    words, other = (without_it, with_it) if without_fence else (with_it, without_it)
    with making("own-disk" if without_fence else "", BROKEN):
        return _split(seed, words, other)


def _split(seed: int, words: str, other: str) -> Outcome:
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
        next_commands=(other, "kit run lease"),
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


def _flip_a_bit(engine: Engine) -> bool:
    orders = engine.books[SYMBOL].orders
    if orders:
        orders[min(orders)].quantity ^= 1 << 7
    return bool(orders)


def _drop_a_stop(engine: Engine) -> bool:
    stops = engine.markets[SYMBOL].stops
    if stops.orders:
        stops.remove(stops.orders[min(stops.orders)])
        return True
    return False


def _forget_a_name(engine: Engine) -> bool:
    names = next(iter(engine.client_ids.values()), {})
    if names:
        names.popitem()
        return True
    return False


DAMAGES: dict[str, Callable[[Engine], bool]] = {
    "a bit of an order flips": _flip_a_bit,
    "a stop order is lost": _drop_a_stop,
    "a client id is forgotten": _forget_a_name,
}


def diverged_standby(*, seed: int = 7) -> Outcome:
    """Damage the standby's memory, each time otherwise: nothing shows it until the states are compared."""
    damaged = [_damaged(seed, damage) for damage in DAMAGES.values()]
    broken = [each for _, _, found, _ in damaged for each in found]
    took_over = [standby.name for standby, _, _, was_primary in damaged if was_primary]
    return Outcome(
        title="a standby whose memory is damaged, three times",
        verdicts=(
            *(Verdict(f"{what}: it notices, and stops", bool(why), why)
              for what, (_, why, _, _) in zip(DAMAGES, damaged, strict=True)),
            Verdict("it is never primary with a wrong state", not took_over,
                    f"{len(took_over)} of {len(damaged)} took over"),
            Verdict("started again, it is what its journal says", not broken, "equal hashes"),
        ),
        lines=(f"the state is hashed on both machines every {PACE.audit_every} records here, "
               f"every {Pace().audit_every:,} usually",),
        next_commands=("kit break exchange corruption", "kit start exchange/the-old-tail"),
        replay=f"kit break exchange diverged-standby --seed {seed}",
    )  # fmt: skip


def _damaged(seed: int, damage: Callable[[Engine], bool]) -> tuple[Member, str, list[str], bool]:
    """Return the standby, why it stopped, what went wrong after it was started again; was it primary?"""
    world = World(Trial(seed), link=CALM)
    victim: list[Member] = []

    def strike() -> None:
        name = next(each for each in world.machines if each != world.primary)
        if damage(world.members[name].replica.engine):
            victim.append(world.members[name])
        else:
            world.clock.call_later(10 * MS, strike)

    world.clock.call_later(1000 * MS, strike)
    world.clock.run(3 * S)
    (standby,) = victim
    why, was_primary = standby.stopped, standby.name in {name for _, _, name in world.firsts}
    world.simulation.processes.restart(standby.name)
    return standby, why, world.run(), was_primary


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
    gone = _dated(world, 600 * MS)
    clock.call_later(1500 * MS, kill)
    broken = world.run()
    backwards = sum(_backwards(world, name) for name in world.machines)
    bound_ns = 2 * LIFE_NS + 1 * S  # at half speed, and for a while nobody was there
    behind = [each for each in world.news if "behind" in each]
    return Outcome(
        title=f"all clocks set back by {seconds:,} s, then a takeover",
        verdicts=(
            Verdict("the journal's time never goes back", not backwards, f"{backwards} steps back"),
            Verdict("nor does it stand still", bool(gone) and gone[0] <= bound_ns,
                    f"an order for {spell(LIFE_NS)} was gone after {spell(gone[0])}"
                    if gone else "what was due never happened"),
            Verdict("the operator hears how far a clock is behind", bool(behind),
                    "; ".join(behind) or "nothing was said"),
            *_verdicts(broken, 1)[:5],
        ),
        lines=(f"{len(world.firsts)} epochs, {len(world.acks)} orders acknowledged",),
        next_commands=("kit break exchange takeover",),
        replay=f"kit break exchange clock-jump --seconds {seconds} --seed {seed}",
    )  # fmt: skip


def _dated(world: World, at_ns: int) -> list[int]:
    """Let the next order of a client be good for a while only; the list will say how long it was there."""
    clock, trader, gone = world.clock, world.traders[0], list[int]()

    def wish() -> None:
        until = Terms(expires_ns=world.watch.time_ns + LIFE_NS)
        named, account = trader.left[1].client_id, trader.left[1].account
        trader.left[1] = New(account, named, SYMBOL, BUY, 1, 900, Life.GOOD_TILL_DATE, terms=until)
        look(account, named)

    def look(account: int, named: str) -> None:
        engine = world.members[world.primary].replica.engine
        number = engine.order_id(account, named)
        if number and engine.markets[SYMBOL].find(number) is None:
            gone.append(clock.now_ns() - at_ns)
        else:
            clock.call_later(10 * MS, lambda: look(account, named))

    clock.call_later(at_ns, wish)
    return gone


def _backwards(world: World, name: str) -> int:
    journal = world.members[name].journal
    times = [time_in(payload) for payload in journal.read(1, journal.last)]
    return sum(later < earlier for earlier, later in pairwise(times))
