"""Capacity models: formulas that are shown and evaluated, units that are checked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.measure import BadModel, Input, Model, Step, number_text
from chapters.measure.capacity import EXAMPLE
from chapters.measure.units import parse, quantity


def _model(formula: str, unit: str) -> Model:
    inputs = (
        Input("orders", 2_000_000, "orders/day", "test"),
        Input("bytes_each", 64, "B/order", "test"),
        Input("machines", 3, "machines", "test"),
    )
    return Model("test", inputs, (Step("answer", formula, unit),))


@pytest.mark.parametrize(
    ("formula", "unit", "value"),
    [
        ("orders * bytes_each", "MB/day", 128.0),
        ("orders", "orders/s", 2_000_000 / 86_400),
        ("orders / machines", "orders/machine/hour", 2_000_000 / 3 / 24),
        ("ceil(machines / 2) * 10", "machines", 20.0),
        ("max(machines, machines + machines) - machines", "machines", 3.0),
        ("orders * bytes_each", "Mbit/s", 2_000_000 * 64 * 8 / 86_400 / 1e6),
        ("2 * 3 / 4 + 1", "", 2.5),
    ],
)
def test_formulas_are_evaluated_in_the_unit_they_are_shown_in(
    formula: str, unit: str, value: float
) -> None:
    assert _model(formula, unit).value("answer") == pytest.approx(value)


@pytest.mark.parametrize(
    ("formula", "unit", "says"),
    [
        ("orders * bytes_each", "orders/s", "is B/s, not orders/s"),
        ("orders + bytes_each", "B", "cannot be added"),
        ("orders * nothing", "B", "nothing above is called 'nothing'"),
        ("orders **2", "B", "Pow is not one of"),
        ("__import__('os')", "B", "not something that a formula may say"),
        ("sqrt(orders)", "B", r"sqrt\(\) is not one of"),
        ("orders *", "B", "cannot read"),
        ("orders / 0", "orders/s", "divides by zero"),
        ("machines if orders else 1", "", "may say"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_name(formula: str, unit: str, says: str) -> None:
    with pytest.raises(BadModel, match=says):
        _model(formula, unit).evaluate()


def test_inputs_can_be_overridden_and_unknown_ones_are_named() -> None:
    assert EXAMPLE.value("machines") == 3
    assert EXAMPLE.value("machines", orders_per_day=10**10) == 36
    rows = EXAMPLE.evaluate(copies=1)
    assert next(row for row in rows if row.name == "copies").why == "given here"
    with pytest.raises(BadModel, match=r"no input 'order'.*orders_per_day"):
        EXAMPLE.evaluate(order=1)


def test_a_row_shows_what_was_computed() -> None:
    row = EXAMPLE.evaluate()[5]
    assert (row.name, row.formula) == ("peak_rate", "orders_per_day * peak_factor")
    assert row.text == "231 orders/s"


def test_units_know_time_bytes_and_any_word_in_singular_or_plural() -> None:
    assert parse("orders/day") == parse("order/day")
    assert quantity(1, "GB/s") == quantity(8, "Gbit/s")
    assert quantity(2, "days") == quantity(48, "h")
    with pytest.raises(BadModel, match="empty factor"):
        parse("B//s")


@given(st.floats(1e-3, 1e17))
def test_numbers_for_people_are_within_half_a_percent(value: float) -> None:
    number, _, prefix = number_text(value).partition(" ")
    scale = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}[prefix]
    assert float(number.replace(",", "")) * scale == pytest.approx(value, rel=0.0051)
