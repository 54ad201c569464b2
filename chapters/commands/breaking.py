"""`kit break`: inject a fault, and hear honestly what held.

Page: docs/chapters/sim.md
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from chapters.commands import knobs
from chapters.commands.chosen import SYSTEM, overlay, system_named
from chapters.commands.screen import (
    JSON_OPTION,
    MINE_OPTION,
    PASS_ON,
    next_commands,
    progress,
    say,
    say_json,
    warn,
)
from chapters.errors import UsageError

if TYPE_CHECKING:
    from chapters.runner.catalogue import Unit
    from chapters.sim.promises import FaultStory, Outcome

app = typer.Typer()


@app.command(
    "break",
    add_help_option=False,
    context_settings=PASS_ON,
    epilog="Example: kit break exchange; then kit break exchange kill --seed 3, or --all",
    help="Inject a fault, or list them; a verdict on each promise.",
)
def break_(
    context: typer.Context,
    system: str = SYSTEM,
    as_json: bool = JSON_OPTION,
    svg: Path = typer.Option(None, "--svg", help="Draw what was measured into this file."),
    every: bool = typer.Option(False, "--all", help="Inject every fault, as it is by default."),
    mine: bool = MINE_OPTION,
) -> None:
    """Run a fault story; exit 1 if a promise did not hold."""
    knobs.name_first(context, system, "system")
    unit = system_named(system)
    overlay(mine)
    faults: dict[str, FaultStory] = import_module(f"{unit.package}.story").FAULTS
    words = list(context.args)
    if every:
        if words or svg is not None:
            raise UsageError("--all injects every fault as it is: name none, and no other option")
        all_held = _inject_all(unit, faults, as_json)
    elif not words or words[0] in knobs.HELP:
        if svg is not None:
            raise UsageError(f"--svg {svg} draws what one fault did: name the fault")
        _list_faults(unit, faults, as_json)
        return
    else:
        outcome = _outcome(unit, faults, words)
        if svg is not None:
            _draw(outcome, svg)
        say_json(_as_json(outcome)) if as_json else _say_outcome(outcome)
        all_held = outcome.held
    if not all_held:
        raise typer.Exit(1)


def _inject_all(unit: "Unit", faults: "dict[str, FaultStory]", as_json: bool) -> bool:
    """Say of every fault which of its promises held; return whether all of them did."""
    outcomes = []
    for name, fault in faults.items():
        with progress(fault.summary):
            outcomes.append(fault.run())
        if not as_json:
            say(f"{name}: {fault.summary}", "bold")
            _say_verdicts(outcomes[-1])
            say()
    if as_json:
        say_json([_as_json(outcome) for outcome in outcomes])
    else:
        held = sum(outcome.held for outcome in outcomes)
        say(f"{held} of {len(outcomes)} faults broke no promise of {unit.name}")
    return all(outcome.held for outcome in outcomes)


def _list_faults(unit: "Unit", faults: "dict[str, FaultStory]", as_json: bool) -> None:
    if as_json:
        facts = [
            {"name": each.name, "summary": each.summary, "knobs": list(each.knobs)}
            for each in faults.values()
        ]
        say_json(facts)
        return
    say(f"What can be broken in {unit.name}:", "bold")
    width = max(map(len, faults)) + 1
    for name, fault in faults.items():
        options = "  ".join(f"--{knob.replace('_', '-')}" for knob in fault.knobs)
        say(f"{name.ljust(width)}{fault.summary}   {options}", hang=width)
    next_commands([f"kit break {unit.name} {word}" for word in (next(iter(faults)), "--all")])


def _outcome(unit: "Unit", faults: "dict[str, FaultStory]", words: list[str]) -> "Outcome":
    from chapters.runner.errors import unknown

    name, *options = words
    if name not in faults:
        raise unknown("fault", name, faults, f"there are {', '.join(faults)}")
    with progress(faults[name].summary, quiet=any(each in knobs.HELP for each in options)):
        outcome: Outcome = knobs.call(faults[name].run, options, f"kit break {unit.name} {name}")
    return outcome


def _say_outcome(outcome: "Outcome") -> None:
    from chapters.measure.plot import sparkline

    say(outcome.title, "bold")
    for line in outcome.lines:
        say(line)
    _say_verdicts(outcome)
    for series in outcome.series:
        low, high = min(series.values), max(series.values)
        say(f"{series.label}  {sparkline(series.values)}  {low:,.4g} to {high:,.4g} {series.unit}")
    say(f"again, exactly:  {outcome.replay}", hang=2)
    if outcome.next_commands:
        next_commands(outcome.next_commands)


def _say_verdicts(outcome: "Outcome") -> None:
    width = max((len(each.promise) for each in outcome.verdicts), default=0)
    for each in outcome.verdicts:
        mark, colour = ("held ✔  ", "green") if each.held else ("broken ✘", "red")
        say(f"promise: {each.promise.ljust(width)}  {mark}  {each.detail}", colour, hang=9)


def _as_json(outcome: "Outcome") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(outcome) | {"held": outcome.held}


def _draw(outcome: "Outcome", svg: Path) -> None:
    from chapters.measure import plot
    from chapters.runner.workplace import write

    if not outcome.series:
        warn(f"{outcome.title}: nothing was measured over time, so {svg} is not drawn")
        return
    axes = plot.Axes(outcome.title, "time", outcome.series[0].unit)
    write(svg, plot.lines(axes, *outcome.series), remedy="choose another place with --svg")
