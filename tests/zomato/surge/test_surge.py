"""Surge: hexagons, measurements, damped steps and quotes; and a town whose riders answer late."""

import re
from math import dist, inf, nan, sqrt
from random import Random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import Refused, UsageError
from zomato.breaking.blackout import supply_blackout
from zomato.breaking.festival import festival
from zomato.surge import story
from zomato.surge.blend import REACH, blended
from zomato.surge.city import CENTRE, City, Minute, wanted
from zomato.surge.damping import Price, Terms, at_once, damped
from zomato.surge.figures import evenings
from zomato.surge.hexes import SIZE_M, Hex, disc, hex_at, middle, neighbours, rounded, steps
from zomato.surge.prices import POLICIES, Prices, policy
from zomato.surge.pulse import (
    FORGOTTEN_S,
    ONE_BPS,
    RATIO_MAX_BPS,
    WINDOW_S,
    Pulse,
    Reading,
    reading,
)
from zomato.surge.quote import KEPT_S, QuoteExpired, Quotes, fee, rupees
from zomato.surge.swing import swing, turns

HEXES = st.builds(Hex, st.integers(-50, 50), st.integers(-50, 50))
METRES = st.floats(-20_000, 20_000)

# Hexagons ---------------------------------------------------------------------------------------


@given(METRES, METRES)
def test_a_place_is_in_the_hexagon_of_the_nearest_middle(x, y):
    own = hex_at(x, y)
    nearest = min(dist((x, y), middle(each)) for each in (own, *neighbours(own)))
    assert dist((x, y), middle(own)) == pytest.approx(nearest)
    assert dist((x, y), middle(own)) <= SIZE_M * 1.000001


@given(HEXES)
def test_a_middle_is_in_its_hexagon_and_six_are_around_as_far_away(cell):
    assert hex_at(*middle(cell)) == cell and rounded(cell.q, cell.r) == cell
    around = neighbours(cell)
    assert len(set(around)) == 6 and all(steps(cell, each) == 1 for each in around)
    assert all(cell in neighbours(each) for each in around)
    for each in around:
        assert dist(middle(cell), middle(each)) == pytest.approx(sqrt(3) * SIZE_M)


@given(HEXES, HEXES, HEXES)
def test_steps_are_a_distance(one, other, third):
    assert steps(one, other) == steps(other, one) >= 0
    assert (steps(one, other) == 0) == (one == other)
    assert steps(one, third) <= steps(one, other) + steps(other, third)


def test_discs_have_as_many_hexagons_as_they_should():
    assert [len(set(disc(Hex(3, -2), radius))) for radius in range(4)] == [1, 7, 19, 37]
    assert all(steps(Hex(3, -2), each) <= 3 for each in disc(Hex(3, -2), 3))


def test_no_hexagon_further_than_the_next_counts_at_any_place():
    rng = Random(1)
    for _ in range(500):
        x, y = rng.uniform(-SIZE_M, SIZE_M), rng.uniform(-SIZE_M, SIZE_M)
        own = hex_at(x, y)
        for far in set(disc(own, 3)) - set(disc(own, 1)):
            assert dist((x, y), middle(far)) >= REACH * SIZE_M - 1e-6


# What is seen -----------------------------------------------------------------------------------

HERE, THERE = Hex(0, 0), Hex(1, 0)


def test_orders_count_for_ten_minutes_and_riders_while_they_are_heard():
    pulse = Pulse()
    pulse.ordered(HERE, 0)
    pulse.ordered(HERE, 300)
    pulse.pinged("a", HERE, 300)
    pulse.pinged("b", HERE, 320)
    pulse.pinged("b", THERE, 350)
    assert pulse.readings(350)[HERE].orders == 2 and pulse.readings(350)[HERE].riders == 1
    assert pulse.readings(350)[THERE].riders == 1
    later = pulse.readings(WINDOW_S)
    assert later[HERE].orders == 1 and (later[HERE].riders, later[HERE].silent) == (0, 1)
    pulse.signed_off("a")
    pulse.signed_off("nobody")
    assert HERE not in pulse.readings(300 + WINDOW_S)


