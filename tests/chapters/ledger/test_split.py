"""The largest remainder: to the last unit, within one of the exact share, and in no order's favour."""

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.ledger import AMOUNT_MAX, BadAmount, BadWeights, split

AMOUNT = st.integers(-AMOUNT_MAX, AMOUNT_MAX) | st.integers(-200, 200)
WEIGHTS = st.dictionaries(
    st.text(max_size=3), st.integers(0, 10**6) | st.integers(0, 3), min_size=1, max_size=12
).filter(lambda weights: sum(weights.values()) > 0)


@given(AMOUNT, WEIGHTS)
def test_the_shares_sum_to_the_amount_and_each_is_within_one_of_exact(
    amount: int, weights: dict[str, int]
) -> None:
    shares, total = split(amount, weights), sum(weights.values())
    assert sum(shares.values()) == amount
    assert list(shares) == list(weights)
    for name, weight in weights.items():
        assert abs(shares[name] - Fraction(amount * weight, total)) < 1
        assert weight or not shares[name]


@given(AMOUNT, WEIGHTS)
def test_whoever_has_more_weight_never_gets_less(amount: int, weights: dict[str, int]) -> None:
    shares = split(abs(amount), weights)
    for one, weight in weights.items():
        for two in weights:
            if weight > weights[two] or (weight == weights[two] and one < two):
                assert shares[one] >= shares[two]


@given(AMOUNT, WEIGHTS, st.randoms())
def test_the_order_of_the_weights_makes_no_difference(
    amount: int, weights: dict[str, int], rng: Random
) -> None:
    names = list(weights)
    rng.shuffle(names)
    assert split(amount, {name: weights[name] for name in names}) == split(amount, weights)


@given(AMOUNT, WEIGHTS)
def test_a_refund_is_divided_as_the_payment_was(amount: int, weights: dict[str, int]) -> None:
    back = split(-amount, weights)
    assert {name: -share for name, share in back.items()} == split(amount, weights)


@given(AMOUNT, WEIGHTS, st.integers(1, 1000))
def test_only_the_ratio_of_the_weights_matters(
    amount: int, weights: dict[str, int], factor: int
) -> None:
    larger = {name: weight * factor for name, weight in weights.items()}
    assert split(amount, larger) == split(amount, weights)


def test_a_hundred_over_three() -> None:
    assert split(100, {"c": 1, "a": 1, "b": 1}) == {"c": 33, "a": 34, "b": 33}


def test_more_to_divide_may_mean_less_for_one() -> None:
    weights = {"a": 6, "b": 6, "c": 2}
    assert split(10, weights) == {"a": 4, "b": 4, "c": 2}
    assert split(11, weights) == {"a": 5, "b": 5, "c": 1}


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": -1, "b": 5}, {"a": -1}])
def test_weights_by_which_nothing_can_be_split_are_refused(weights: dict[str, int]) -> None:
    with pytest.raises(BadWeights, match="say whole numbers"):
        split(100, weights)


def test_floats_are_refused() -> None:
    with pytest.raises(BadAmount):
        split(0.3, {"a": 1})  # type: ignore[arg-type]
    with pytest.raises(BadAmount):
        split(1, {"a": 0.5, "b": 0.5})  # type: ignore[dict-item]
