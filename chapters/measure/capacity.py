"""How many machines? A back-of-the-envelope model whose formulas are shown *and* evaluated.

    inputs   orders_per_day = 2,000,000 orders/day   (article, section 1)
    steps    peak_rate      = orders_per_day * peak_factor            231 orders/s
             machines       = ceil(peak_rate / orders_per_machine)      4 machines

Invariant: a formula is one text, so what the reader sees is what was computed; and its unit is
derived from its inputs, so a step that claims the wrong unit is refused. Formulas know + - * /,
parentheses, numbers, `ceil`, `min`, `max` and the names above them.
Page: docs/chapters/measure.md
"""

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from chapters.measure.errors import BadModel
from chapters.measure.units import Quantity, parse, quantity, unit_text

_PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k"))


@dataclass(frozen=True, slots=True)
class Input:
    """A number taken from outside; `source` says where from, so that it can be argued with."""

    name: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Step:
    """A number computed from those above it. `unit` is what it is shown in, and is checked."""

    name: str
    formula: str
    unit: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the answer: an input (formula is "") or a step, with its value in `unit`."""

    name: str
    formula: str
    value: float
    unit: str
    why: str

    @property
    def text(self) -> str:
        """Return value and unit for people: `231 orders/s`, `24 TB/disk`."""
        number = number_text(self.value)
        prefixed = number[-1].isalpha() and self.unit.partition("/")[0] == "B"
        return f"{number}{'' if prefixed else ' '}{self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Model:
    """Inputs and steps, in reading order."""

    title: str
    inputs: Sequence[Input]
    steps: Sequence[Step]

    def evaluate(self, **overrides: float) -> list[Row]:
        """Return every input and step with its value; `overrides` replaces inputs by name.

        Raises `BadModel` for an unknown override, an unreadable formula, or a unit that does not
        follow from the formula.
        """
        known: dict[str, Quantity] = {}
        rows = []
        for each in self._overridden(overrides):
            known[each.name] = quantity(each.value, each.unit)
            rows.append(Row(each.name, "", each.value, each.unit, each.source))
        for step in self.steps:
            known[step.name] = _evaluate(step, known)
            value = known[step.name].value / parse(step.unit).value
            rows.append(Row(step.name, step.formula, value, step.unit, step.why))
        return rows

    def value(self, name: str, **overrides: float) -> float:
        """Return one row's value, in its unit."""
        for row in self.evaluate(**overrides):
            if row.name == name:
                return row.value
        raise BadModel(f"no {name!r} in the model {self.title!r}")

    def _overridden(self, overrides: Mapping[str, float]) -> list[Input]:
        unknown = set(overrides) - {each.name for each in self.inputs}
        if unknown:
            names = ", ".join(each.name for each in self.inputs)
            raise BadModel(f"no input {min(unknown)!r} in {self.title!r}; there are: {names}")
        for name, value in overrides.items():
            if not 0 < value < math.inf:
                raise BadModel(f"{name} is {value}; it must be a number above 0")
        return [
            replace(each, value=overrides[each.name], source="given here")
            if overrides.get(each.name, each.value) != each.value
            else each
            for each in self.inputs
        ]


def _evaluate(step: Step, known: Mapping[str, Quantity]) -> Quantity:
    try:
        result = _node(ast.parse(step.formula, mode="eval").body, known)
    except SyntaxError as error:
        raise BadModel(f"{step.name}: cannot read {step.formula!r}") from error
    except BadModel as error:
        raise BadModel(f"{step.name} = {step.formula}: {error}") from error
    if result.dimensions != parse(step.unit).dimensions:
        found = unit_text(result.dimensions)
        raise BadModel(f"{step.name} = {step.formula} is {found}, not {step.unit or 'a number'}")
    return result


def _node(node: ast.expr, known: Mapping[str, Quantity]) -> Quantity:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Quantity(float(number))
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.Name(id=name):
            raise BadModel(f"nothing above is called {name!r}")
        case ast.BinOp(left=left, op=operator, right=right):
            return _operate(operator, _node(left, known), _node(right, known))
        case ast.Call(func=ast.Name(id=name), args=args) if args:
            return _call(name, [_node(each, known) for each in args])
    raise BadModel(f"{ast.unparse(node)!r} is not something that a formula may say")


def _operate(operator: ast.operator, left: Quantity, right: Quantity) -> Quantity:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
    raise BadModel(f"{type(operator).__name__} is not one of + - * /")


def _call(name: str, args: list[Quantity]) -> Quantity:
    reduce(Quantity.agreeing, args)
    values = [each.value for each in args]
    match name:
        case "ceil" if len(args) == 1:
            # 3.0000000001 machines are 3: the excess is the arithmetic's, not the load's.
            return replace(args[0], value=float(math.ceil(round(values[0], 9))))
        case "min":
            return replace(args[0], value=min(values))
        case "max":
            return replace(args[0], value=max(values))
    raise BadModel(f"{name}() is not one of ceil(x), min(...), max(...)")


def number_text(value: float) -> str:
    """Return three significant digits with a prefix from 10,000 on: `231`, `0.25`, `17.3 M`."""
    for scale, prefix in _PREFIXES:
        if abs(value) >= scale:
            scale, prefix = (1e3, "k") if prefix == "k" else (scale, prefix)
            return f"{_three_digits(value / scale)} {prefix}"
    return _three_digits(value)


def _three_digits(value: float) -> str:
    if abs(value) >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def demo(*, orders_per_day: float = 2_000_000, peak_factor: float = 10) -> None:
    """Size a small exchange; change the inputs and watch the machines follow."""
    for row in EXAMPLE.evaluate(orders_per_day=orders_per_day, peak_factor=peak_factor):
        formula = f"= {row.formula}" if row.formula else f"  ({row.why})"
        print(f"  {row.name:<20} {row.text:>20}   {formula}")


EXAMPLE = Model(
    "a small exchange",
    inputs=(
        Input("orders_per_day", 2_000_000, "orders/day", "assumption"),
        Input("peak_factor", 10, "", "the first minute against the mean"),
        Input("order_bytes", 64, "B/order", "one journal record"),
        Input("orders_per_machine", 100_000, "orders/s/machine", "kit bench exchange"),
        Input("copies", 3, "", "primary and two standbys"),
    ),
    steps=(
        Step("peak_rate", "orders_per_day * peak_factor", "orders/s"),
        Step("machines", "ceil(peak_rate / orders_per_machine) * copies", "machines"),
        Step("journal", "orders_per_day * order_bytes * copies", "GB/year"),
    ),
)
