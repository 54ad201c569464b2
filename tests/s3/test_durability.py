"""Durability: the chain against exact arithmetic, published figures and a simulation; shared causes."""

from fractions import Fraction
from math import comb, exp, expm1, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.batch import DuplicateKey, executor
from chapters.errors import UsageError
from s3.durability import story
from s3.durability.binomial import annual_loss_by_pieces, exactly, more_than
from s3.durability.correlated import annual_loss_with_shocks, killed_by, loss_after, loss_given
from s3.durability.domains import (
    BLIND,
    DOMAINS,
    PLACEMENTS,
    SHOCKS,
    ZONE_AWARE,
    Placement,
    Shock,
    place,
)
from s3.durability.figures import repairs
from s3.durability.markov import (
    HOURS_A_YEAR,
    Stripe,
    annual_loss,
    loss_within,
    mean_hours_to_loss,
    nines,
)
from s3.durability.monte_carlo import CHUNK_STRIPES, Estimate, Trial, chunks, simulate

STRIPES = st.builds(
    Stripe,
    st.integers(1, 20),
    st.integers(0, 5),
    st.floats(0.001, 0.95),
    st.floats(1, 500),
    st.booleans(),
)


def bad(data: int, parity: int, *, queued: bool = False) -> Stripe:
    """A stripe on disks of which nine in ten fail in a year, with repairs of 300 hours."""
    return Stripe(data, parity, 0.9, 300.0, one_repair_at_a_time=queued)


def estimated(*trials: Trial) -> list[Estimate]:
    with executor("serial") as crew:
        return simulate(trials, crew)


@pytest.mark.parametrize(
    ("repair_hours", "code", "expected"),
    [
        (24, (4, 2), 8.8),
        (24, (6, 3), 12.3),
        (24, (10, 4), 15.4),
        (24, (17, 3), 10.7),
        (156, (4, 2), 7.2),
        (156, (6, 3), 9.8),
        (156, (10, 4), 12.1),
        (156, (17, 3), 8.2),
    ],
)
def test_nines_at_an_afr_of_one_and_a_half_percent(
    repair_hours: int, code: tuple[int, int], expected: float
) -> None:
    stripe = Stripe(*code, afr=0.015, repair_hours=repair_hours)
    assert nines(annual_loss(stripe)) == pytest.approx(expected, abs=0.05)


def test_bad_disks_by_the_mean_life_and_exactly() -> None:
    assert annual_loss(bad(6, 3)) == pytest.approx(0.2125, abs=5e-5)
    assert annual_loss(bad(4, 2)) == pytest.approx(0.370, abs=5e-4)
    assert loss_within(bad(6, 3), HOURS_A_YEAR) == pytest.approx(0.2053, abs=5e-5)
    assert loss_within(bad(4, 2), HOURS_A_YEAR) == pytest.approx(0.3634, abs=5e-5)


def mean_hours_in_fractions(stripe: Stripe) -> Fraction:
    """Solve the chain's linear equations, without rounding, from the state before loss backwards."""
    size = stripe.parity + 1
    rows = []
    for state in range(size):
        up, down = Fraction(stripe.failing(state)), Fraction(stripe.returning(state))
        row = [Fraction(0)] * size + [Fraction(1)]
        row[state] = up + down
        if state + 1 < size:
            row[state + 1] -= up
        if state:
            row[state - 1] -= down
        rows.append(row)
    for pivot in range(size):
        rows[pivot] = [each / rows[pivot][pivot] for each in rows[pivot]]
        for other in range(size):
            if other != pivot:
                factor = rows[other][pivot]
                pairs = zip(rows[other], rows[pivot], strict=True)
                rows[other] = [mine - factor * theirs for mine, theirs in pairs]
    return rows[0][-1]


@given(STRIPES)
def test_the_mean_life_has_all_its_digits(stripe: Stripe) -> None:
    exact = mean_hours_in_fractions(stripe)
    assert abs(Fraction(mean_hours_to_loss(stripe)) / exact - 1) < Fraction(1, 10**13)


