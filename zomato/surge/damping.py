"""From how a hexagon stands to a multiplier: at once, which swings; or damped, which settles.

    riders come ten minutes after they see a price
    at once   2.0 ─┐     ┌─┐   ┌─┐        all come, too many; none is needed; all go; again
                   └─────┘ └───┘ └──
    damped    1.4    ╭──────────────      slower than those who answer to it: so it sees their answer
                 ───╯                     before it asks again

Four things: what is measured is smoothed; a step is small; a small difference is none, and to begin takes
more than to go on (hysteresis); there is a cap. A fifth when nobody knows how many riders there are:
then it may fall, and not rise. Invariants: between 1 and the cap; no step beyond `step_bps`. All numbers
are basis points, 10,000 for 1. Page: docs/zomato/surge.md
"""

from dataclasses import dataclass

from chapters.errors import UsageError
from zomato.surge.pulse import ONE_BPS, Reading


@dataclass(frozen=True, slots=True)
class Terms:
    """How a price may move, from look to look. A look a minute."""

    cap_bps: int = 20_000
    share_bps: int = 1_000  # of a new measurement in the smoothed one: forgotten in ten minutes
    gain_bps: int = 2_000  # of the demand that is too much: riders who come do the rest
    step_bps: int = 250
    begin_bps: int = 10_800  # a price of 1 stays so below this …
    band_bps: int = 300  # … and any other while the difference is smaller than this

    def __post_init__(self) -> None:
        if not (
            ONE_BPS <= self.begin_bps <= self.cap_bps
            and 0 < self.share_bps <= ONE_BPS
            and self.step_bps > 0
            and self.band_bps >= 0
            and self.gain_bps > 0
        ):
            raise UsageError(
                f"{self}: it must be 10,000 <= begin <= cap, 0 < share <= 10,000, step and gain above 0"
            )


@dataclass(frozen=True, slots=True)
class Price:
    """A hexagon's price: what customers see, and the smoothed ratio behind it."""

    shown_bps: int = ONE_BPS
    smooth_bps: int = ONE_BPS


def at_once(price: Price, seen: Reading, terms: Terms) -> Price:
    """Return the price for what was measured just now: the naive one."""
    return Price(_within(seen.ratio_bps, terms), seen.ratio_bps)


def damped(price: Price, seen: Reading, terms: Terms) -> Price:
    """Return the next price: a small step to where the smoothed measurement points."""
    ratio = min(seen.ratio_bps, price.smooth_bps) if seen.is_blind else seen.ratio_bps
    smooth = price.smooth_bps + (ratio - price.smooth_bps) * terms.share_bps // ONE_BPS
    wanted = _within(ONE_BPS + (smooth - ONE_BPS) * terms.gain_bps // ONE_BPS, terms)
    if price.shown_bps == ONE_BPS:
        is_still = wanted < terms.begin_bps
    else:
        is_still = abs(wanted - price.shown_bps) < terms.band_bps and wanted > ONE_BPS
    if is_still:
        return Price(price.shown_bps, smooth)
    step = min(max(wanted - price.shown_bps, -terms.step_bps), terms.step_bps)
    if seen.is_blind:
        step = min(step, 0)
    return Price(price.shown_bps + step, smooth)


def _within(bps: int, terms: Terms) -> int:
    return min(max(bps, ONE_BPS), terms.cap_bps)
