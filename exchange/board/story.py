"""A market's page, watched on a fast line, on a slow one, and by somebody who sleeps for a while.

Page: docs/exchange/market-data.md
"""

from chapters.sim.clock import spell
from chapters.sim.errors import at_least
from exchange.board.slow import KINDS, Watched

TITLE = "The board: the newest picture, at each reader's pace"


def demo(*, seed: int = 7, seconds: int = 30) -> None:
    """Tell a market to readers on different lines, from one feed for all of them."""
    at_least(20, seconds=seconds)
    seen = Watched(seconds=seconds, readers=1, seed=seed)
    print(f"{seconds} s of a market: {seen.published:,} events, {len(seen.trades):,} trades\n")
    print("line      bytes/s   trades came   began anew   pictures   oldest picture")
    for kind, speed in KINDS.items():
        (watcher,) = seen.of(kind)
        print(
            f"{kind:<8} {speed:>8,} {len(watcher.trades):>13,} {watcher.begun - 1:>12,} "
            f"{watcher.pictures:>10,} {spell(watcher.age_ns):>16}"
        )
    print(f"\nkept for all of them: {seen.kept_max:,} events at most")
    print(f"a queue for each would have held {seen.queued_max:,}")
