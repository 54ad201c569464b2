"""How far exchanges are from each other, in microseconds: the bound that no hardware moves.

    light in air    299.7 m a microsecond       light in glass    204.2 m a microsecond

A straight line over the Earth, at the speed of light in what carries it, is the least that a message can
take one way. Real cables bend around hills and rivers; real radio chains follow the line within a
fraction of a percent. Invariant: glass is slower than air by the ratio of their refractive indices,
whatever the distance. Source: refractive index of single-mode fibre at 1,550 nm from Corning's SMF-28
data sheet; the places are those of the public addresses. Page: docs/exchange/hardware.md
"""

from dataclasses import dataclass

from chapters.geo import Place, metres
from chapters.measure.plot import Axes, bars

LIGHT_M_PER_US = 299.792458
INDEX_AIR, INDEX_GLASS = 1.0003, 1.4682

SITES = {
    "Aurora (CME)": Place(41.798, -88.245),
    "Carteret (Nasdaq)": Place(40.587, -74.244),
    "Mahwah (NYSE)": Place(41.078, -74.159),
    "Secaucus": Place(40.777, -74.072),
    "Slough": Place(51.523, -0.628),
    "Frankfurt": Place(50.120, 8.735),
    "Tokyo": Place(35.650, 139.790),
}
ROUTES = (
    ("Secaucus", "Carteret (Nasdaq)"),
    ("Mahwah (NYSE)", "Carteret (Nasdaq)"),
    ("Slough", "Frankfurt"),
    ("Aurora (CME)", "Carteret (Nasdaq)"),
    ("Secaucus", "Slough"),
    ("Frankfurt", "Tokyo"),
)


@dataclass(frozen=True, slots=True)
class Route:
    """A straight line between two sites, and how long light is on it, one way."""

    name: str
    kilometres: float
    air_us: float
    glass_us: float


def route(one: str, other: str) -> Route:
    """Return the route between two of `SITES`."""
    straight_m = metres(SITES[one], SITES[other])
    vacuum_us = straight_m / LIGHT_M_PER_US
    name = f"{one} to {other}"
    return Route(name, straight_m / 1000, vacuum_us * INDEX_AIR, vacuum_us * INDEX_GLASS)


def lead() -> str:
    """Draw by how much radio is ahead of the best possible cable, route by route."""
    routes = [(one.split()[0], other.split()[0], route(one, other)) for one, other in ROUTES[:4]]
    return bars(
        Axes("Radio is ahead of the straightest cable by", "microseconds, one way", ""),
        [(f"{one}–{other}", round(each.glass_us - each.air_us)) for one, other, each in routes],
    )


def demo() -> None:
    """The least that a message takes one way, by radio and by cable."""
    print(f"{'':<36}{'km':>8}{'radio µs':>11}{'cable µs':>11}{'lead µs':>10}")
    for each in (route(*pair) for pair in ROUTES):
        lead_us = each.glass_us - each.air_us
        times = f"{each.air_us:>11,.0f}{each.glass_us:>11,.0f}{lead_us:>10,.0f}"
        print(f"{each.name:<36}{each.kilometres:>8,.0f}{times}")
