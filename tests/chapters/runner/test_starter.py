"""Starters: a hole where the body was, and every other byte as it was."""

import ast

import pytest

from chapters.runner.catalogue import ROOT
from chapters.runner.errors import BrokenCopy
from chapters.runner.source import Source, functions
from chapters.runner.starter import is_unsolved, punch

MODULE = '''"""A module."""

import os
import zlib
from chapters.errors import KitError
from math import inf, pi


def area(radius: float) -> float:
    """Return the area."""
    # the formula
    return _square(radius) * pi
    # nothing more


def _square(value: float) -> float:
    return value * value if zlib else inf


class Shape:
    def one_line(self): return os.sep

    @property
    def sides(
        self,
    ) -> dict[str, int]:
        return {"a": 1}  # one

    async def wait(self) -> None:
        """Only a docstring."""
'''


def test_signature_and_docstring_stay_and_the_body_goes():
    text = punch(MODULE, ["area"], "toy/area")
    assert '    """Return the area."""\n    raise Unsolved("toy/area")\n\n\ndef _square' in text
    assert "formula" not in text and "nothing more" not in text


@pytest.mark.parametrize("name", ["area", "_square", "Shape.one_line", "Shape.sides", "Shape.wait"])
def test_every_kind_of_function_becomes_a_hole(name):
    source = Source(punch(MODULE, [name], "toy/x"), "toy.py")
    assert is_unsolved(source.find(name))


def test_decorators_and_long_signatures_stay():
    text = punch(MODULE, ["Shape.sides"], "toy/x")
    kept = "    @property\n    def sides(\n        self,\n    ) -> dict[str, int]:\n        raise Unsolved"
    assert kept in text


def test_the_import_of_unsolved_joins_the_one_that_is_there():
    assert "from chapters.errors import KitError, Unsolved\n" in punch(MODULE, ["area"], "toy/area")


def test_the_import_of_unsolved_stands_among_ours_in_order():
    text = "import os\n\nfrom chapters.a import b\nfrom toy.z import y\n\n\ndef f():\n    return b, y, os\n"
    lines = punch(text, ["f"], "toy/f").splitlines()
    assert lines[2:5] == [
        "from chapters.a import b", "from chapters.errors import Unsolved", "from toy.z import y",
    ]  # fmt: skip


def test_a_module_without_imports_gets_one_below_its_docstring():
    text = punch('"""Words."""\n\n\ndef f():\n    return 1\n', ["f"], "toy/f")
    assert text.startswith('"""Words."""\n\nfrom chapters.errors import Unsolved\n')


def test_dropped_helpers_take_along_the_imports_that_only_they_used():
    text = punch(MODULE, ["area"], "toy/area", drop=["_square"])
    assert "_square" not in text and "zlib" not in text and "inf" not in text
    assert "from math import pi" in text and "import os" in text


def test_imports_that_the_hole_used_stay_for_the_learner():
    assert "pi" in punch(MODULE, ["area"], "toy/area").split("def area")[0]


def test_a_missing_function_is_one_line():
    with pytest.raises(BrokenCopy, match=r"^toy\.py has no function nothing$"):
        punch(MODULE, ["nothing"], "toy/x", file="toy.py")


@pytest.mark.parametrize("text", ["def f(:\n", "\0", "(" * 5000])
def test_text_that_is_not_python_is_one_line(text):
    with pytest.raises(BrokenCopy, match="is not Python"):
        Source(text, "toy.py")


def test_punching_any_function_of_the_kit_leaves_all_others_alone():
    for path in sorted(ROOT.glob("chapters/*/*.py"))[::3]:
        text = path.read_text("utf-8")
        for name, _ in list(functions(ast.parse(text)))[:4]:
            before, after = Source(text, path.name), Source(punch(text, [name], "toy/x"), path.name)
            assert is_unsolved(after.find(name))
            for other, _ in functions(before.tree):
                assert other == name or after.text_of(other) == before.text_of(other)
