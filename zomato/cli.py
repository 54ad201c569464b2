"""Zomato's own commands: `kit zomato …`, published days dispatched and judged.

Page: docs/zomato/dispatch.md
"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapters.commands.screen import (
    JSON_OPTION,
    SEED_OPTION,
    console,
    next_commands,
    progress,
    say,
    say_json,
    table,
)
from chapters.errors import UsageError

if TYPE_CHECKING:
    from zomato.dispatch.day import Day
    from zomato.dispatch.instance import Instance

app = typer.Typer(no_args_is_help=True, help="Orders: dispatch a day, and judge how it went.")

Folder = Annotated[
    Path,
    typer.Argument(
        metavar="DIR", help="orders.txt, couriers.txt, restaurants.txt, …", show_default=False
    ),
]


@app.command(epilog="Example: kit zomato dispatch instances/0o100t100s1p100 --out solution")
def dispatch(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]", help="A published day; else one is made up.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write the solution's three files there.", show_default=False),
    ] = None,
    policy: Annotated[str, typer.Option(help="greedy, matching, rolling")] = "rolling",
    every: Annotated[int, typer.Option(min=1, help="Minutes from look to look.")] = 1,
    orders: Annotated[int, typer.Option(min=1, help="Of a day that is made up.")] = 240,
    riders: Annotated[int, typer.Option(min=1, help="Of a day that is made up.")] = 40,
    roads: Annotated[
        bool, typer.Option("--roads", help="A day that is made up: by road, not as the crow flies.")
    ] = False,
    seed: int = SEED_OPTION,
    as_json: bool = JSON_OPTION,
) -> None:
    """Dispatch a day as it passes, and print how it went; a made-up one in three ways."""
    from chapters.sim.chance import Chance
    from zomato.dispatch import files, story
    from zomato.dispatch.day import Day
    from zomato.dispatch.policies import policy as named
    from zomato.dispatch.solution import solution

    if folder is None:
        if as_json:
            ways = story.compared(
                seed=seed, orders=orders, riders=riders, every_min=every, roads=roads
            )
            say_json({name: asdict(found) for name, found in ways})
        else:
            story.demo(seed=seed, orders=orders, riders=riders, every=every, roads=roads)
        return
    if roads:
        raise UsageError(
            "a published day rides in straight lines; leave out --roads, or the folder"
        )
    instance = files.read(folder)
    day = Day(instance, named(policy, Chance(seed).stream("dispatcher")), every_min=every)
    _passed(day, quiet=as_json)
    if out is not None:
        files.write(solution(instance, day.trips), instance, out)
    _show(instance, day, as_json)
    if out is not None and not as_json:
        say(f"written: {out}")
        next_commands([f"kit zomato check {folder} {out}"])


@app.command(epilog="Example: kit zomato check instances/0o100t100s1p100 solution")
def check(
    folder: Folder,
    solution: Annotated[
        Path,
        typer.Argument(
            metavar="SOLUTION", help="A folder with solution_info_….txt.", show_default=False
        ),
    ],
    as_json: bool = JSON_OPTION,
) -> None:
    """Judge a solution by the published rules, whoever made it; exit code 1 if one is broken."""
    from zomato.dispatch import files
    from zomato.dispatch.rules import violations

    instance, found = files.read(folder), files.read_solution(solution)
    broken = violations(instance, found)
    if as_json:
        say_json({"allowed": not broken, "broken": broken})
    else:
        say(
            f"{len(found.assignments)} trips with {len(found.deliveries)} of {len(instance.orders)} orders"
        )
        for line in broken:
            say(f"✘ {line}", "red")
        if not broken:
            say("✔ every rule is kept", "green")
    if broken:
        raise typer.Exit(1)


def _passed(day: "Day", *, quiet: bool) -> None:
    """Let the day pass, with a word about it now and then."""
    total = len(day.town.instance.orders)
    with progress("orders", total, quiet=quiet) as told:
        while not day.is_over:
            day.look()
            minute = int(day.town.now_min)
            told(done=sum(len(each.bundle) for each in day.trips),
                 what=f"orders sent; it is {minute // 60:02}:{minute % 60:02}")  # fmt: skip


def _show(instance: "Instance", day: "Day", as_json: bool) -> None:
    from zomato.dispatch.rules import violations
    from zomato.dispatch.score import score
    from zomato.dispatch.solution import solution

    found = score(instance, day.trips)
    broken = violations(instance, solution(instance, day.trips))
    if as_json:
        say_json(asdict(found) | {"instance": instance.name, "broken": broken})
        return
    shown = table(instance.name, "")
    shown.add_row("delivered", f"{found.delivered} of {found.orders}")
    shown.add_row("click to door", f"{found.click_to_door_min:.2f} min")
    shown.add_row(
        f"above {instance.terms.target_min:g} min", f"{found.over_target_min:.2f} min an order"
    )
    shown.add_row("ready to pickup", f"{found.ready_to_pickup_min:.2f} min")
    shown.add_row("pay", f"{found.pay_an_order:.2f} an order")
    shown.add_row("riders on their guarantee", f"{found.on_guarantee:.0%}")
    shown.add_row("orders in a trip", f"{found.orders_a_bundle:.2f}")
    shown.add_row("rules", "all kept" if not broken else f"{len(broken)} broken: {broken[0]}")
    console().print(shown)
