"""What each rule does with one choice, and what of its paper can be checked."""

from itertools import product
from random import Random
from statistics import harmonic_mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netflix.abr import generated
from netflix.abr.bba import BufferBased, stepped
from netflix.abr.bola import GAMMA_P, best_per_bit, utilities
from netflix.abr.bolae import BolaE
from netflix.abr.dynamic import Dynamic
from netflix.abr.estimate import Ewma, Window
from netflix.abr.mpc import Outlook, RobustMpc, best_way
from netflix.abr.rule import Download, Ladder, Moment, Progress
from netflix.abr.rules import RULES, make
from netflix.abr.simulator import play
from netflix.abr.throughput import LowBuffer, Throughput, sustainable
from netflix.breaking.abr import collapse

RATES = (300.0, 750.0, 1500.0, 3000.0, 6000.0)
LADDER = Ladder(2.0, RATES, [[round(kbps * 2000) for kbps in RATES]] * 60)
ladders = st.lists(st.integers(100, 20_000), min_size=1, max_size=10, unique=True).map(sorted)


def hear(rule, *lines_kbps, rung=0, latency_s=0.0):
    for number, kbps in enumerate(lines_kbps):
        size_bits = LADDER.sizes_bits[number][rung]
        took_s = latency_s + size_bits / kbps / 1000
        rule.downloaded(Download(number, rung, size_bits, latency_s, took_s))


def test_an_average_forgets_half_in_its_half_life():
    found = Ewma(2.0, half_lives_s=(3.0,))
    found.add(Download(0, 0, 30_000_000, 0.0, 30.0))  # 1,000 kbit/s for long
    found.add(Download(1, 0, 9_000_000, 0.0, 3.0))  # 3,000 kbit/s for one half-life
    assert found.throughput_kbps == pytest.approx(2000, rel=0.01)


def test_of_two_averages_the_pessimist_is_believed():
    found = Ewma(2.0)
    for took_s, latency_s in ((6.0, 0.1), (6.0, 0.1), (1.0, 0.4)):
        found.add(Download(0, 0, 6_000_000, latency_s, latency_s + took_s))
    slow, fast = Ewma(2.0, (8.0,)), Ewma(2.0, (3.0,))
    for each in (slow, fast):
        for took_s, latency_s in ((6.0, 0.1), (6.0, 0.1), (1.0, 0.4)):
            each.add(Download(0, 0, 6_000_000, latency_s, latency_s + took_s))
    assert found.throughput_kbps == slow.throughput_kbps < fast.throughput_kbps
    assert found.latency_s == fast.latency_s > slow.latency_s


@given(st.floats(50, 50_000), st.lists(st.floats(0.05, 20), min_size=1, max_size=20))
def test_a_steady_line_is_estimated_exactly(kbps, tooks_s):
    for found in (Ewma(2.0), Window(3), Window(5, harmonic_mean)):
        for took_s in tooks_s:
            found.add(Download(0, 0, round(kbps * took_s * 1e6), 100.0, 100.0 + took_s * 1000))
        assert found.throughput_kbps == pytest.approx(kbps, rel=1e-3)
        assert found.latency_s == pytest.approx(100.0)


def test_what_comes_out_of_a_cache_is_fast_but_not_infinitely():
    found = Ewma(2.0)
    found.add(Download(0, 0, 600_000, 0.01, 0.01))
    assert found.throughput_kbps == pytest.approx(600_000)


@pytest.mark.parametrize("name", RULES)
def test_a_download_of_nothing_breaks_no_rule(name):
    rule = make(name, LADDER, 24.0)
    for segment in range(3):
        assert rule.choose(Moment(segment, 4.0, 9.0 * segment)) == 0
        rule.downloaded(Download(segment, 0, 0, 0.1, 8.0))


