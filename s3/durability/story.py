"""Four codes: what they cost, the nines that a model gives them, and what a shared cause leaves.

Page: docs/s3/durability.md
"""

from collections.abc import Iterator, Sequence

from chapters.batch import Executor, executor
from chapters.sim.errors import at_least
from s3.durability.binomial import annual_loss_by_pieces
from s3.durability.correlated import annual_loss_with_shocks
from s3.durability.domains import PLACEMENTS, SHOCKS
from s3.durability.markov import HOURS_A_YEAR, Stripe, annual_loss, loss_within, nines
from s3.durability.monte_carlo import Estimate, Trial, simulate

CODES = ((4, 2), (6, 3), (10, 4), (17, 3))
BAD_AFR, BAD_REPAIR_HOURS = 0.9, 300.0  # disks so bad that a simulation sees losses


def demo(
    *,
    seed: int = 7,
    afr: float = 0.015,
    repair_hours: float = 24.0,
    stripes: int = 10_000,
    workers: int = 1,
) -> None:
    """Print the codes by chain, by formula, by simulation, and with correlated failures."""
    at_least(1, stripes=stripes, workers=workers)
    good = [Stripe(data, parity, afr, repair_hours) for data, parity in CODES]
    bad = [Stripe(data, parity, BAD_AFR, BAD_REPAIR_HOURS) for data, parity in CODES]
    with executor(workers=workers) as crew:
        for line in (
            *independent(good, seed, stripes, crew),
            *accelerated(bad, seed, stripes, crew),
            *correlated(good),
        ):
            print(line)


def independent(codes: Sequence[Stripe], seed: int, stripes: int, crew: Executor) -> Iterator[str]:
    """Yield the table of the model: independent failures, real disks."""
    one = codes[0]
    yield f"Independent failures: AFR {one.afr:.1%}, repair {one.repair_hours:g} h. Nines a year:"
    yield f"  code   stored   chain   Backblaze   {stripes:,} simulated"
    for code, found in zip(codes, _simulated(codes, seed, stripes, crew), strict=True):
        model = f"{nines(annual_loss(code)):5.1f}   {nines(annual_loss_by_pieces(code)):9.1f}"
        yield f"  {code.name:5}  {code.overhead:5.2f}×   {model}   {_seen(found)}"


def _simulated(codes: Sequence[Stripe], seed: int, stripes: int, crew: Executor) -> list[Estimate]:
    return simulate([Trial(code, stripes, seed) for code in codes], crew)


def _seen(found: Estimate) -> str:
    low, high = found.interval()
    worst, best = nines(high), nines(low)
    if not found.lost:
        return f"none lost: {worst:.1f} or more is all it can say"
    return f"{found.lost} lost: {worst:.1f} to {best:.1f}"


def accelerated(codes: Sequence[Stripe], seed: int, stripes: int, crew: Executor) -> Iterator[str]:
    """Yield the table that a simulation can check: disks that mostly do not last the year."""
    yield f"\nDisks bad enough to count losses: AFR {BAD_AFR:.0%}, repair {BAD_REPAIR_HOURS:g} h"
    yield "  code    chain   exact   simulated, with its 95 % interval"
    for code, found in zip(codes, _simulated(codes, seed, stripes, crew), strict=True):
        low, high = found.interval()
        exact = loss_within(code, HOURS_A_YEAR)
        mark = "✔" if low <= exact <= high else "✘ exact is outside"
        yield (
            f"  {code.name:5}  {annual_loss(code):6.4f}  {exact:6.4f}   "
            f"{found.share:.4f}  ({low:.4f} to {high:.4f})  {mark}"
        )


def correlated(codes: Sequence[Stripe]) -> Iterator[str]:
    """Yield the table of what is left when failures have a cause in common."""
    yield "\nWith failures that have one cause, nines a year by placement:"
    for shock in SHOCKS:
        yield f"  {shock.a_year:g} a year: a {shock.domain} is struck, {shock.kills:.0%} of its disks die"
    yield "  code   independent   " + "   ".join(f"{each.name:>10}" for each in PLACEMENTS)
    for code in codes:
        left = (nines(annual_loss_with_shocks(code, each)) for each in PLACEMENTS)
        row = "   ".join(f"{each:10.1f}" for each in left)
        yield f"  {code.name:5}  {nines(annual_loss(code)):11.1f}   {row}"


if __name__ == "__main__":
    demo()
