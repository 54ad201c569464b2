"""The house style as tests: sizes, names, words that do not belong. See CONTRIBUTING.md."""

import ast
import io
import re
import subprocess
import tokenize
from pathlib import Path
from statistics import median, quantiles

import pytest

from chapters.runner.places import PACKAGES, ROOT

FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

FILE_LINES_MAX = 250
FUNCTION_LINES_MAX, FUNCTION_LINES_P95, FUNCTION_LINES_MEDIAN = 60, 30, 8
BANNED_NAMES = {"utils", "util", "common", "helpers", "misc", "base", "core", "manager"}

EXCEPTIONS: dict[str, str] = {
    # "path": "why this file may be longer than FILE_LINES_MAX"
}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def code_lines(source: str) -> set[int]:
    """Lines that hold code: neither blank, comment nor docstring."""
    docstrings = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                docstrings |= set(range(first.lineno, (first.end_lineno or 0) + 1))
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skipped and token.type != tokenize.ENDMARKER:
            lines |= set(range(token.start[0], token.end[0] + 1))
    return lines - docstrings


def functions(path: Path) -> list[tuple[str, int]]:
    """Each function with its lines of code, its own inner functions included."""
    source = path.read_text("utf-8")
    lines = code_lines(source)
    return [
        (f"{name(path)}::{node.name}", len(lines & set(range(node.lineno, node.end_lineno + 1))))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_begins_with_what_it_is_and_is_one_idea_of_readable_length(path):
    source = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(source))
    lines = len(code_lines(source))
    assert lines <= FILE_LINES_MAX or name(path) in EXCEPTIONS, f"{lines} lines of code"


def test_exceptions_are_still_needed():
    for file in EXCEPTIONS:
        assert len(code_lines((ROOT / file).read_text("utf-8"))) > FILE_LINES_MAX, file


def test_functions_are_short():
    sizes = [each for path in FILES for each in functions(path)]
    lengths = [lines for _, lines in sizes]
    longest = max(sizes, key=lambda each: each[1])
    assert longest[1] <= FUNCTION_LINES_MAX, longest
    assert quantiles(lengths, n=20)[-1] <= FUNCTION_LINES_P95
    assert median(lengths) <= FUNCTION_LINES_MEDIAN


def test_no_file_is_a_drawer():
    assert not [name(path) for path in FILES if path.stem in BANNED_NAMES]


def test_the_count_itself_counts_right():
    source = (
        '"""Doc."""\n\n# why\nx = 1\n\ndef f():\n    """Doc\n    more."""\n    return (\n x\n )\n'
    )
    assert len(code_lines(source)) == 5


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / each for each in listed.stdout.split("\0") if each]


def test_no_tracked_text_names_a_machine_or_a_registry():
    hosts = ("files.pythonhosted" + ".org", "pypi.org/" + "simple", "registry." + "npmjs.org")
    banned = re.compile("|".join(map(re.escape, (*hosts, "deb.debian" + ".org", str(ROOT)))))
    for path in tracked():
        if path.is_file() and path.suffix not in {".png", ".xz"}:
            found = banned.search(path.read_text("utf-8", errors="ignore"))
            assert not found, f"{name(path)} names {found.group()}"


def test_no_todo_and_no_banner():
    marks = re.compile(r"#\s*(TODO|FIXME|XXX|-{4,}|={4,}|#{4,})")
    for path in FILES:
        assert not marks.search(path.read_text("utf-8")), name(path)


def test_tracked_files_are_small():
    for path in tracked():
        assert not path.is_file() or path.stat().st_size <= 512 * 1024, name(path)
