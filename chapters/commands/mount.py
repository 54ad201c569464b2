"""The group behind `kit`: our verbs in sections, and each built system's own commands on demand.

No system is imported before one of its commands is asked for, so `kit --help` stays quick.
Page: docs/how-it-works.md
"""

from difflib import get_close_matches
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from chapters.commands.chosen import inherited_overlay
from chapters.runner.places import systems_with_commands

SECTIONS = {
    "Look": ("tour", "list", "show", "run", "docs"),
    "Systems": ("trace", "break", "scale", "serve", "bench"),
    "Exercises": ("start", "check", "watch", "hint", "reset", "solution", "diff"),
    "House": ("course", "doctor", "build", "test", "dev"),
}


class Commands(TyperGroup):
    """Commands; to a word that is none, the nearest of those that are there for people."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that `args` begin with; refuse a word that is none."""
        word = args[0]
        if not word.startswith("-") and self.get_command(ctx, word) is None:
            near = get_close_matches(word, self._shown(ctx), n=1)
            hint = f". Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {word!r}{hint}")
        return super().resolve_command(ctx, args)

    def _shown(self, ctx: Any) -> list[str]:
        hidden = {name for name, command in self.commands.items() if command.hidden}
        return [name for name in self.list_commands(ctx) if name not in hidden]


class Verbs(Commands):
    """Commands, and the systems, by the folders that are there."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a verb, or the group of a system's own commands, imported only now."""
        found = super().get_command(ctx, cmd_name)
        if found is None and cmd_name in systems_with_commands():
            return group(cmd_name)
        return found

    def list_commands(self, ctx: Any) -> list[str]:
        """Return every verb, for completion and the nearest match."""
        return [*super().list_commands(ctx), *systems_with_commands()]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the verbs by section, one line each."""
        for title, names in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, self._line(ctx, name)) for name in names])
        if systems := systems_with_commands():
            with formatter.section("A system's own commands"):
                formatter.write_dl([(name, f"kit {name} --help lists them") for name in systems])

    def _line(self, ctx: Any, name: str) -> str:
        command = super().get_command(ctx, name)
        return str(command.help or "").strip().splitlines()[0] if command else ""


def group(package: str) -> Any:
    """Return the commands of `<package>/cli.py` as a group, even when there is only one.

    A child process of a `--mine` run is one of these commands: it sees the learner's modules too.
    """
    inherited_overlay()
    made = import_module(f"{package}.cli").app
    made.info.cls, made.rich_markup_mode, made._add_completion = Commands, None, False
    if not made.registered_callback:
        made.callback()(_nothing)
    return typer.main.get_command(made)


def _nothing() -> None:
    """A callback keeps Typer from folding a group of one command into that command."""
