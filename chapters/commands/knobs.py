"""A function's keyword parameters as options of the command line, by its signature alone.

    def demo(*, seed: int = 7, loss: float = 0.1)      kit run sim/network --seed 3 --loss 0.5

Page: docs/how-it-works.md
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any, get_origin

import typer

from chapters.errors import UsageError

HELP = {"--help", "-h"}
HELP_ONLY = ("--help",)


def call(function: Callable[..., Any], words: Sequence[str], command: str, **given: Any) -> Any:
    """Call `function` with the options in `words`; return its result. Raises as `invoke` does.

    What is `given` is passed as it is and is no option; nor is a parameter that takes a callback.
    """
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command()(_by_options(function, given))
    return invoke(
        typer.main.get_command(app), words if not HELP & set(words) else HELP_ONLY, command
    )


def invoke(command: Any, words: Sequence[str], name: str) -> Any:
    """Run a command of Typer's and return what its function does, which is never a whole number.

    Raises `typer.Exit` with any exit code that it ends with, 0 after --help: Typer returns those.
    """
    result = command.main(list(words), prog_name=name, standalone_mode=False)
    if isinstance(result, int):
        raise typer.Exit(result)
    return result


def _by_options(function: Callable[..., Any], given: dict[str, Any]) -> Callable[..., Any]:
    """Return `function` with a signature of only those parameters that words can express."""
    signature = inspect.signature(function, eval_str=True)
    known = {name: value for name, value in given.items() if name in signature.parameters}
    shown = [
        each
        for name, each in signature.parameters.items()
        if name not in known and get_origin(each.annotation) is not Callable
    ]

    def called(**options: Any) -> Any:
        return function(**options, **known)

    called.__doc__ = function.__doc__
    called.__annotations__ = {each.name: each.annotation for each in shown}
    by_name = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in shown]
    called.__signature__ = signature.replace(parameters=by_name)  # type: ignore[attr-defined]
    return called


def name_first(context: typer.Context, name: str, what: str) -> None:
    """Show the help when asked for it; refuse a call whose options stand where its name should."""
    if name in HELP:
        print(context.get_help())
        raise typer.Exit
    if name.startswith("-"):
        raise UsageError(f"the {what} comes before its options: {context.command_path} NAME {name}")
