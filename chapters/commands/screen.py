"""How the verbs print: plain words and marks first, colour on top, JSON when asked.

Colour is never the only carrier of meaning, so a pipe, a narrow terminal and NO_COLOR lose nothing.
Page: docs/how-it-works.md
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

JSON_OPTION = typer.Option(False, "--json", help="Print JSON for programs.")
SEED_OPTION = typer.Option(7, "--seed", help="The seed of everything random.", min=0)
MINE_OPTION = typer.Option(
    False,
    "--mine",
    help="Run with your code from work/ inside.",
    envvar="KIT_MINE",
    show_envvar=False,
)
WORKERS_OPTION = typer.Option(
    2, "--workers", min=1, help="How many at a time; KIT_CLUSTER=ADDRESS uses a cluster instead."
)

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}

TOGETHER = "\N{NO-BREAK SPACE}"  # a space at which no line is broken; printed as any other
ROOM_MIN = 20  # columns; a narrower terminal scrolls

MARKS = {"passed": ("✔", "green"), "failed": ("✘", "red"), "not run": ("·", "dim")}


def console(*, stderr: bool = False) -> "Console":
    """Return a console that prints text as it is: brackets are brackets."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, stderr=stderr)


def table(*columns: str) -> "Table":
    """Return an open table that wraps rather than cuts."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def say(text: str = "", style: str = "", *, indent: int = 2, hang: int = 0) -> None:
    """Print lines, indented, wrapped to the terminal; further lines of a wrap hang by `hang`."""
    from rich.text import Text

    screen = console()
    for line in text.splitlines() or [""]:
        margin = indent
        while True:
            part = _fitting(line, max(ROOM_MIN, screen.width - margin))
            shown = (" " * margin + part).rstrip().replace(TOGETHER, " ")
            screen.print(Text(shown, style=style), soft_wrap=True)
            line, margin = line[len(part) :].lstrip(), indent + hang
            if not line:
                break


def _fitting(line: str, room: int) -> str:
    """Return the beginning of `line` that fits, ended at a space where there is one."""
    from rich.cells import cell_len

    if cell_len(line) <= room:
        return line
    end = line.rfind(" ", 0, room + 1)
    return line[:end].rstrip() if line[:end].strip() else line[:room]


def say_json(value: Any) -> None:
    """Print `value` as JSON, and nothing else."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def warn(text: str) -> None:
    """Print one line beside the results, on stderr."""
    sys.stderr.write(f"kit: {text}\n")


@contextmanager
def progress(
    what: str, total: int | None = None, *, quiet: bool = False
) -> Iterator[Callable[..., None]]:
    """Show on a terminal's stderr how far something is; yield how to say so.

    The function takes `done=`, how many are done (one more, without it), or `what=`, what is done
    now. In a pipe, or when told to be `quiet`, it does nothing.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn
    from rich.progress import TimeRemainingColumn as Remaining

    screen = console(stderr=True)
    counts = (BarColumn(), MofNCompleteColumn(), Remaining()) if total else (SpinnerColumn(),)
    off = quiet or not screen.is_terminal
    with Progress(
        "{task.description}",
        *counts,
        console=screen,
        transient=True,
        disable=off,
        redirect_stdout=sys.stdout.isatty(),  # what goes into a pipe stays in it
    ) as bar:
        task = bar.add_task(what, total=total)

        def told(*, done: int | None = None, what: str | None = None) -> None:
            step = 1 if done is None and what is None else None
            bar.update(task, advance=step, completed=done, description=what)

        yield told


def next_commands(commands: Iterable[str]) -> None:
    """Print what to try next, as it was called here: `./kit` where that is how."""
    prefix = "./" if os.environ.get("KIT_CALLED") == "./kit" else ""
    say()
    say("Next:  " + " · ".join(prefix + command for command in commands), hang=7)
