"""Bandits: they find the best arm, what they lose grows ever more slowly, and a log judges them fairly."""

from random import Random
from statistics import mean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.bandit.linear import LinUcb
from chapters.bandit.policy import POLICIES, Greedy, Thompson, Ucb, highest
from chapters.bandit.replay import Shown, replay, weighted
from chapters.bandit.story import demo, read, run
from chapters.errors import UsageError

ARMS = [0.2, 0.5, 0.35]


@pytest.mark.parametrize("name", sorted(POLICIES))
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(1, 5))
def test_what_is_chosen_is_an_arm_and_counts_are_all_that_is_learnt(name, rewards, arms):
    policy = POLICIES[name](arms, rng=Random(1))
    for reward in rewards:
        arm = policy.choose()
        assert 0 <= arm < arms
        policy.learn(arm, reward)
    assert sum(policy.pulls) == len(rewards) and sum(policy.rewards) == pytest.approx(sum(rewards))


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_every_policy_finds_the_best_arm(name):
    assert mean(run(name, ARMS, seed=seed, rounds=4000).best_share for seed in range(5)) > 0.85


@pytest.mark.parametrize("name", ["ucb", "thompson"])
def test_the_loss_grows_ever_more_slowly_and_that_of_greedy_does_not(name):
    def halves(which):
        runs = [run(which, ARMS, seed=seed, rounds=8000).regret for seed in range(5)]
        first = mean(each[len(each) // 2 - 1] for each in runs)
        return first, mean(each[-1] for each in runs) - first

    first, second = halves(name)
    greedy_first, greedy_second = halves("greedy")
    assert second < 0.6 * first and greedy_second > 0.65 * greedy_first


def test_thompson_loses_least_on_average():
    lost = {
        name: mean(
            run(name, [0.04, 0.05, 0.07, 0.05, 0.03], seed=s, rounds=15_000).regret[-1]
            for s in range(6)
        )
        for name in POLICIES
    }
    assert lost["thompson"] < lost["greedy"] and lost["thompson"] < lost["ucb"]


def test_ucb_tries_each_first_and_then_by_its_bound():
    policy = Ucb(3, rng=Random(1))
    for expected in range(3):
        assert policy.choose() == expected
        policy.learn(expected, 0.5)
    policy.pulls, policy.rewards = [100, 10, 100], [60.0, 5.0, 10.0]
    assert policy.choose() == 1


def test_thompson_chooses_each_as_often_as_it_is_likely_to_be_the_best():
    policy = Thompson(2, rng=Random(3))
    policy.pulls, policy.rewards = [10, 10], [5.0, 6.0]
    share = mean(policy.choose() for _ in range(4000))
    guesses = np.random.default_rng(1)
    exact = (guesses.beta(7, 5, 40_000) > guesses.beta(6, 6, 40_000)).mean()
    assert share == pytest.approx(exact, abs=0.03)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8))
def test_of_several_highest_any_is_taken(values):
    assert values[highest(values, Random(1))] == max(values)
    assert {highest([1, 1], Random(seed)) for seed in range(20)} == {0, 1}


def test_the_kept_inverse_is_the_inverse():
    rng, policy = np.random.default_rng(1), LinUcb(2, 3)
    seen = [rng.standard_normal(3) for _ in range(30)]
    for x in seen:
        policy.learn(1, x, 0.5)
    by_definition = np.linalg.inv(np.eye(3) + sum(np.outer(x, x) for x in seen))
    assert np.allclose(policy._inverse[1], by_definition) and np.allclose(
        policy._inverse[0], np.eye(3)
    )
    x = seen[0]
    mean_of_1 = by_definition @ (0.5 * sum(seen)) @ x
    assert policy.bounds(x)[1] == pytest.approx(mean_of_1 + 0.5 * np.sqrt(x @ by_definition @ x))


def test_a_linear_bandit_learns_whom_to_show_what():
    rng, policy, right = Random(2), LinUcb(2, 2), []
    for number in range(2000):
        viewer = rng.choice([0, 1])
        context = [1.0 - viewer, float(viewer)]
        arm = policy.choose(context)
        policy.learn(arm, context, float(rng.random() < (0.3 if arm == viewer else 0.1)))
        right.append(arm == viewer) if number > 1000 else None
    assert mean(right) > 0.9


# Judged by a log.


def drawn_log(seed, count):
    rng = Random(seed)
    arms = [rng.randrange(3) for _ in range(count)]
    return [Shown(arm, float(rng.random() < ARMS[arm])) for arm in arms]


def test_a_log_judges_a_policy_as_if_it_had_been_there():
    found, live = [], []
    for seed in range(8):
        value, counted = replay(Thompson(3, rng=Random(seed)), drawn_log(seed, 6000))
        assert 1700 < counted < 2300
        found.append(value)
        seen = run("thompson", ARMS, seed=seed, rounds=2000)
        live.append(max(ARMS) - seen.regret[-1] / 2000)
    assert mean(found) == pytest.approx(mean(live), abs=0.015)


def test_weights_undo_an_uneven_log():
    rng, chances = Random(5), [0.8, 0.1, 0.1]
    arms = rng.choices(range(3), chances, k=60_000)
    log = [(Shown(arm, float(rng.random() < ARMS[arm])), chances[arm]) for arm in arms]
    for arm, value in enumerate(ARMS):
        assert weighted(log, [arm] * len(log)) == pytest.approx(value, abs=0.02)
    assert replay(Thompson(3, rng=Random(1)), []) == (0, 0) and weighted([], []) == 0


def test_what_makes_no_sense_is_refused():
    for make in (
        lambda: Thompson(0, rng=Random(1)), lambda: Greedy(2, 1.5, rng=Random(1)),
        lambda: Thompson(2, rng=Random(1)).learn(0, 2), lambda: LinUcb(0, 1),
        lambda: run("x", ARMS, seed=1, rounds=9),
        lambda: read("0.5"), lambda: read("a,b"), lambda: read("0.5,1.5"), lambda: demo(rounds=1),
        lambda: demo(rounds=10**7),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            make()


def test_the_demonstration(capsys):
    demo(rounds=500, worlds=2)
    assert "thompson" in capsys.readouterr().out
