"""A flash crash, played twice: once as it would have gone, once with bands and a pause.

Page: docs/exchange/halts.md
"""

from random import Random

from chapters.sim import Outcome, Verdict
from chapters.sim.promises import Series
from exchange.control import Rules
from exchange.errors import within
from exchange.sessions.panic import VALUE, Day, Panic, Trouble

ABSURD_BP = 2_000  # further below the value a trade is absurd, and somebody has to undo it
PERCENT_MAX = 50


def flash_crash(*, band_percent: int = 5, sells_per_s: int = 30, seed: int = 7) -> Outcome:
    """Let a large seller meet makers who withdraw, with and without bands."""
    within(0, PERCENT_MAX, band_percent=band_percent)
    within(1, 1_000, sells_per_s=sells_per_s)
    plain = Rules(reference_price=VALUE)
    banded = plain._replace(band_bp=100 * band_percent)
    bare = Panic(plain, Trouble(sells_per_s), rng=Random(seed)).run()
    held = Panic(banded, Trouble(sells_per_s), rng=Random(seed)).run()
    usual = Panic(banded, Trouble(0), rng=Random(seed)).run()
    return Outcome(
        title=f"a flash crash, with bands of {band_percent} % and without",
        verdicts=_verdicts(bare, held, usual),
        lines=(_told("without", bare), _told("with bands", held)),
        next_commands=(
            "kit run exchange/panic",
            "kit break exchange flash-crash --band-percent 10",
        ),
        replay=f"kit break exchange flash-crash --band-percent {band_percent} "
        f"--sells-per-s {sells_per_s} --seed {seed}",
        series=(
            Series("without bands", "price", tuple(bare.path())),
            Series("with bands", "price", tuple(held.path())),
        ),
    )


def _verdicts(bare: Day, held: Day, usual: Day) -> tuple[Verdict, ...]:
    percent = ABSURD_BP // 100
    absurd = held.beyond(ABSURD_BP)
    back_s = held.recovered_s()
    return (
        Verdict(
            f"no trade is {percent} % below the value",
            not absurd,
            f"{absurd}; without bands {bare.beyond(ABSURD_BP)}",
        ),
        Verdict(
            "sellers lose a tenth at most of what they lose without",
            10 * held.lost() <= bare.lost(),
            f"{held.lost():,} against {bare.lost():,}",
        ),
        Verdict("the market trades again", back_s is not None, f"pauses: {len(held.pauses)}"),
        Verdict("an ordinary day is not paused", not usual.pauses, f"pauses: {len(usual.pauses)}"),
    )


def _told(name: str, day: Day) -> str:
    fall = (VALUE - day.low()) * 100 / VALUE
    back_s = day.recovered_s()
    back = "never" if back_s is None else f"from minute {back_s / 60:.1f} on"
    return f"{name}: {fall:.2f} % down at the deepest; within 3 % of the value {back}"