@given(ladders, st.floats(50, 60_000), st.floats(0, 1.9))
def test_what_is_sustainable_arrives_in_time_and_the_next_does_not(rates, kbps, latency_s):
    ladder = Ladder(2.0, rates, [[1] * len(rates)])
    rung = sustainable(ladder, kbps, latency_s)
    needs_s = [latency_s + 2 * rate / kbps for rate in rates]
    assert rung == 0 or needs_s[rung] <= 2 * (1 + 1e-9)
    assert rung == len(rates) - 1 or needs_s[rung + 1] > 2 * (1 - 1e-9)


def test_the_throughput_rule_counts_on_nine_tenths():
    rule = Throughput(LADDER)
    assert rule.choose(Moment(0, 0.0, 0.0)) == 0
    hear(rule, 1600)
    assert rule.choose(Moment(1, 60.0, 0.0)) == 1  # 1,500 would be more than 1,440
    hear(rule, 1700, 1700, 1700, 1700)
    assert rule.choose(Moment(2, 60.0, 0.0)) == 2


def test_a_low_buffer_is_not_bet_on_one_segment():
    found = Ewma(2.0)
    found.add(Download(0, 0, 6_000_000, 0.0, 1.0))
    rule = LowBuffer(LADDER)
    assert rule.limit(4, 1.0, found) == 2  # 0.9 s × 6,000 kbit/s: 3,000 kbit fit, 6,000 do not
    assert [rule.limit(4, 1.0, found) for _ in range(9)][-1] == 2  # half of it: 3,000 still fit
    assert rule.limit(4, 0.9, found) == 1
    assert rule.limit(4, 60.0, found) == 4


def test_a_download_that_takes_far_too_long_is_broken_off():
    rule = Throughput(LADDER)
    hear(rule, 5000, latency_s=0.1)
    slow = Progress(3, 6_000_000, 400_000, 0.1, 1.1, 8.0)  # 400 kbit/s: 14 s more
    assert rule.abandon(slow) == 0
    assert rule.abandon(slow._replace(came_bits=4_000_000)) is None
    assert rule.abandon(slow._replace(took_s=0.45, came_bits=100_000)) is None  # too soon to say
    assert rule.abandon(slow._replace(rung=0)) is None


def test_the_map_has_a_reservoir_a_cushion_and_a_top():
    rule = BufferBased(LADDER, 22.0)  # 20 s at most at a choice: 4 s reservoir, 14 s cushion
    found = [rule.mapped_kbps(level_s) for level_s in (0, 4, 11, 18, 20)]
    assert found == pytest.approx([300, 300, 3150, 6000, 6000])


def test_between_two_rungs_the_old_one_stays():
    assert [stepped(1000, RATES, last) for last in range(5)] == [1, 1, 2, 2, 2]
    assert stepped(6000, RATES, 0) == 4 and stepped(300, RATES, 4) == 0


@given(ladders, st.floats(50, 60_000), st.integers(0, 9))
def test_a_step_is_towards_the_rate_and_then_rests(rates, kbps, last):
    last = min(last, len(rates) - 1)
    rung = stepped(kbps, rates, last)
    assert 0 <= rung < len(rates)
    assert stepped(kbps, rates, rung) == rung


@given(ladders, st.floats(0.5, 20), st.floats(0, 60))
def test_bolas_choice_is_the_highest_score(rates, v_s, buffer_s):
    worths = [each + GAMMA_P for each in utilities(rates)]
    scores = [(v_s * worth - buffer_s) / kbps for worth, kbps in zip(worths, rates, strict=True)]
    assert best_per_bit(worths, rates, v_s, buffer_s) == scores.index(max(scores))


@given(ladders, st.floats(0.5, 20), st.floats(0, 60), st.floats(0, 60))
def test_bola_takes_no_lower_rung_at_a_higher_level(rates, v_s, one_s, other_s):
    worths = [each + GAMMA_P for each in utilities(rates)]
    low, high = (best_per_bit(worths, rates, v_s, each) for each in sorted((one_s, other_s)))
    assert low <= high


def test_bola_reaches_the_top_just_below_a_full_buffer():
    """Spiteri et al. 2016: V is such that the top rung's target is the buffer less one segment."""
    worths = [each + GAMMA_P for each in utilities(RATES)]
    v_s = (24.0 - 2.0) / worths[-1]
    assert v_s * worths[-1] == pytest.approx(22.0)
    assert (
        best_per_bit(worths, RATES, v_s, 21.9) == 4 and best_per_bit(worths, RATES, v_s, 0.0) == 0
    )