def test_a_rider_in_silence_is_forgotten_in_the_end():
    pulse = Pulse()
    pulse.pinged("a", HERE, 0)
    assert pulse.readings(FORGOTTEN_S - 1)[HERE].silent == 1
    assert pulse.readings(FORGOTTEN_S) == {}


def test_a_ratio_by_hand():
    # ten minutes, 25 for each order: one rider can do two fifths of an order
    assert reading(4, 10, 0) == Reading(4, 10, 0, ONE_BPS, False)
    assert reading(8, 10, 0).ratio_bps == 2 * ONE_BPS
    assert reading(1, 0, 0).ratio_bps == 25_000
    assert reading(10**9, 0, 0).ratio_bps == RATIO_MAX_BPS
    assert reading(0, 0, 0) == Reading(0, 0, 0, 0, False)


@pytest.mark.parametrize(("riders", "silent", "blind"), [(8, 2, False), (7, 3, True), (0, 1, True)])
def test_who_does_not_hear_a_fifth_of_the_riders_is_blind(riders, silent, blind):
    assert reading(5, riders, silent).is_blind == blind


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 50))
def test_more_orders_never_lower_a_ratio_and_more_riders_never_raise_it(orders, riders, more):
    ratio = reading(orders, riders, 0).ratio_bps
    assert reading(orders + more, riders, 0).ratio_bps >= ratio
    assert reading(orders, riders + more, 0).ratio_bps <= ratio


# A step -----------------------------------------------------------------------------------------

TERMS = st.builds(
    Terms,
    cap_bps=st.integers(12_000, 40_000),
    share_bps=st.integers(1, ONE_BPS),
    step_bps=st.integers(1, 3_000),
    begin_bps=st.integers(ONE_BPS, 12_000),
    band_bps=st.integers(0, 2_000),
    gain_bps=st.integers(1, 2 * ONE_BPS),
)
READINGS = st.lists(
    st.builds(
        Reading,
        st.just(0),
        st.just(0),
        st.just(0),
        ratio_bps=st.integers(0, RATIO_MAX_BPS),
        is_blind=st.booleans(),
    ),
    max_size=40,
)


@given(TERMS, READINGS)
def test_a_price_stays_within_one_and_the_cap_moves_by_steps_and_in_the_dark_only_falls(
    terms, seen
):
    price = Price()
    for each in seen:
        then = damped(price, each, terms)
        assert ONE_BPS <= then.shown_bps <= terms.cap_bps
        assert abs(then.shown_bps - price.shown_bps) <= terms.step_bps
        if each.is_blind:
            assert then.shown_bps <= price.shown_bps and then.smooth_bps <= price.smooth_bps
        price = then


@given(TERMS, READINGS, st.integers(0, 20_000))
def test_more_demand_never_makes_a_smoothed_ratio_smaller(terms, seen, more):
    one, other = Price(), Price()
    for each in seen:
        one = damped(one, each, terms)
        busier = Reading(0, 0, 0, each.ratio_bps + more, each.is_blind)
        other = damped(other, busier, terms)
        assert other.smooth_bps >= one.smooth_bps


@given(TERMS, st.integers(0, 200))
def test_when_nobody_wants_anything_any_price_comes_back_to_one(terms, begun):
    price = Price(min(ONE_BPS + begun * 100, terms.cap_bps), 30_000)
    calm, looks = Reading(0, 0, 0, 0, False), 0
    while price != (then := damped(price, calm, terms)):
        price, looks = then, looks + 1
        assert looks < 200_000
    assert price.shown_bps == ONE_BPS


def test_a_quiet_town_costs_one_however_it_flickers():
    rng, price = Random(3), Price()
    for _ in range(500):
        price = damped(price, Reading(0, 0, 0, rng.randrange(4_000, 15_000), False), Terms())
        assert price.shown_bps == ONE_BPS


