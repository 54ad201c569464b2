"""The same verbs for every system: trace, scale, serve, bench.

Page: docs/how-it-works.md
"""

from importlib import import_module
from os import environ
from pathlib import Path

import typer

from chapters.commands import knobs
from chapters.commands.chosen import SYSTEM, overlay, system_named
from chapters.commands.screen import (
    JSON_OPTION,
    MINE_OPTION,
    PASS_ON,
    SEED_OPTION,
    console,
    next_commands,
    progress,
    say,
    say_json,
    table,
)
from chapters.errors import UsageError

app = typer.Typer()


@app.command(
    epilog="Example: kit trace exchange --svg order.svg",
    help="Follow one request through every component.",
)
def trace(
    system: str = SYSTEM,
    seed: int = SEED_OPTION,
    real: bool = typer.Option(False, "--real", help="With the real clock and disk."),
    svg: Path = typer.Option(None, "--svg", help="Draw it into this file too."),
    otlp: Path = typer.Option(None, "--otlp", help="Export it as OTLP/JSON into this file."),
    as_json: bool = JSON_OPTION,
    mine: bool = MINE_OPTION,
) -> None:
    """Run the system's traced request and show its waterfall."""
    import json

    unit = system_named(system)
    overlay(mine)
    story = import_module(f"{unit.package}.story")
    found = story.trace(seed=seed, real=real)
    from chapters.commands.tracing import show
    from chapters.runner.workplace import write
    from chapters.sim.trace import to_otlp
    from chapters.sim.waterfall import to_svg

    if svg is not None:
        write(svg, to_svg(found), remedy="choose another place with --svg")
    if otlp is not None:
        place = "choose another place with --otlp"
        write(otlp, json.dumps(to_otlp(found), indent=1), remedy=place)
    if as_json:
        say_json(to_otlp(found))
        return
    say(f"{story.TITLE}   {unit.name}, {'real' if real else f'seed {seed}'}", "bold")
    say()
    show(found, details=True)
    next_commands([f"kit break {unit.name}", f"kit run {unit.name}", f"kit scale {unit.name}"])


@app.command(
    epilog="Example: kit scale exchange --set messages_per_day=5e9",
    help="How many machines, bytes and coins: every number with its unit and formula.",
)
def scale(
    system: str = SYSTEM,
    given: list[str] = typer.Option([], "--set", help="Change an input: NAME=NUMBER."),
    as_json: bool = JSON_OPTION,
) -> None:
    """Evaluate the system's capacity model."""
    from dataclasses import asdict

    unit = system_named(system)
    model = import_module(f"{unit.package}.story").capacity()
    rows = model.evaluate(**dict(_setting(word) for word in given))
    if as_json:
        say_json([asdict(row) for row in rows])
        return
    say(model.title, "bold")
    shown = table("what", "how much", "how")
    for row in rows:
        how = f"= {row.formula}" if row.formula else ""
        shown.add_row(row.name, row.text, "   ".join(filter(None, (how, row.why))))
    console().print(shown)
    next_commands([f"kit scale {unit.name} --set {model.inputs[0].name}=…"])


@app.command(
    add_help_option=False,
    context_settings=PASS_ON,
    epilog="Example: kit serve exchange --port 8001",
    help="Run the real server, with its web page.",
)
def serve(context: typer.Context, system: str = SYSTEM, mine: bool = MINE_OPTION) -> None:
    """Call the system's `app.serve` with the options given."""
    knobs.name_first(context, system, "system")
    unit = system_named(system)
    overlay(mine)
    function = import_module(f"{unit.package}.app").serve
    knobs.call(function, context.args, f"kit serve {unit.name}", on_ready=_say_ready)
    raise KeyboardInterrupt  # servers handle Ctrl-C themselves, and nothing else ends one


@app.command(
    epilog="Example: kit bench exchange --quick",
    help="Its speed beside naive versions and installed peers, as ratios of one run.",
)
def bench(
    system: str = SYSTEM,
    quick: bool = typer.Option(False, "--quick", help="Fewer rounds: seconds, not minutes."),
    as_json: bool = JSON_OPTION,
    mine: bool = MINE_OPTION,
) -> None:
    """Run the system's benchmark and print one line per ratio."""
    from dataclasses import asdict

    unit = system_named(system)
    overlay(mine)
    # One thread for numpy: a ratio of CPU times is of one thread each.
    environ.setdefault("OMP_NUM_THREADS", "1")
    measured = import_module(f"{unit.package}.bench").bench
    ratios = []
    with progress("measuring", quiet=as_json) as told:
        for ratio in measured(quick=quick, on_progress=lambda what: told(what=what)):
            ratios.append(asdict(ratio))
            if not as_json:
                say(str(ratio), hang=2)
    if as_json:
        say_json(ratios)


def _say_ready(url: str, *more: str) -> None:
    say(f"open {url}     Ctrl-C ends it")
    for line in more:
        say(line)


def _setting(word: str) -> tuple[str, float]:
    name, separator, number = word.partition("=")
    try:
        return name.strip().replace("-", "_"), float(number)
    except ValueError:
        reason = f"{number!r} is no number" if separator else "there is no ="
        raise UsageError(f"--set {word}: {reason}; say --set NAME=NUMBER") from None