def test_a_year_at_sixteen_nines_keeps_the_digits_that_a_subtraction_loses() -> None:
    stripe = Stripe(10, 4, repair_hours=12)
    share = Fraction(HOURS_A_YEAR) / mean_hours_in_fractions(stripe)
    exact = float(share - share**2 / 2)
    assert annual_loss(stripe) == pytest.approx(exact, rel=1e-12)
    assert 16 < nines(annual_loss(stripe)) < 17
    careless = 1 - exp(-HOURS_A_YEAR / mean_hours_to_loss(stripe))
    assert careless == 0.0


def test_a_mirrored_pair_lives_as_long_as_the_textbook_says() -> None:
    pair = Stripe(1, 1)
    fails, returns = pair.failures_an_hour, 1 / 24
    assert mean_hours_to_loss(pair) == pytest.approx((3 * fails + returns) / (2 * fails**2))


def test_without_parity_the_first_failure_is_the_end() -> None:
    assert mean_hours_to_loss(Stripe(8, 0)) == pytest.approx(
        1 / (8 * Stripe(8, 0).failures_an_hour)
    )
    assert loss_within(Stripe(1, 0, afr=0.3), HOURS_A_YEAR) == pytest.approx(0.3)


def test_without_repair_the_exact_chance_is_a_binomial_tail() -> None:
    stripe = Stripe(6, 3, afr=0.2, repair_hours=1e12)
    assert loss_within(stripe, HOURS_A_YEAR) == pytest.approx(more_than(3, 9, 0.2), rel=1e-8)


def test_the_exact_chance_is_what_small_steps_through_the_year_add_up_to() -> None:
    stripe, step_hours = bad(6, 3), 0.25
    chances = [1.0, 0.0, 0.0, 0.0, 0.0]
    for _ in range(int(HOURS_A_YEAR / step_hours)):
        flow = [stripe.failing(m) * chances[m] * step_hours for m in range(4)]
        back = [stripe.returning(m) * chances[m] * step_hours for m in range(4)]
        for m in range(4):
            chances[m] -= flow[m] + back[m]
            chances[m + 1] += flow[m]
            if m:
                chances[m - 1] += back[m]
    assert loss_within(stripe, HOURS_A_YEAR) == pytest.approx(chances[4], rel=1e-3)


@given(STRIPES)
def test_the_more_is_missing_the_likelier_is_loss(stripe: Stripe) -> None:
    chances = [loss_within(stripe, 100, missing) for missing in range(stripe.parity + 2)]
    assert chances == sorted(chances)
    assert chances[-1] == 1.0 and 0 < chances[0] <= 1 + 1e-12


def test_for_real_disks_the_mean_life_is_as_good_as_exact() -> None:
    for code in story.CODES:
        exact = loss_within(Stripe(*code), HOURS_A_YEAR)
        assert exact < annual_loss(Stripe(*code)) < exact * 1.02


def test_one_repair_at_a_time_costs_nines() -> None:
    for code in story.CODES:
        side_by_side, queued = Stripe(*code), Stripe(*code, one_repair_at_a_time=True)
        assert nines(annual_loss(queued)) < nines(annual_loss(side_by_side)) - 0.2


def test_the_example_that_backblaze_publishes() -> None:
    # README of erasure-coding-durability: durability.py 4 2 0.10 1
    fails_in_a_day = -expm1(-0.10 / 365)
    published = [9.984e-01, 1.641e-03, 1.124e-06, 4.108e-10, 8.442e-14, 9.253e-18, 4.226e-22]
    for failures, chance in enumerate(published):
        assert exactly(failures, 6, fails_in_a_day) == pytest.approx(chance, rel=5e-4)
    assert more_than(2, 6, fails_in_a_day) == pytest.approx(4.109e-10, rel=2e-4)
    yearly = annual_loss_by_pieces(Stripe(4, 2, afr=0.10, repair_hours=24))
    assert yearly == pytest.approx(1.500e-07, rel=5e-4)


@pytest.mark.parametrize("code", story.CODES)
def test_fixed_pieces_of_time_miss_what_straddles_their_edges(code: tuple[int, int]) -> None:
    stripe = Stripe(*code, afr=0.001, repair_hours=1)
    ratio = annual_loss(stripe) / annual_loss_by_pieces(stripe)
    assert ratio == pytest.approx(stripe.parity + 1, rel=0.01)