def test_at_once_is_what_was_seen_within_the_cap():
    for ratio, expected in ((0, ONE_BPS), (15_000, 15_000), (90_000, 20_000)):
        assert at_once(Price(), Reading(0, 0, 0, ratio, False), Terms()).shown_bps == expected


@pytest.mark.parametrize(
    "terms",
    [{"cap_bps": 9_000}, {"share_bps": 0}, {"share_bps": 10_001}, {"step_bps": 0}, {"band_bps": -1},
     {"gain_bps": 0}, {"begin_bps": 30_000}, {"begin_bps": 9_999}],
)  # fmt: skip
def test_terms_that_make_no_sense_are_refused(terms):
    with pytest.raises(UsageError, match="it must be 10,000 <= begin <= cap"):
        Terms(**terms)


# Places in between ------------------------------------------------------------------------------


@given(METRES, METRES, st.floats(-10, 10), st.floats(-10, 10))
def test_nobody_crosses_a_street_for_a_price(x, y, dx, dy):
    prices = {cell: 20_000 if (cell.q + cell.r) % 2 else ONE_BPS for cell in disc(hex_at(x, y), 2)}
    one, other = blended(prices, x, y), blended(prices, x + dx, y + dy)
    assert abs(one - other) <= 1 + 25 * dist((0, 0), (dx, dy))  # 0.0025 a metre at most
    assert ONE_BPS <= one <= 20_000


@given(METRES, METRES, st.integers(ONE_BPS, 20_000))
def test_where_all_cost_the_same_so_does_every_place(x, y, bps):
    assert blended(dict.fromkeys(disc(hex_at(x, y), 1), bps), x, y) == bps


def test_in_the_middle_of_a_hexagon_its_own_price_counts_most():
    prices = {CENTRE: 20_000}
    assert blended(prices, 0, 0) > 18_000
    halfway = [each / 2 for each in middle(Hex(1, 0))]
    assert 13_000 < blended(prices, *halfway) < 15_000
    assert blended({}, 5, 5) == ONE_BPS


def test_prices_of_a_town_move_with_what_is_seen_and_a_quiet_hexagon_falls_back():
    prices = Prices(at_once)
    prices.look({HERE: reading(8, 10, 0)})
    assert prices.shown == {HERE: 20_000} and prices.at(0, 0) > 18_000
    prices.look({THERE: reading(4, 10, 0)})
    assert prices.shown == {HERE: ONE_BPS, THERE: ONE_BPS}
    assert policy("damped") is damped
    with pytest.raises(
        UsageError, match="there is no policy 'fast'; there are fixed, at-once, damped"
    ):
        policy("fast")


# Quotes -----------------------------------------------------------------------------------------


@pytest.fixture
def town():
    class Town:
        bps = 14_000

        def price(self, x, y):
            return self.bps

    return Town()


@pytest.fixture
def quotes(town):
    return Quotes(town.price, 3_900)


def test_what_is_shown_is_paid_whatever_happens_to_the_price(quotes, town):
    shown = quotes.show("ada", 100.2, 7, 0)
    assert (shown.multiplier_bps, shown.fee_paise, shown.until_s) == (14_000, 5_460, KEPT_S)
    town.bps = 18_000
    assert quotes.show("ada", 99.9, 7, 200) == shown
    assert quotes.show("ben", 99.9, 7, 200).fee_paise == 7_020
    assert quotes.pay(shown.id, "o1", KEPT_S - 1) == 5_460
    assert quotes.pay(shown.id, "o1", 9_000) == 5_460  # the answer was lost; asked again


def test_a_quote_that_has_ended_says_both_prices_and_offers_a_new_one(quotes, town):
    shown = quotes.show("ada", 0, 0, 0)
    town.bps = 18_000
    with pytest.raises(QuoteExpired, match=r"was ₹54.60 until 300 s; it is ₹70.20 now") as raised:
        quotes.pay(shown.id, "o1", KEPT_S)
    assert raised.value.status == 409 and raised.value.old == shown
    assert quotes.pay(raised.value.fresh.id, "o1", KEPT_S + 299) == 7_020


