"""The `kit` command: one line for every error, and an exit code that a script can use.

    0  it holds     1  it does not     2  the words of the call are wrong     130  Ctrl-C

Page: docs/how-it-works.md
"""

import errno
import os
import sys
from collections.abc import Sequence
from typing import Any

import typer

from chapters.commands import (
    breaking,
    checking,
    course,
    exercises,
    house,
    look,
    running,
    systems,
)
from chapters.commands.mount import Verbs
from chapters.errors import KitError, UsageError

INTERRUPTED = 130

app = typer.Typer(
    cls=Verbs,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    help="Famous systems that really work: run them, break them, write pieces of them.",
    epilog="Each command has --help, with an example. `kit` alone says what comes next.",
)
for part in (look, running, systems, breaking, exercises, checking, house):
    app.registered_commands += part.app.registered_commands
app.add_typer(course.app, name="course")
app.add_typer(house.dev, name="dev")


@app.callback(invoke_without_command=True)
def kit(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    """Say where you are, when no verb says what to do."""
    if version:
        from importlib.metadata import version as installed

        print(installed("system-design-kit"))
    elif context.invoked_subcommand is None:
        look.here()


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    code = run(sys.argv[1:] if words is None else words)
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, `head` perhaps, has gone: that is no error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run(words: Sequence[str]) -> int:
    """Run the command line and return its exit code; every error has become one line on stderr."""
    try:
        _mine()
        code = typer.main.get_command(app).main(list(words), prog_name="kit", standalone_mode=False)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BaseException as error:
        return _explained(error)
    if code == INTERRUPTED:
        _say("stopped")
    return code if isinstance(code, int) else 0


def _mine() -> None:
    """A child process of a `--mine` run sees the learner's modules too."""
    if os.environ.get("KIT_MINE") == "1":
        from chapters.runner.overlay import install_if_asked

        install_if_asked()


def _explained(error: BaseException) -> int:
    """Say what went wrong in one line and return the exit code."""
    match error:
        case SystemExit(code=code):
            return code if isinstance(code, int) else 1
        case UsageError():
            return _say(str(error), 2)
        case KitError():
            return _say(str(error), 1)
        case NotImplementedError() if type(error).__name__ == "Unsolved":
            return _say(f"{error} is not written yet: kit check shows how far it is", 1)
        case BrokenPipeError():
            return 1
        case OSError():
            return _say(_os_line(error), 1)
    if hasattr(error, "format_message"):  # what Typer says about the words of the call
        return _say(_typer_line(error), 2)
    return _bug(error)


def _typer_line(error: Any) -> str:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "kit"
    return f"{error.format_message().rstrip('.')}; {path} --help shows the way"


def _os_line(error: OSError) -> str:
    reason = error.strerror or str(error)
    remedies = {
        errno.EADDRINUSE: "; choose another with --port",
        errno.ENOSPC: "; free some space",
        errno.EROFS: "; choose a folder that can be written to",
        errno.EACCES: "; choose a place that you may use",
    }
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{reason}{remedies.get(error.errno or 0, '')}"


def _bug(error: BaseException) -> int:
    """An error nobody foresaw: one line with its place; KIT_DEBUG=1 shows the whole."""
    if os.environ.get("KIT_DEBUG"):
        raise error
    import traceback

    place = traceback.extract_tb(error.__traceback__)[-1]
    at = f"{os.path.basename(place.filename)}:{place.lineno}"
    said = f"{type(error).__name__}: {error}"
    return _say(f"a mistake of ours at {at}: {said} (KIT_DEBUG=1 shows where it came from)", 1)


def _say(text: str, code: int = 0) -> int:
    sys.stderr.write(f"kit: {' '.join(text.split())}\n")
    return code


if __name__ == "__main__":
    main()
