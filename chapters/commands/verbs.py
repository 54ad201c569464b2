"""All verbs of `kit`, put together: the one command line that there is.

Page: docs/how-it-works.md
"""

from collections.abc import Sequence

import typer

from chapters.commands import (
    breaking,
    building,
    checking,
    course,
    exercises,
    house,
    knobs,
    look,
    running,
    systems,
)
from chapters.commands.mount import Verbs

app = typer.Typer(
    cls=Verbs,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    help="Famous systems that really work: run them, break them, write pieces of them.",
    epilog="Each command has --help, with an example. `kit` alone says what comes next.",
)
for part in (look, running, systems, breaking, exercises, checking, building, house):
    app.registered_commands += part.app.registered_commands
app.add_typer(course.app, name="course")
app.add_typer(house.dev, name="dev")


@app.callback(invoke_without_command=True)
def bare(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    """Say where you are, when no verb says what to do."""
    if version:
        from importlib.metadata import version as installed

        print(installed("system-design-kit"))
    elif context.invoked_subcommand is None:
        look.here()


def kit(words: Sequence[str]) -> int:
    """Run the command line and return its exit code; raises what goes wrong."""
    try:
        knobs.invoke(typer.main.get_command(app), words, "kit")
    except typer.Exit as end:
        return end.exit_code
    return 0