def test_a_quote_pays_for_one_order(quotes):
    shown = quotes.show("ada", 0, 0, 0)
    quotes.pay(shown.id, "o1", 1)
    with pytest.raises(Refused, match="has paid for order o1; ask for another") as raised:
        quotes.pay(shown.id, "o2", 2)
    assert raised.value.status == 409
    assert quotes.show("ada", 0, 0, 3).id != shown.id


def test_bad_quotes_are_refused_in_one_line(quotes, town):
    with pytest.raises(Refused, match="there is no quote 'q9'"):
        quotes.pay("q9", "o1", 0)
    for bad in (nan, inf):
        with pytest.raises(Refused, match="it must be metres east and north"):
            quotes.show("ada", bad, 0, 0)
    with pytest.raises(UsageError, match="base-paise is -1"):
        Quotes(town.price, -1)


def test_quotes_are_bounded_and_room_comes_back_when_they_end(quotes, monkeypatch):
    monkeypatch.setattr("zomato.surge.quote.QUOTES_MAX", 3)
    first = [quotes.show(f"c{number}", 0, 0, number) for number in range(3)]
    with pytest.raises(Refused, match="3 quotes are alive") as raised:
        quotes.show("late", 0, 0, 10)
    assert raised.value.status == 429
    assert quotes.show("c1", 0, 0, 10) == first[1]
    for number in range(20):
        quotes.show(f"d{number}", 0, 0, 1_000 * (number + 1))
    assert len(quotes._by_id) <= 6 and len(quotes._alive) <= 3


@given(st.integers(0, 1_000_000), st.integers(ONE_BPS, 40_000))
def test_a_fee_is_whole_paise_and_right_to_half_a_paisa(base, bps):
    assert abs(fee(base, bps) * ONE_BPS - base * bps) * 2 <= ONE_BPS
    assert fee(base, ONE_BPS) == base
    assert fee(base, bps) >= base


def test_rupees_are_told_as_people_read_them():
    assert [rupees(each) for each in (0, 5, 12_345)] == ["₹0.00", "₹0.05", "₹123.45"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["show", "pay"]),
        st.sampled_from(["ada", "ben"]),
        st.integers(0, 400),  # seconds that pass
        st.integers(ONE_BPS, 20_000),  # the price by then
        st.integers(0, 3),  # which order
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_happens_a_quote_is_paid_as_shown_by_one_order_or_not_at_all(script):
    price = [ONE_BPS]
    quotes, now = Quotes(lambda x, y: price[0], 3_900), 0
    latest, paid = {}, {}
    for verb, who, seconds, bps, order in script:
        now, price[0] = now + seconds, bps
        quote = latest.get(who)
        if verb == "show" or quote is None:
            shown = quotes.show(who, 0, 0, now)
            if quote is not None and now < quote.until_s and quote.id not in paid:
                assert shown == quote
            else:
                assert shown.fee_paise == fee(3_900, bps) and shown.until_s == now + KEPT_S
            latest[who] = shown
            continue
        try:
            assert quotes.pay(quote.id, f"o{order}", now) == quote.fee_paise
            assert paid.setdefault(quote.id, order) == order
        except QuoteExpired as expired:
            assert now >= quote.until_s and quote.id not in paid
            latest[who] = expired.fresh
        except Refused:
            assert paid[quote.id] != order


# How calm it was --------------------------------------------------------------------------------


def minutes(shown):
    return [Minute(round(each * ONE_BPS), 0, 0) for each in shown]


def test_swings_by_hand():
    wave = minutes([1.0, 2.0] * 90)
    seen = swing(wave, 0)
    assert (seen.swing_bps, seen.settled_min, seen.turns) == (ONE_BPS, None, 178)
    calm = swing(minutes([1.0] * 20 + [1.6] * 5 + [1.3] * 155), 0)
    assert (calm.swing_bps, calm.settled_min, calm.turns) == (0, 25, 1)


