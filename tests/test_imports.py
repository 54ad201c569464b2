"""Who may import whom, and how little `kit --help` may import.

What prints may import what it prints: the commands and the site (docs/weaving) use the runner, and a
system's cli.py uses chapters.commands.screen. Nothing else but the tests imports either.
"""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from chapters.runner import places
from chapters.runner.places import PACKAGES, ROOT

SYSTEMS = set(places.SYSTEMS)
SYLLABUS = tomllib.loads((ROOT / "chapters/syllabus.toml").read_text("utf-8"))
NEEDS = {each["name"]: set(each["needs"]) for each in SYLLABUS["chapter"] + SYLLABUS["system"]}
FOR_ALL = {"errors", "checking", "new_file"}  # errors, the facts of a check, how to write a file
NOT_BLOCKS = {"runner", "commands"}
SCREEN = "chapters.commands.screen"
TERMINAL = {"typer", "rich", "click"}

HELP_MODULES_MAX = 330
LATE = ("rich", "tomlkit", "flask", "chapters.sim", "chapters.runner.catalogue", "exchange")


def modules() -> list[Path]:
    return sorted(path for folder in PACKAGES for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Return the dotted names that the file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} has a relative import"
            found |= {f"{node.module}.{each.name}" for each in node.names}
    return found


def parts(path: Path) -> tuple[str, ...]:
    return path.relative_to(ROOT).with_suffix("").parts


def blocks_of(names: set[str]) -> set[str]:
    """Return the blocks among imported names."""
    found = {name.split(".")[1] for name in names if name.startswith("chapters.")}
    return found - FOR_ALL


@pytest.mark.parametrize("path", modules(), ids=lambda path: "/".join(parts(path)))
def test_imports_keep_to_the_rules(path):
    names, (home, *below) = imported(path), parts(path)
    if home in SYSTEMS and below[-1] == "cli":
        names -= {name for name in names if name.startswith(SCREEN)}
    systems = {name.split(".")[0] for name in names} & SYSTEMS
    blocks = blocks_of(names)
    if home in SYSTEMS:
        assert systems <= {home}, "a system imports no other system"
        assert blocks <= NEEDS.get(home, set()), "a system imports the blocks that it needs"
    elif below[0] in NOT_BLOCKS | {"cli"}:
        assert not systems, "the course's machinery knows no system by name"
    elif len(below) > 1:
        assert not systems, "a block imports no system"
        assert blocks - {below[0]} <= NEEDS.get(below[0], set()), "a block imports what it needs"
    else:
        assert not systems and not blocks, "what all import imports nothing"


def test_the_runner_is_imported_by_the_command_line_alone():
    users = {parts(path)[:2] for path in modules() if "runner" in blocks_of(imported(path))}
    assert users <= {("chapters", "cli"), ("chapters", "commands"), ("chapters", "runner")}


def test_the_terminal_is_left_to_the_command_line():
    users = {
        parts(path) for path in modules() if {n.split(".")[0] for n in imported(path)} & TERMINAL
    }
    assert {
        each for each in users if each[:2] != ("chapters", "commands") and each[-1] != "cli"
    } == set()


def test_needs_name_blocks_that_come_before():
    names = [each["name"] for each in SYLLABUS["chapter"]]
    for place, name in enumerate(names):
        assert NEEDS[name] <= set(names[:place])
    for system in SYLLABUS["system"]:
        assert NEEDS[system["name"]] <= set(names)


def test_help_imports_little():
    code = (
        "import sys\nfrom chapters.cli import run\nassert run(['--help']) == 0\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = done.stderr.split()
    assert [name for name in names if name.startswith(LATE)] == []
    assert len(names) <= HELP_MODULES_MAX
