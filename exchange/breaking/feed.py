"""What the feed promises: equal books on bad lines, for those who come late, and for those who are slow.

Page: docs/exchange/feed.md
"""

from random import Random

from chapters.sim import MS, Outcome, S, Verdict, spell
from chapters.sim.errors import at_least
from exchange.board.slow import KINDS, Watched
from exchange.errors import within
from exchange.feed.subscriber import WAITING_MAX
from exchange.feed.world import LINES, World, market, poor

PACE_NS = MS // 2  # from one command to the next
SETTLE_NS = 300 * MS  # of silence at the end, in which whoever is behind catches up
AGE_NS_MAX = S  # how old a picture of the book may be when it comes
KEPT_SHORT = 2_000  # messages that are kept for questions, where more than that are missed


def feed_loss(*, commands: int = 2_000, loss: float = 0.2, seed: int = 7) -> Outcome:
    """Lose packets on both lines, repeat some, let them overtake each other."""
    at_least(1, commands=commands)
    within(0, 1, loss=loss)
    alone, world = (_played(commands, loss, seed, lines) for lines in (LINES[:1], LINES))
    subscriber = world.listeners["trader"].subscriber
    counts, network = subscriber.counts, world.network.counts
    asked_alone = alone.listeners["trader"].subscriber.counts["asked"]
    return Outcome(
        title=f"two lines, each loses {loss:.0%} of all packets",
        verdicts=(
            Verdict(
                "the book ends equal to the engine's, queue by queue",
                world.is_equal(subscriber),
                f"message {subscriber.expected - 1:,} of {world.publisher.number:,}",
            ),
            Verdict(
                "no message is applied twice",
                counts["applied"] <= world.publisher.number,
                f"{counts['applied']:,} applied, {counts['repeated']:,} repeats ignored",
            ),
            Verdict(
                "memory has an end",
                subscriber.waited_max <= WAITING_MAX,
                f"{subscriber.waited_max:,} messages waited at most",
            ),
        ),
        lines=(
            f"{network['lost']:,} packets lost, {network['repeated']:,} repeated",
            f"questions asked with one line {asked_alone:,}, with two {counts['asked']:,}",
        ),
        next_commands=("kit break exchange feed-loss --loss 0.6", "kit break exchange late-joiner"),
        replay=f"kit break exchange feed-loss --commands {commands} --loss {loss} --seed {seed}",
    )


def _played(commands: int, loss: float, seed: int, lines: tuple[str, ...]) -> World:
    world = World(seed=seed, line=poor(loss), lines=lines)
    world.join("trader")
    for command in market(Random(seed), commands):
        world.apply(command)
        world.pass_time(PACE_NS)
    world.pass_time(SETTLE_NS)
    return world


def late_joiner(*, commands: int = 6_000, seed: int = 7) -> Outcome:
    """One comes in the middle of the day; one is cut off for longer than anything is kept."""
    at_least(10, commands=commands)
    world = World(seed=seed, kept=KEPT_SHORT)
    away = world.join("cut off")
    late = None
    for number, command in enumerate(market(Random(seed), commands)):
        if number == commands // 10:
            for line in LINES:
                world.network.cut(line, "cut off")
        if number == commands // 2:
            late = world.join("late")
        if number == commands - commands // 10:
            world.network.heal()
        world.apply(command)
        world.pass_time(PACE_NS)
    world.pass_time(SETTLE_NS)
    assert late is not None
    told = world.publisher.number
    snapshot = len(world.publisher.snapshot().messages)
    return Outcome(
        title=f"{told:,} messages; one comes after half of them, one misses four fifths",
        verdicts=(
            Verdict(
                "who comes late has the whole book",
                world.is_equal(late),
                f"{late.counts['applied']:,} messages after a snapshot",
            ),
            Verdict(
                "who was cut off has it too",
                world.is_equal(away),
                f"{away.counts['snapshots']} snapshots, {away.counts['asked']} questions",
            ),
            Verdict(
                "a snapshot is smaller than the day",
                snapshot < told,
                f"{snapshot:,} messages at the end",
            ),
        ),
        lines=(
            f"the last {KEPT_SHORT:,} messages are kept for questions; before that, a snapshot",
        ),
        next_commands=("kit run exchange/feed", "kit start exchange/gap-recovery"),
        replay=f"kit break exchange late-joiner --commands {commands} --seed {seed}",
    )


def slow_consumer(*, seconds: int = 30, readers: int = 40, seed: int = 7) -> Outcome:
    """Readers on slow lines, and some that fall asleep, beside one on a fast one."""
    at_least(20, seconds=seconds)
    at_least(1, readers=readers)
    seen = Watched(seconds=seconds, readers=readers, seed=seed)
    ages_ns = {kind: max(each.age_ns for each in seen.of(kind)) for kind in KINDS}
    begun = sum(each.begun - 1 for each in seen.watchers)
    return Outcome(
        title=f"{readers} readers of each kind ({', '.join(KINDS)}), {seconds} s of a market",
        verdicts=(
            Verdict(
                "every trade reaches everybody who is not told to begin anew",
                not seen.missed,
                f"{len(seen.trades):,} trades, {seen.missed:,} missed, {begun} told so",
            ),
            Verdict(
                "what a slow reader sees of the book is new",
                ages_ns["slow"] <= AGE_NS_MAX,
                f"{spell(ages_ns['slow'])} old at most; on a fast line {spell(ages_ns['fast'])}",
            ),
            Verdict(
                "nothing is kept for one reader alone",
                seen.kept_max < seen.queued_max,
                f"{seen.kept_max:,} events for all; queues would have held {seen.queued_max:,}",
            ),
        ),
        lines=tuple(
            f"{kind}: {seen.of(kind)[0].pictures:,} pictures of the book came" for kind in KINDS
        ),
        next_commands=("kit run fanout", "kit break exchange feed-loss"),
        replay=f"kit break exchange slow-consumer --seconds {seconds} --readers {readers} --seed {seed}",
    )