def test_bola_e_begins_where_the_throughput_says():
    rule = BolaE(LADDER, 24.0)
    assert rule.choose(Moment(0, 0.0, 0.0)) == 0
    hear(rule, 3500)
    assert rule.choose(Moment(1, 2.0, 0.2)) == 3  # BOLA itself would take the lowest for a minute
    assert make("bola-basic", LADDER, 24.0).choose(Moment(1, 2.0, 0.2)) == 0


def test_dynamic_changes_over_when_both_agree_and_back_when_the_buffer_is_low():
    rule = Dynamic(LADDER, 24.0)
    rule.choose(Moment(0, 0.0, 0.0))
    hear(rule, 1000, 1000, 1000)
    rule.choose(Moment(1, 4.0, 1.0))
    assert not rule.follows_bola
    rule.choose(Moment(30, 16.0, 9.0))
    assert rule.follows_bola
    hear(rule, 9000, 9000, 9000, 9000, 9000, 9000)
    rule.choose(Moment(31, 4.0, 20.0))
    assert not rule.follows_bola


def valued(outlook, last, buffer_s, way):
    total = 0.0
    for step, rung in enumerate(way):
        took_s = outlook.takes_s[step][rung]
        rates = outlook.rates_kbps
        total += rates[rung] - abs(rates[rung] - rates[last])
        total -= outlook.stall_kbps * max(0.0, took_s - buffer_s)
        buffer_s = min(max(0.0, buffer_s - took_s) + outlook.segment_s, outlook.buffer_max_s)
        last = rung
    return total


@settings(max_examples=60)
@given(
    st.lists(st.integers(100, 9000), min_size=3, max_size=3, unique=True).map(sorted),
    st.lists(st.lists(st.floats(0.05, 8), min_size=3, max_size=3).map(sorted), max_size=4),
    st.integers(0, 2),
    st.floats(0, 12),
)
def test_mpcs_way_is_the_best_of_all_ways(rates, takes_s, last, buffer_s):
    outlook = Outlook(rates, takes_s, 2.0, 12.0)
    ways = list(product(range(3), repeat=len(takes_s)))
    best = max(valued(outlook, last, buffer_s, way) for way in ways)
    value, rung = best_way(outlook, last, buffer_s)
    assert value == pytest.approx(best, abs=1e-6)
    if takes_s:
        begun = (valued(outlook, last, buffer_s, way) for way in ways if way[0] == rung)
        assert max(begun) == pytest.approx(best, abs=1e-6)


def test_robust_means_discounted_by_the_worst_of_the_last_five_errors():
    rule = RobustMpc(LADDER, 24.0)
    hear(rule, 1000)
    assert rule.guess_kbps() == pytest.approx(1000)
    hear(rule, 2000)  # guessed 1,000: half of it off
    assert rule.guess_kbps() == pytest.approx(harmonic_mean([1000, 2000]) / 1.5)
    hear(rule, 2000, 2000, 2000, 2000, 2000, 2000, 2000, 2000, 2000, 2000)
    assert rule.guess_kbps() == pytest.approx(2000)  # five good guesses, and it is forgiven


def test_a_collapse_is_survived_by_bola_and_said_where_it_is_not():
    for seed in range(6):
        assert collapse(seed=seed).held
    dead = collapse(left=0.02)
    assert not dead.held and not dead.verdicts[0].held
    assert "--left 0.02" in dead.replay


def test_rules_differ():
    """The line collapses, and no two of the rules are the same rule."""
    title = generated.title(Random(7))
    found = {
        name: play(title, generated.collapse(), make(name, title, 24.0), 24.0).played_kbps
        for name in ("throughput", "bba", "bola-basic", "bola", "bolae", "dynamic", "mpc")
    }
    assert len({tuple(each) for each in found.values()}) == 7
