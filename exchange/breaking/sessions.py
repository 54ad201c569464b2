"""A FIX session on a line that damages messages both ways, with an exchange that crashes under it.

Page: docs/exchange/breaking.md
"""

from chapters.sim import MS, Outcome, Verdict
from chapters.sim.errors import at_least
from exchange.errors import within
from exchange.fix.world import DAMAGE_MAX, World

QUIET_NS = 30_000 * MS  # after which everything that was missed has been asked for
ORDERS_MAX = 2_000


def fix_gap(*, orders: int = 60, damage: float = 0.15, crashes: int = 2, seed: int = 7) -> Outcome:
    """Damage every seventh message inside two sessions, both ways, and crash the exchange meanwhile."""
    within(1, ORDERS_MAX, orders=orders)
    within(0, DAMAGE_MAX, damage=damage)
    at_least(0, crashes=crashes)
    world = World(seed, damage=damage)
    moments = {orders * (each + 1) // (crashes + 1) for each in range(crashes)}
    for number in range(orders):
        world.trade(number)
        if number in moments:
            world.crash()
    world.damage = 0
    world.run(QUIET_NS)
    return _outcome(world, orders, damage, crashes, seed)


def _outcome(world: World, orders: int, damage: float, crashes: int, seed: int) -> Outcome:
    engine = world.exchange.sequencer.replica.engine
    heard = sum(len(trader.exec_ids) for trader in world.traders)
    twice = heard - sum(len(set(trader.exec_ids)) for trader in world.traders)
    owed = [world.owed(trader) for trader in world.traders]
    missed = sum(map(len, owed)) - (heard - twice)
    is_in_order = owed == [trader.exec_ids for trader in world.traders]
    entered = engine.last_order_id
    return Outcome(
        title=f"{damage:.0%} of all messages damaged, both ways; {crashes} crashes",
        verdicts=(
            Verdict("every order is entered, once", entered == orders, f"{entered} of {orders}"),
            Verdict("every report is heard", not missed, f"{missed} of {heard - twice} missed"),
            Verdict("no report is heard twice", not twice, f"{twice} twice"),
            Verdict("reports are heard in their order", is_in_order, "as the journal has them"),
        ),
        lines=(
            f"{world.sent:,} messages sent, {world.garbled:,} of them damaged; {world.calls} logons",
        ),
        next_commands=("kit run exchange/fix", "kit start exchange/fix-numbers"),
        replay=(
            f"kit break exchange fix-gap --orders {orders} --damage {damage} --crashes {crashes} "
            f"--seed {seed}"
        ),
    )
