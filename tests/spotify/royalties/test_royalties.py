"""Shares that sum to the pool, books that are paid out, and charts that agree with counting."""

from collections import Counter
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import UsageError
from chapters.ledger import Ledger, PeriodClosed
from chapters.sim.clock import VirtualClock
from spotify.breaking.royalties import bot_farm, payout_crash
from spotify.charts.charts import CAP, Charts, counter, of, week_of
from spotify.events.play import Play
from spotify.royalties.books import pay
from spotify.royalties.imagined import NICHE, month
from spotify.royalties.shares import counted, pro_rata, user_centric
from spotify.royalties.story import demo

HEARD = st.dictionaries(
    st.sampled_from("uvwxyz"),
    st.dictionaries(st.sampled_from("abcde"), st.integers(1, 50), max_size=5),
    max_size=6,
)


@given(HEARD, st.integers(0, 10**12))
def test_both_ways_sum_to_the_pool_and_are_within_rounding_of_the_exact_shares(plays, pool):
    somebody = any(plays.values())
    for way in (pro_rata, user_centric):
        assert sum(way(pool, plays).values()) == (pool if somebody else 0)
    if not somebody:
        return
    total = sum(sum(own.values()) for own in plays.values())
    for payee, share in pro_rata(pool, plays).items():
        exact = Fraction(pool * sum(own.get(payee, 0) for own in plays.values()), total)
        assert abs(share - exact) < 1
    listeners = [own for own in plays.values() if own]
    for payee, share in user_centric(pool, plays).items():
        exact = sum(
            Fraction(pool * own.get(payee, 0), len(listeners) * sum(own.values()))
            for own in listeners
        )
        assert abs(share - exact) < 2 * len(listeners)


def test_a_fan_pays_whom_they_heard():
    plays = {"fan": {"niche": 10}, "many": {"star": 990}}
    assert pro_rata(1_000_000, plays) == {"niche": 10_000, "star": 990_000}
    assert user_centric(1_000_000, plays) == {"niche": 500_000, "star": 500_000}


def test_plays_that_are_too_short_are_not_paid():
    plays = [Play(f"{n}", "ada", "t", 0, ms) for n, ms in enumerate((29_999, 30_000, 40_000))]
    assert counted(plays, {"t": "artist"}) == {"ada": Counter({"artist": 2})}


def test_a_month_is_paid_once_to_thousands_and_then_closed():
    ledger = Ledger(clock=VirtualClock())
    shares = {f"artist {n:05d}": n for n in range(10_000)}
    pool = sum(shares.values())
    for _ in range(2):
        pay(ledger, "2026-01", pool, shares)
    ledger.check()
    assert ledger.balance("artist 09999") == 9999 and ledger.balance("pool 2026-01") == 0
    with pytest.raises(PeriodClosed):
        pay(ledger, "2025-12", 3, {"artist 00001": 3})


@pytest.mark.parametrize("seed", range(3))
def test_crashes_while_a_month_is_paid_change_nothing(seed):
    assert payout_crash(seed=seed, crashes=60).held
    assert bot_farm(seed=seed).held


def test_the_story_shows_that_a_niche_gains(capsys):
    plays = month(Random(1))
    assert user_centric(10**9, plays)[NICHE] > 3 * pro_rata(10**9, plays)[NICHE]
    demo(way="pro-rata")
    assert "all balances sum to 0" in capsys.readouterr().out
    with pytest.raises(UsageError, match="pro-rata"):
        demo(way="nonsense")


def plays_of(rng, count):
    tracks = [f"t{n:03d}" for n in range(300)]
    found = []
    for number in range(count):
        track = tracks[min(299, int(300 ** rng.random()) - 1)]
        found.append(Play(f"{number}", f"u{rng.randrange(400)}", track, 1_767_600_000_000, 31_000))
    return found


@pytest.mark.parametrize("name", ["space-saving", "count-min"])
def test_the_first_ten_are_those_of_counting(name):
    plays = plays_of(Random(5), 20_000)
    exact = of(plays, "exact", {}).top(week_of(plays[0].at_ms), count=10)
    assert [track for track, _ in of(plays, name, {}).top(week_of(plays[0].at_ms), count=10)] == [
        track for track, _ in exact
    ]


def test_a_machine_counts_ten_times_a_week_and_markets_are_apart():
    charts = Charts("exact", {"ada": "SE", "bot": "US"})
    for number in range(500):
        charts.add(Play(f"{number}", "bot", "loop", 1_767_600_000_000, 31_000))
    charts.add(Play("a", "ada", "song", 1_767_600_000_000, 31_000))
    charts.add(Play("b", "ada", "song", 1_767_600_000_000, 1_000))
    week = week_of(1_767_600_000_000)
    assert charts.top(week) == [("loop", CAP), ("song", 1)]
    assert charts.top(week, "SE") == [("song", 1)] and charts.top("1999-W01") == []
    with pytest.raises(UsageError, match="space-saving"):
        counter("nonsense")


def test_weeks_are_those_of_iso_8601():
    assert week_of(1_767_225_600_000) == "2026-W01"  # 1 January 2026, a Thursday
    assert week_of(1_767_225_600_000 + 4 * 86_400_000) == "2026-W02"
