"""What fails together: zones, racks, batches; and how a stripe is laid out across them.

    zone    shard i in zone i % 3                   power, fire, flood
    rack    shard i in rack i % 12, in that zone    a switch, a leaking pipe
    batch   shard i on a disk of batch i % 4        one factory, one firmware, one bug

Spread over a kind of domain, a stripe has at most ⌈shards / domains⌉ shards in any one. Blind, each
shard is anywhere. Page: docs/s3/durability.md
"""

from collections.abc import Collection
from dataclasses import dataclass
from random import Random

DOMAINS = {"zone": 3, "rack": 12, "batch": 4}  # how many of each there are


@dataclass(frozen=True, slots=True)
class Shock:
    """One domain is struck, `a_year` times a year: each of its disks dies with the chance `kills`."""

    domain: str
    a_year: float
    kills: float


@dataclass(frozen=True, slots=True)
class Placement:
    """A rule: over which kinds of domain it spreads a stripe, and which it does not look at."""

    name: str
    spreads: tuple[str, ...] = ()


BLIND = Placement("blind")
ZONE_AWARE = Placement("zone-aware", ("zone", "rack"))
ALL_AWARE = Placement("zone+batch", ("zone", "rack", "batch"))
PLACEMENTS = (BLIND, ZONE_AWARE, ALL_AWARE)

# Assumptions, for the whole site; nobody has good figures. Their kinds are real: one in a hundred
# machines that do not come back after a power failure (Cidon et al., Copysets, 2013), a fire that took
# a data centre (OVH Strasbourg, 2021), firmware that stops after 32,768 hours of operation (HPE, 2019).
SHOCKS = (
    Shock("zone", a_year=0.3, kills=0.01),
    Shock("zone", a_year=0.003, kills=1.0),
    Shock("rack", a_year=0.1, kills=1.0),
    Shock("batch", a_year=0.01, kills=1.0),
)


def place(shards: int, spreads: Collection[str], rng: Random) -> dict[str, list[int]]:
    """Return, for each kind of domain, the number of the one that each shard is in."""
    first_zone, first_batch = rng.randrange(DOMAINS["rack"]), rng.randrange(DOMAINS["batch"])
    racks = [(first_zone + shard) % DOMAINS["rack"] for shard in range(shards)]
    if "rack" not in spreads:
        racks = [rng.randrange(DOMAINS["rack"]) for _ in range(shards)]
    batches = [(first_batch + shard) % DOMAINS["batch"] for shard in range(shards)]
    if "batch" not in spreads:
        batches = [rng.randrange(DOMAINS["batch"]) for _ in range(shards)]
    # Rack r stands in zone r % 3, so going round the racks goes round the zones.
    return {"zone": [rack % DOMAINS["zone"] for rack in racks], "rack": racks, "batch": batches}