@pytest.mark.parametrize(
    ("data", "parity", "afr", "hours"),
    [(0, 3, 0.1, 1), (6, -1, 0.1, 1), (300, 3, 0.1, 1), (6, 3, 0, 1), (6, 3, 1, 1), (6, 3, 0.1, 0)],
)
def test_a_stripe_that_cannot_be_is_refused(
    data: int, parity: int, afr: float, hours: float
) -> None:
    with pytest.raises(UsageError):
        Stripe(data, parity, afr, hours)


def test_a_chain_with_too_many_jumps_is_refused() -> None:
    with pytest.raises(UsageError, match="jumps"):
        loss_within(Stripe(6, 3, repair_hours=0.001), HOURS_A_YEAR)


@pytest.mark.parametrize(
    ("lost", "of", "low", "high"),
    [(0, 10, 0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1), (1, 1000, 0.00018, 0.00564)],
)
def test_intervals_of_wilson(lost: int, of: int, low: float, high: float) -> None:
    assert Estimate(lost, of).interval() == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize("chance", [0.05, 0.2, 0.5])
def test_the_interval_holds_the_truth_about_95_times_in_100(chance: float) -> None:
    held = 0.0
    for lost in range(201):
        low, high = Estimate(lost, 200).interval()
        if low <= chance <= high:
            held += comb(200, lost) * chance**lost * (1 - chance) ** (200 - lost)
    assert 0.93 < held < 0.97


def test_the_simulation_agrees_with_the_chain_within_its_interval() -> None:
    codes = [bad(6, 3), bad(4, 2)]
    for stripe, found in zip(
        codes, estimated(*(Trial(each, 12_000, 7) for each in codes)), strict=True
    ):
        low, high = found.interval()
        assert low <= loss_within(stripe, HOURS_A_YEAR) <= high
        assert high - low < 0.02


def test_the_simulation_agrees_when_repairs_wait_in_line() -> None:
    stripe = bad(6, 3, queued=True)
    low, high = estimated(Trial(stripe, 4_000, 7))[0].interval()
    assert low <= loss_within(stripe, HOURS_A_YEAR) <= high
    assert low > 2 * loss_within(bad(6, 3), HOURS_A_YEAR)


def test_repairs_that_always_take_the_same_time_lose_about_as_much() -> None:
    stripe = bad(6, 3)
    always, sometimes = estimated(
        Trial(stripe, 6_000, 7, constant_repairs=True), Trial(stripe, 6_000, 7)
    )
    assert always.share == pytest.approx(sometimes.share, rel=0.15)


@pytest.mark.slow
def test_the_simulation_agrees_over_many_seeds() -> None:
    stripe = bad(6, 3)
    with executor("processes") as crew:
        found = simulate([Trial(stripe, 4_000, seed) for seed in range(40)], crew)
    exact = loss_within(stripe, HOURS_A_YEAR)
    inside = sum(low <= exact <= high for low, high in (each.interval() for each in found))
    assert inside >= 34, "38 of 40 on average; fewer than 34 once in two hundred"
    share = sum(each.lost for each in found) / 160_000
    deviation = sqrt(exact * (1 - exact) / 160_000)
    assert abs(share - exact) < 3 * deviation
    assert annual_loss(stripe) - share > 3 * deviation, "so many can tell the shortcut from exact"


def test_every_executor_counts_the_same() -> None:
    trial = Trial(bad(4, 2), CHUNK_STRIPES + 500, 3)
    with executor("processes", workers=2) as crew:
        assert simulate([trial], crew) == estimated(trial)


def test_chunks_are_all_of_a_trial_and_each_is_its_own() -> None:
    pieces = list(chunks(Trial(Stripe(4, 2), 2 * CHUNK_STRIPES + 1, 3)))
    assert [each.stripes for each in pieces] == [CHUNK_STRIPES, CHUNK_STRIPES, 1]
    assert len({each.key for each in pieces}) == 3


