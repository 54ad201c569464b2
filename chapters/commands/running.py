"""`kit run`: the demonstration of a chapter, a system, or one part of it.

Page: docs/how-it-works.md
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import typer

from chapters.commands import knobs
from chapters.commands.chosen import overlay
from chapters.commands.screen import MINE_OPTION, PASS_ON
from chapters.errors import UsageError

if TYPE_CHECKING:
    from chapters.runner.catalogue import Unit

app = typer.Typer()


@app.command(
    add_help_option=False,
    context_settings=PASS_ON,
    epilog="Example: kit run sim --seed 3; kit run sim/network --help lists that one's knobs",
    help="Run a chapter's or a section's demonstration; its options are the knobs.",
)
def run(
    context: typer.Context,
    name: str = typer.Argument(
        ..., metavar="NAME", help="A chapter, a system, or one part of it: sim/network."
    ),
    mine: bool = MINE_OPTION,
) -> None:
    """Call the demonstration of that name with the options given."""
    knobs.name_first(context, name, "name")
    unit, section = _place(name)
    overlay(mine)
    command = _own_command(unit, section) if section else None
    words = list(context.args)
    if command is not None:
        knobs.invoke(command, [section, *words], f"kit {unit.name}")
        return
    knobs.call(_demo(unit, section), words, f"kit run {name}")


def _place(name: str) -> "tuple[Unit, str]":
    """Return the unit, and the section in it ("" for the unit itself)."""
    from chapters.runner.catalogue import Catalogue
    from chapters.runner.errors import unknown

    catalogue = Catalogue.load()
    first, _, section = name.strip("/").removesuffix(".py").partition("/")
    unit = catalogue.unit(first)
    if section and _own_command(unit, section) is None:
        section = _in_folder(unit, section)
        module = f"{unit.package}.{section.replace('/', '.')}"
        path = unit.folder / f"{section}.py"
        if not path.is_file() or find_spec(module) is None:
            known = [f"{unit.name}/{each}" for each in _sections(unit)]
            raise unknown("section", name, known, f"there are {', '.join(known)}")
    return unit, section


def _in_folder(unit: "Unit", section: str) -> str:
    """Return the section; the story of the folder, or the only part in a folder, that it names."""
    section = section.replace("-", "_")
    if (unit.folder / section / "story.py").is_file():
        return f"{section}/story"
    if (unit.folder / f"{section}.py").is_file():
        return section
    found = [each for each in demonstrated(unit) if each.endswith(f"/{section}")]
    return found[0] if len(found) == 1 else section


def _sections(unit: "Unit") -> list[str]:
    """Return what `kit run unit/…` can run: own commands, and parts with a demonstration."""
    commands = _own_app(unit)
    return [*(commands.commands if commands is not None else ()), *demonstrated(unit)]


def demonstrated(unit: "Unit") -> list[str]:
    """Return the parts of a unit that have a demonstration: folders with a story, and modules."""
    from chapters.runner.source import Source

    names = sorted(path.parent.name for path in unit.folder.glob("*/story.py"))
    for path in sorted(unit.folder.rglob("*.py")):
        text = path.read_text("utf-8")
        if path.stem != "story" and "def demo(" in text and Source(text, path.name).has("demo"):
            names.append(path.relative_to(unit.folder).with_suffix("").as_posix())
    return names


def _own_app(unit: "Unit") -> Any:
    """Return the system's own commands as a group, if it has any."""
    if not (unit.folder / "cli.py").is_file() or unit.kind != "system":
        return None
    from chapters.commands.mount import group

    return group(unit.package)


def _own_command(unit: "Unit", section: str) -> Any:
    found = _own_app(unit)
    return found if found is not None and section in found.commands else None


def _demo(unit: "Unit", section: str) -> Any:
    module = import_module(f"{unit.package}.{section.replace('/', '.') or 'story'}")
    if not hasattr(module, "demo"):
        known = ", ".join(f"{unit.name}/{each}" for each in _sections(unit))
        raise UsageError(f"{unit.name}/{section} has no demonstration; there are {known}")
    return module.demo
