"""Zomato's own commands: `kit zomato …`, food searched for; published days dispatched and judged.

Page: docs/zomato/dispatch.md
"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    from zomato.search.desk import Desk

app = typer.Typer(
    no_args_is_help=True, help="Search for food; dispatch a day, and judge how it went."
)

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


@app.command(epilog="Example: kit zomato evening --seed 7 --kills 120,340")
def evening(
    seed: int = SEED_OPTION,
    schedule: Annotated[
        str | None,
        typer.Option(help="Faults, as `360s:down:gateway`; else the seed's.", show_default=False),
    ] = None,
    kills: Annotated[
        str | None,
        typer.Option(help="Points at which the order process dies, or none.", show_default=False),
    ] = None,
    mistake: Annotated[str, typer.Option(help="One of those of `kit run zomato/storm`.")] = "",
    as_json: bool = JSON_OPTION,
) -> None:
    """Let one evening pass in bad weather, and look at the money; exit code 1 if it went wrong."""
    from chapters.transaction import chosen_address
    from zomato.storm import trials

    tried = trials.read(seed, schedule, kills, address=chosen_address())
    found = trials.evening(tried, mistake)
    if as_json:
        say_json(asdict(found))
    else:
        say(f"{found.orders} orders, {found.delivered} delivered; {found.points} points to die at")
        for line in found.broken or ("thirteen invariants held after every step",):
            say(f"{'✘' if found.broken else '✔'} {line}", "red" if found.broken else "green")
        say(f"fingerprint {found.digest}")
    if found.broken:
        raise typer.Exit(1)


@app.command(epilog='Example: kit zomato search "chiken biriyani" --near 12.97,77.59 --at 21:30')
def search(
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="[TEXT]", help="What to eat; else whatever is near.", show_default=False
        ),
    ] = None,
    near: Annotated[
        str, typer.Option(metavar="LAT,LON", help="Where you are; else the middle of the city.")
    ] = "",
    at: Annotated[str, typer.Option(help="21:30, or 2026-11-27T21:30; else now.")] = "",
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Restaurants of a file; else a made-up city.")
    ] = None,
    cuisine: Annotated[str, typer.Option(help="This one only.")] = "",
    veg: Annotated[bool, typer.Option("--veg", help="With something vegetarian.")] = False,
    is_open: Annotated[bool, typer.Option("--open", help="Open at that time only.")] = False,
    stars: Annotated[float, typer.Option(help="At least so many.")] = 0.0,
    cost: Annotated[float | None, typer.Option(help="At most, for two, in rupees.")] = None,
    count: Annotated[int, typer.Option(min=1, max=100, help="How many are shown.")] = 10,
    restaurants: Annotated[int, typer.Option(min=1, max=20_000, help="Of a made-up city.")] = 2_000,
    seed: int = SEED_OPTION,
    as_json: bool = JSON_OPTION,
) -> None:
    """Search for restaurants, and say why each is where it is; without anything, a demonstration."""
    from zomato.search import story

    if not (text or near or at or csv or cuisine or as_json):
        story.demo(seed=seed, restaurants=restaurants)
        return
    words = {
        "q": text or "", "near": near, "at": at, "cuisine": cuisine, "veg": "yes" if veg else "",
        "open": "yes" if is_open else "", "stars": f"{stars}", "count": f"{count}",
        "cost": "" if cost is None else f"{cost}",
    }  # fmt: skip
    desk, read = _desk(csv, restaurants, seed)
    found = desk.find(words)
    if as_json:
        say_json(found | read)
    else:
        _show_found(found, read)


def _desk(csv: Path | None, restaurants: int, seed: int) -> "tuple[Desk, dict[str, Any]]":
    """What can be asked, and what was read of a file."""
    import time

    from zomato.catalog.files import read
    from zomato.search import story

    if csv is None:
        return story.desk_of(story.town(seed, restaurants).restaurants, time.time_ns()), {}
    loaded = read(csv)
    told = [f"{count:,} times: {field} {why}" for (_, field, why), count in loaded.counts.items()]
    facts = {"rows": loaded.rows, "refused": loaded.refused, "told": told}
    return story.desk_of(loaded.restaurants.values(), time.time_ns()), {"file": facts}


def _show_found(found: "dict[str, Any]", read: "dict[str, Any]") -> None:
    if file := read.get("file"):
        say(f"{file['rows'] - file['refused']:,} of {file['rows']:,} rows read")
        for line in file["told"]:
            say(line, "dim")
        say("files have no menus: --veg finds nobody", "dim")
    only = "".join(f", {each} only" for each in found["only"])
    say(f"searched for: {found['searched'] or 'whatever is near'}{only}")
    for number, each in enumerate(found["found"], 1):
        rating = f"{each['stars']:.2f} of {each['votes']}" if each["votes"] else "not rated"
        line = f"{number:2} {each['name']:26.26} {each['metres'] / 1000:4.1f} km  {rating:12}"
        say(f"{line} {each['hours']}", "" if each["is_open"] else "dim")
        why = "  ".join(f"{name} {part:.2f}" for name, part in each["why"].items())
        say(f"   {each['score']:.3f} =  {why}", "dim")
        if each["dishes"]:
            say(f"   {', '.join(each['dishes'])}", "dim")
    if not found["found"]:
        say("nothing within 7 km; ask for less, or elsewhere")


@app.command(hidden=True)
def track() -> None:
    """Be the gateway of `kit serve zomato`, where orders are followed."""
    from zomato.app import track as run

    run()


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
