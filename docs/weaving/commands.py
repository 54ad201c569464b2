"""The reference of the `kit` command, from the command tree that the terminal itself uses.

Typer brings its own copy of click, so nothing here asks for a type: a command that lists commands
is a group, whoever made its class.
"""

import inspect
from collections.abc import Iterator
from typing import Any

import typer


def reference() -> str:
    """Return the whole reference as Markdown, a section a command."""
    from chapters.commands.verbs import app

    root = typer.main.get_command(app)
    context = root.make_context("kit", [], resilient_parsing=True)
    head = f"# The kit command\n\n{root.help or ''}\n{{: .lead }}\n\n{prose(root.epilog)}"
    return "\n".join([head, *walk(root, context, 2)])


def walk(group: Any, context: Any, level: int) -> Iterator[str]:
    """The sections of a group's commands, groups within groups one level down."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = command.make_context(name, [], parent=context, resilient_parsing=True)
        yield section(command, inner, level)
        if hasattr(command, "list_commands"):
            yield from walk(command, inner, min(level + 1, 4))


def section(command: Any, context: Any, level: int) -> str:
    """One command: how it is called, what it does, its options."""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [
        f"{'#' * level} {context.command_path}\n",
        prose(command.help),
        f"```console\n$ {usage}\n```\n",
        table(command, context),
        example(command.epilog),
    ]
    return "\n".join(part for part in parts if part)


def prose(text: str | None) -> str:
    """Help text as Markdown; indented lines are code, elsewhere its characters mean themselves."""
    cleaned = inspect.cleandoc(text or "").replace("\b", "").replace("\f", "")
    lines = cleaned.split("\n")
    return "\n".join(line if line.startswith("    ") else plain(line) for line in lines) + "\n"


def example(epilog: str | None) -> str:
    """`Example: kit …` as a block of its own."""
    word, _, command = (epilog or "").partition("Example: ")
    if not command:
        return prose(epilog) if epilog else ""
    return f"{plain(word)}Example:\n\n```console\n$ {command.strip()}\n```\n"


def plain(text: str) -> str:
    """Text whose characters mean nothing to Markdown or HTML."""
    return text.replace("<", "&lt;").replace("[", "\\[").replace("|", "\\|").replace("\n", " ")


def table(command: Any, context: Any) -> str:
    """The parameters of a command as a table; empty without any."""
    records = [record for each in command.params if (record := row(each, context))]
    return "\n".join(["| word | meaning |", "|---|---|", *records]) + "\n" if records else ""


def row(parameter: Any, context: Any) -> str:
    """One parameter, unless it is the help option or hidden."""
    described = parameter.get_help_record(context)
    if parameter.name == "help" or described is None:
        return ""
    name, text = described
    return f"| `{name.replace('|', chr(92) + '|')}` | {plain(text)} |"