def test_small_steps_are_no_turns():
    assert turns([10_000, 10_500, 10_000, 10_500]) == 0
    assert turns([10_000, 11_000, 12_000, 11_500, 12_500, 11_000]) == 1


# A town that answers ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def evening():
    return {
        name: [story.evening(each, seed=seed, minutes=300) for seed in (1, 2)]
        for name, each in POLICIES.items()
    }


def test_at_once_swings_and_damped_settles(evening):
    naive = [swing(each, story.SINCE_MIN) for each in evening["at-once"]]
    calm = [swing(each, story.SINCE_MIN) for each in evening["damped"]]
    for one, other in zip(naive, calm, strict=True):
        assert one.swing_bps > 9_000 and one.settled_min is None
        assert other.swing_bps < 6_000 and other.settled_min is not None
        assert one.turns > 2 * other.turns and one.thought_again > 1.5 * other.thought_again


def test_a_price_brings_riders_so_that_fewer_get_nothing(evening):
    nothing = {
        name: mean(swing(each, story.SINCE_MIN).unserved for each in found)
        for name, found in evening.items()
    }
    assert nothing["fixed"] > 50 and nothing["damped"] < nothing["fixed"] / 10


def test_the_same_seed_is_the_same_evening():
    one, other = (story.evening(damped, seed=4, minutes=90) for _ in range(2))
    assert one == other


def test_every_customer_pays_what_was_shown_and_nobody_waits_for_ever():
    city = City(damped, wanted(8, first=20), rng=Random(5), riders=300, radius=1)
    for _ in range(120):
        city.step()
    bought = [each for each in city.paid if each.fee_paise >= 0]
    assert bought and all(each.fee_paise == each.quote.fee_paise for each in bought)
    again = [each for each in bought if each.quote.id != f"q{city.paid.index(each) + 1}"]
    assert again  # some thought for longer than a quote is kept, and saw both prices


@pytest.mark.slow
def test_it_is_the_small_gain_that_calms_and_not_the_smoothing():
    def swung(**terms):
        evenings = (story.evening(damped, seed=each, terms=Terms(**terms)) for each in (7, 8))
        return mean(swing(each, story.SINCE_MIN).swing_bps for each in evenings)

    calm = swung()
    assert swung(gain_bps=10_000) > 1.5 * calm
    assert swung(gain_bps=10_000, share_bps=300) > 1.5 * calm
    assert swung(share_bps=300) < calm


@pytest.mark.slow
@pytest.mark.parametrize("fault", [festival, supply_blackout])
def test_promises_are_kept_with_other_seeds_too(fault):
    assert fault(seed=3).held


@pytest.mark.slow
def test_a_blackout_raises_the_price_of_who_trusts_silence():
    (verdict, _) = supply_blackout(seed=7).verdicts
    told = re.fullmatch(r"by 0.00; taking them for gone it rises by (.*)", verdict.detail)
    assert told and float(told[1]) > 0.1


def test_the_story_shows_three_prices(capsys):
    story.demo(minutes=200)
    told = capsys.readouterr().out
    assert [word for word in POLICIES if f"  {word}" in told] == list(POLICIES)
    assert "never" in told and "▁" in told and "█" in told


@pytest.mark.slow
def test_the_figure_has_both_lines():
    assert evenings().count("<path") > 2 and "at once" in evenings()


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"minutes": 30}, "minutes is 30; it must be at least 180"),
        ({"riders": 10_000}, "at most 1,440, 3,000 and 100"),
        ({"times": 0.5}, "times is 0.5"),
        ({"share": 0}, "share_bps=0"),
    ],
)
def test_the_story_refuses_what_makes_no_sense(knobs, said):
    with pytest.raises(UsageError, match=said):
        story.demo(**knobs)
