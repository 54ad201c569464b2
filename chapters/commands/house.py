"""The kit itself: what is installed, the documentation, the tests, the gate.

Page: docs/how-it-works.md
"""

import signal
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

import typer

from chapters.commands.mount import Commands
from chapters.commands.screen import (
    JSON_OPTION,
    PASS_ON,
    WORKERS_OPTION,
    console,
    say,
    say_json,
    table,
)
from chapters.errors import Definite

if TYPE_CHECKING:
    from chapters.runner.gate import Finding

app = typer.Typer()
dev = typer.Typer(
    cls=Commands, help="For authors: the gate that every exercise passes.", no_args_is_help=True
)

HERE = "127.0.0.1"  # the documentation is for the person at this machine
ENDING_S_MAX = 10.0


class NotInstalled(Definite):
    """A part that this command needs is missing."""


@app.command(
    epilog="Example: kit doctor --json",
    help="What is installed, what is missing, and the one command that mends it.",
)
def doctor(as_json: bool = JSON_OPTION) -> None:
    """Print every part with its state; exit 1 if a needed one is missing."""
    from chapters.runner.doctor import examine

    parts = examine()
    if as_json:
        say_json([part.facts() for part in parts])
    else:
        for part in parts:
            mark, colour = (
                ("✔", "green") if part.present else ("✘", "red" if part.needed else "dim")
            )
            say(f"{mark} {part.name:16} {part.detail}", colour, hang=19)
            if not part.present:
                say(f"mend: {part.remedy}", indent=21, hang=2)
    if any(part.needed and not part.present for part in parts):
        raise typer.Exit(1)


@app.command(
    epilog="Example: kit docs --port 8001",
    help="Read the documentation in a browser; or only build it.",
)
def docs(
    build: bool = typer.Option(False, "--build", help="Build the site into site/, strictly."),
    port: int = typer.Option(8000, "--port", min=1, max=65535, help="Where to serve it."),
) -> None:
    """Serve or build the site by mkdocs."""
    from chapters.portal.serving import must_be_free

    words = ["build", "--strict"] if build else ["serve", "--dev-addr", f"{HERE}:{port}"]
    if not build:
        must_be_free(HERE, port)
    _module("mkdocs", words, "./kit docs", {"NO_MKDOCS_2_WARNING": "1"})


@app.command(
    add_help_option=False,
    context_settings=PASS_ON,
    epilog="Example: kit test tests/chapters/log -k torn",
    help="Run the project's own tests: pytest, with its options.",
)
def test(context: typer.Context) -> None:
    """Run pytest on the project, without the slow tests unless -m says otherwise.

    All of them at once are spread over the cores; a few are quicker in one process.
    """
    words = list(context.args) or ["-n", "auto", "--dist", "loadfile"]
    if not any(word.startswith("-m") for word in words):
        words += ["-m", "not slow"]
    _module("pytest", words, "./kit test", {})


@dev.command(
    "check",
    epilog="Example: kit dev check log/torn-tail --workers 1",
    help="Put exercises through the gate: reference, holes, mutants, hints, 20 seeds.",
)
def check(
    names: list[str] = typer.Argument(None, help="Only these exercises, chapters or systems."),
    workers: int = WORKERS_OPTION,
    as_json: bool = JSON_OPTION,
) -> None:
    """Run the gate; exit 1 if an exercise does not pass."""
    from dataclasses import asdict

    from chapters.runner import gate
    from chapters.runner.catalogue import Catalogue

    catalogue = Catalogue.load()
    chosen = [
        each
        for each in catalogue.exercises
        if not names or {each.id, each.name, each.unit.name} & set(names)
    ]
    for name in names or ():
        catalogue.find(name) if "/" not in name else catalogue.exercise(name)
    findings = gate.run(chosen, workers=workers, on_done=_report if not as_json else _silent)
    if as_json:
        say_json([asdict(finding) for finding in findings])
    else:
        _summarise(findings)
    if not all(finding.passed for finding in findings):
        raise typer.Exit(1)


def _silent(finding: "Finding") -> None:
    """Say nothing: the JSON comes at the end."""


def _report(finding: "Finding") -> None:
    mark, colour = ("✔", "green") if finding.passed else ("✘", "red")
    say(f"{mark} {finding.exercise_id:36} {finding.seconds:5.1f} s", colour)
    for problem in finding.problems:
        say(problem, indent=6, hang=2)


def _summarise(findings: "list[Finding]") -> None:
    rows = table("exercise", "stages", "mutants", "runs", "problems")
    for each in findings:
        counts = (each.stages, each.mutants, each.runs, len(each.problems))
        rows.add_row(each.exercise_id, *(str(count) for count in counts))
    say()
    console().print(rows)
    passed = sum(finding.passed for finding in findings)
    say(f"{passed} of {len(findings)} exercises pass the gate")


def _module(name: str, words: list[str], remedy: str, extra: dict[str, str]) -> None:
    """Run an installed module as its own program, in the project's folder."""
    import os

    from chapters.runner.places import ROOT

    if not (ROOT / "pyproject.toml").is_file():
        raise NotInstalled(f"{name} runs in a checkout of the kit, and {ROOT} is none")
    if find_spec(name) is None:
        raise NotInstalled(f"{name} is not installed: `{remedy}` installs it and goes on")
    command = [sys.executable, "-m", name, *words]
    code = _ended(subprocess.Popen(command, cwd=ROOT, env=os.environ | extra))
    if code == -signal.SIGINT:
        raise KeyboardInterrupt
    raise typer.Exit(code)


def _ended(process: "subprocess.Popen[bytes]") -> int:
    """Wait for the end of a program that shares our terminal, and return its exit code.

    Ctrl-C reaches both of us: the program is given time to say what it has to say, then we end.
    """
    try:
        return process.wait()
    except KeyboardInterrupt:
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(ENDING_S_MAX)
        raise
    finally:
        process.kill()
        process.wait()
