"""One seed, many independent streams of luck, each with a name.

Invariant: drawing from one stream never disturbs another. So a change to the network's code does
not reshuffle the disk's faults, and a failing seed stays failing while you debug it.

    Chance(7).stream("network")   = Random(sha256("7/network"))
    Chance(7).stream("disk/a")    = Random(sha256("7/disk/a"))

SHA-256, not `hash()`, because Python salts `hash(str)` anew in every process.
Page: docs/chapters/sim.md
"""

import hashlib
import random


class Chance:
    """All the luck of one run."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, random.Random] = {}

    def stream(self, name: str) -> random.Random:
        """Return the stream called `name`: the same object each time, the same draws each run."""
        if name not in self._streams:
            self._streams[name] = random.Random(derive(self.seed, name))
        return self._streams[name]


def derive(seed: int, name: str) -> int:
    """Return the 256-bit seed of the stream `name` under `seed`."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest(), "big")


def demo(*, seed: int = 7) -> None:
    """Draw from the network's stream with and without the disk drawing in between."""
    quiet, busy = Chance(seed), Chance(seed)
    alone, beside = [], []
    for _ in range(8):
        alone.append(quiet.stream("network").randrange(100))
        busy.stream("disk").random()
        beside.append(busy.stream("network").randrange(100))
    print(f"network alone          {alone}")
    print(f"network beside a disk  {beside}   {'equal' if alone == beside else 'DISTURBED'}")
