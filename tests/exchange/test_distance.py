"""Light between exchanges: a bound, held against a cable that was sold."""

import pytest

from exchange.distance import INDEX_AIR, INDEX_GLASS, ROUTES, route

SPREAD_ROUND_TRIP_US = (
    13_330  # Chicago to New Jersey, 2010; a cable on the straightest way that was to be had
)


def test_no_cable_that_was_ever_laid_beats_the_bound():
    bound_us = 2 * route("Aurora (CME)", "Carteret (Nasdaq)").glass_us
    assert 0.8 * SPREAD_ROUND_TRIP_US < bound_us < SPREAD_ROUND_TRIP_US


@pytest.mark.parametrize("pair", ROUTES)
def test_glass_is_slower_than_air_by_the_ratio_of_their_indices(pair):
    found = route(*pair)
    assert found.glass_us / found.air_us == pytest.approx(INDEX_GLASS / INDEX_AIR)
