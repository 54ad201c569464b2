"""The rules by name: what a player, a simulation or a learner can choose from.

Page: docs/netflix/abr.md
"""

from collections.abc import Callable, Mapping
from itertools import pairwise

from netflix.abr.bba import BufferBased
from netflix.abr.bola import Bola
from netflix.abr.bolae import BolaE
from netflix.abr.dynamic import Dynamic
from netflix.abr.errors import BadLadder, UnknownRule
from netflix.abr.mpc import RobustMpc
from netflix.abr.rule import Ladder, Rule
from netflix.abr.throughput import Throughput

RULES: Mapping[str, Callable[[Ladder, float], Rule]] = {
    "throughput": lambda ladder, _: Throughput(ladder),
    "bba": BufferBased,
    "bola-basic": lambda ladder, buffer_max_s: Bola(ladder, buffer_max_s, basic=True),
    "bola": Bola,
    "bolae": BolaE,
    "dynamic": Dynamic,
    "mpc": RobustMpc,
}


def make(name: str, ladder: Ladder, buffer_max_s: float) -> Rule:
    """Return a rule for one session. Raises `UnknownRule` and `BadLadder`."""
    if name not in RULES:
        raise UnknownRule(f"there is no rule {name!r}: take one of {', '.join(RULES)}")
    check(ladder, buffer_max_s)
    return RULES[name](ladder, buffer_max_s)


def check(ladder: Ladder, buffer_max_s: float) -> None:
    """Raise `BadLadder` for a title that no rule could play."""
    rates = list(ladder.bitrates_kbps)
    if not rates or not ladder.sizes_bits or not ladder.segment_s > 0:
        raise BadLadder(
            f"{len(rates)} rungs, {len(ladder.sizes_bits)} segments of {ladder.segment_s:g} s: "
            "a title has at least one of each, and they last"
        )
    if rates[0] <= 0 or any(low >= high for low, high in pairwise(rates)):
        raise BadLadder(f"the bit rates {rates} must ascend, from above 0: sort them, drop equals")
    if wrong := [n for n, sizes in enumerate(ladder.sizes_bits) if len(sizes) != len(rates)]:
        raise BadLadder(f"segment {wrong[0]} has another number of sizes than there are rungs")
    if not buffer_max_s >= 2 * ladder.segment_s:
        raise BadLadder(
            f"a buffer of {buffer_max_s:g} s for segments of {ladder.segment_s:g} s: "
            "it must hold two, one that plays and one that comes"
        )