def test_the_same_trial_twice_is_refused_and_another_seed_is_another_trial() -> None:
    trial = Trial(bad(4, 2), 300, 3)
    with pytest.raises(DuplicateKey):
        estimated(trial, trial)
    one, other = estimated(trial, Trial(bad(4, 2), 300, 4))
    assert one != other and one == estimated(trial)[0]


@given(st.integers(1, 30), st.integers(0, 2**32), st.sampled_from(PLACEMENTS))
def test_spread_stripes_are_spread_evenly_and_racks_stay_in_their_zone(
    shards: int, seed: int, placement: Placement
) -> None:
    places = place(shards, placement.spreads, Random(seed))
    for domain in placement.spreads:
        held = [places[domain].count(number) for number in range(DOMAINS[domain])]
        assert max(held) - min(held) <= 1
    for zone, rack in zip(places["zone"], places["rack"], strict=True):
        assert zone == rack % DOMAINS["zone"]


@given(st.integers(1, 25), st.floats(0, 1), st.sampled_from(sorted(DOMAINS)))
def test_a_shock_kills_the_same_number_on_average_wherever_shards_are(
    shards: int, kills: float, domain: str
) -> None:
    for placement in PLACEMENTS:
        chances = killed_by(Shock(domain, 1, kills), shards, placement)
        assert sum(chances) == pytest.approx(1)
        mean = sum(killed * chance for killed, chance in enumerate(chances))
        assert mean == pytest.approx(shards * kills / DOMAINS[domain], abs=1e-9)


def test_a_spread_stripe_survives_what_its_parity_covers() -> None:
    fire = Shock("zone", 1, 1.0)
    assert loss_given(fire, Stripe(6, 3), ZONE_AWARE) < 1e-3  # 3 of 9 in a zone
    assert loss_given(fire, Stripe(6, 3), BLIND) > 0.3
    assert loss_given(fire, Stripe(10, 4), ZONE_AWARE) > 0.6  # 5 of 14 in two zones of three
    assert loss_given(fire, Stripe(17, 3), ZONE_AWARE) == pytest.approx(1)


def test_what_was_missing_before_the_shock_counts() -> None:
    assert loss_after(Stripe(6, 3), 0) == 0.0
    assert loss_after(Stripe(6, 3), 4) == pytest.approx(1)
    assert loss_after(Stripe(6, 3), 3) > loss_within(Stripe(6, 3), HOURS_A_YEAR, 3)


def test_the_nines_vanish_when_failures_have_one_cause() -> None:
    alone = nines(annual_loss(Stripe(6, 3)))
    blind, zones, batches = (
        nines(annual_loss_with_shocks(Stripe(6, 3), each)) for each in PLACEMENTS
    )
    assert alone > 12 and blind < zones < 3 < 5 < batches < 6


def test_without_shocks_nothing_is_added() -> None:
    for placement in PLACEMENTS:
        with_none = annual_loss_with_shocks(Stripe(6, 3), placement, ())
        assert with_none == pytest.approx(annual_loss(Stripe(6, 3)), rel=1e-12)


@pytest.mark.parametrize("placement", PLACEMENTS, ids=lambda each: each.name)
def test_the_simulation_agrees_about_shocks(placement: Placement) -> None:
    often = tuple(Shock(each.domain, 0.1, each.kills) for each in SHOCKS)
    stripe = Stripe(10, 4, afr=0.05, repair_hours=24)
    trial = Trial(stripe, 6_000, 7, shocks=often, placement=placement)
    low, high = estimated(trial)[0].interval()
    assert low <= annual_loss_with_shocks(stripe, placement, often) <= high


def test_the_demonstration_says_the_same_for_the_same_seed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    story.demo(seed=7, stripes=500)
    first = capsys.readouterr().out
    story.demo(seed=7, stripes=500)
    assert capsys.readouterr().out == first
    assert "12.3" in first and "none lost: 2.1 or more" in first
    assert max(map(len, first.splitlines())) <= 80


def test_the_drawing_has_a_line_for_each_code() -> None:
    drawn = repairs()
    assert drawn.startswith("<svg") and all(f"{data}+{m}" in drawn for data, m in story.CODES)
