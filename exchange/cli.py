"""The exchange's own commands: `kit exchange …`, and `kit run exchange/replay`.

Page: docs/exchange/order-flow.md
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from chapters.commands.screen import (
    JSON_OPTION,
    SEED_OPTION,
    console,
    progress,
    say,
    say_json,
    table,
)
from exchange.floor import cli as floor

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="The exchange's own commands.")

app.command(
    epilog="Example: kit exchange load http://127.0.0.1:8000 --regime news --per-second 300"
)(floor.load)
app.command(epilog="Example: kit run exchange/floor --regime crash --seconds 30")(floor.floor)

Count = Annotated[int, typer.Option(min=1, help="How many messages to generate.")]


@app.command(epilog="Example: kit run exchange/replay --messages 200000 --seed 3")
def replay(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="A flow (.bin, .bin.xz) or LOBSTER messages (.csv).", show_default=False
        ),
    ] = None,
    messages: Count = 200_000,
    seed: int = SEED_OPTION,
    as_json: bool = JSON_OPTION,
) -> None:
    """Match a recorded order flow and print the digest of all that the engine reported."""
    if file is not None and file.suffix == ".csv":
        _predict(file, as_json)
        return
    from random import Random

    from exchange.flow import order_flow
    from exchange.flow.replay import replay as run

    source = order_flow.generate(Random(seed), messages)
    if file is not None:
        messages, source = order_flow.read(file)
    with progress("matching", messages) as told:
        result = run(source, on_progress=lambda done: told(done=done))
    if as_json:
        say_json(asdict(result))
        return
    typer.echo(f"messages  {result.messages:>12,}")
    typer.echo(f"reports   {result.reports:>12,}")
    typer.echo(f"resting   {result.resting:>12,}")
    typer.echo(f"digest    {result.digest}")


@app.command(epilog="Example: kit exchange flow market.bin.xz --messages 1000000")
def flow(
    file: Annotated[Path, typer.Argument(help="Where to write; .xz compresses.")],
    messages: Count = 1_000_000,
    seed: int = SEED_OPTION,
) -> None:
    """Write a generated order flow, in the format of the public matching-engine benchmark."""
    from random import Random

    from exchange.flow import order_flow

    with progress("writing", messages) as told:
        source = order_flow.generate(Random(seed), messages)
        order_flow.write(file, messages, _counted(source, lambda done: told(done=done)))
    typer.echo(f"{file}: {messages:,} messages, {file.stat().st_size:,} bytes")


@app.command(epilog="Example: kit run exchange/day --seed 3 --orders 20000")
def day(
    orders: Annotated[int, typer.Option(help="Messages of the day, 400 or more.")] = 6_000,
    seed: int = SEED_OPTION,
    as_json: bool = JSON_OPTION,
) -> None:
    """Live a day of the market, from pre-open to settled cash; exit code 1 if a promise is broken."""
    from exchange.day import live
    from exchange.day_report import facts, told, verdicts

    passed = live(seed=seed, orders=orders)
    promises = verdicts(passed)
    if as_json:
        say_json({"seed": seed, "orders": orders} | facts(passed))
    else:
        for line in told(passed):
            typer.echo(f"  {line}")
        typer.echo()
        for each in promises:
            typer.echo(f"  {'✔' if each.held else '✘'} {each.promise}: {each.detail}")
    if not all(each.held for each in promises):
        raise typer.Exit(1)


@app.command(epilog="Example: kit run exchange/surveillance --markets 10 --json")
def surveillance(
    markets: Annotated[int, typer.Option(help="Markets that are watched.")] = 3,
    messages: Annotated[
        int, typer.Option(help="Ordinary messages in each, 4,000 or more.")
    ] = 12_000,
    seed: int = SEED_OPTION,
    as_json: bool = JSON_OPTION,
) -> None:
    """Watch markets with planted manipulation; count what is found, missed, and false."""
    from exchange.surveillance import story

    if not as_json:
        story.demo(seed=seed, markets=markets, messages=messages)
        return
    found = story.counted(list(story.watched(seed, markets, messages)))
    say_json([asdict(one) | {"recall": one.recall, "precision": one.precision} for one in found])


@app.command(epilog="Example: KIT_DATABASE=sqlite:///records.db kit exchange project journal/")
def project(
    folder: Annotated[Path, typer.Argument(help="Where an exchange's journal lives.")],
    at_once: Annotated[int, typer.Option(min=1, help="Commands a commit.")] = 512,
) -> None:
    """Write a journal's trades and positions into KIT_DATABASE; called again, it goes on."""
    from exchange.records.asking import read_journal

    written = read_journal(folder, at_once)
    typer.echo(f"{written:,} trades written")


@app.command(epilog="Example: kit exchange ask fails --day 2026-11-27 --json")
def ask(
    what: Annotated[str, typer.Argument(help="positions, trades, fails, settled")],
    account: Annotated[
        int, typer.Option(min=1, max=2**63 - 1, help="Whose positions, or obligations.")
    ] = 21,
    symbol: Annotated[str, typer.Option(help="In which the trades were.")] = "ACME",
    on: Annotated[str, typer.Option("--day", help="2026-11-27; without it, the usual one.")] = "",
    since: Annotated[str, typer.Option("--from", help="HH:MM, in New York.")] = "10:00",
    until: Annotated[str, typer.Option("--until", help="HH:MM.")] = "10:10",
    seed: int = SEED_OPTION,
    as_json: bool = JSON_OPTION,
) -> None:
    """Ask the records in KIT_DATABASE, or those of a day that is made up."""
    from exchange.records.asking import answer

    words = {"account": account, "symbol": symbol, "day": on, "from": since, "until": until}
    rows = answer(what, words, seed=seed)
    if as_json:
        say_json(rows)
    elif not rows:
        typer.echo("  nothing")
    else:
        names = [name for name in rows[0] if name not in ("due", "cash")]  # they are in the JSON
        shown = table(*names)
        for row in rows:
            shown.add_row(*(str(row[name]) for name in names))
        console().print(shown)


@app.command(hidden=True)
def stream() -> None:
    """Be the event stream process of `kit serve exchange`."""
    from exchange.app import feed as run

    run()


Lines = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="239.192.0.1:26400; several lines with commas.")
]
Recovery = Annotated[
    str, typer.Option(help="Where it answers who missed some; else 127.0.0.1, the next port.")
]


@app.command(epilog="Example: kit exchange publish journal-folder --feed 239.192.0.1:26400")
def publish(
    folder: Annotated[
        Path,
        typer.Argument(
            help="The journal's, of an exchange that runs.", exists=True, file_okay=False
        ),
    ],
    feed: Annotated[str, typer.Option(help="The line's address; several with commas.")],
    recovery: Recovery = "",
    beside: Annotated[bool, typer.Option("--beside", hidden=True)] = False,
) -> None:
    """Publish every order of an exchange to a multicast group, as its journal grows."""
    import asyncio

    from chapters.portal.lifetime import end_with_parent
    from exchange.feed.app import publish as run
    from exchange.feed.wire import read_lines, recovery_of

    if beside:
        end_with_parent()
    lines = read_lines(feed, "--feed")
    asyncio.run(run(folder, lines, recovery_of(lines, recovery)))


@app.command(epilog="Example: kit exchange listen 239.192.0.1:26400 --seconds 5")
def listen(
    address: Lines,
    recovery: Recovery = "",
    seconds: Annotated[float, typer.Option(min=0, help="Then stop; 0: go on.")] = 0,
    levels: Annotated[int, typer.Option(min=1, help="Prices a side.")] = 5,
    as_json: bool = JSON_OPTION,
) -> None:
    """Listen to an exchange's feed and show the books that it builds."""
    import asyncio

    from exchange.feed.app import Listening, watch
    from exchange.feed.show import facts, text
    from exchange.feed.wire import read_lines, recovery_of

    lines = read_lines(address, "ADDRESS")
    listening = Listening(lines, recovery_of(lines, recovery))
    show = (lambda: None) if as_json else lambda: typer.echo(text(listening.subscriber, levels))
    asyncio.run(watch(listening, seconds, show))
    if as_json:
        say_json(facts(listening.subscriber, levels))


@app.command(epilog="Example: kit exchange takeover --seed 7 --mistake own-disk")
def takeover(
    seed: int = SEED_OPTION,
    schedule: Annotated[
        str | None,
        typer.Option(help="Faults, as `500ms:kill:a`; else the seed's.", show_default=False),
    ] = None,
    machines: Annotated[int, typer.Option(min=0, max=3, help="2 or 3; 0: the seed's.")] = 0,
    copies: Annotated[
        int, typer.Option(min=0, help="Disks that must have an order; 0: the seed's.")
    ] = 0,
    mistake: Annotated[str, typer.Option(help="One of those of `kit run exchange/storm`.")] = "",
    transcript: Annotated[bool, typer.Option(help="Say what happened, step by step.")] = False,
    as_json: bool = JSON_OPTION,
) -> None:
    """Let one round of bad weather pass over primary and standby; exit code 1 if it went wrong."""
    from exchange.storm import trials

    found = trials.played(trials.read(seed, schedule, machines, copies), mistake)
    if as_json:
        say_json({**asdict(found), "transcript": found.transcript if transcript else []})
    else:
        for line in found.transcript if transcript else ():
            say(line)
        say(f"{found.acknowledged} orders acknowledged in {found.epochs} epochs")
        for line in found.broken or ("all invariants held at every step",):
            say(f"{'✘' if found.broken else '✔'} {line}", "red" if found.broken else "green")
        say(f"fingerprint {found.digest}")
    if found.broken:
        raise typer.Exit(1)


@app.command(hidden=True)
def station(
    name: str,
    folder: Path,
    ports: Annotated[str, typer.Option(help="giver=7001,a=7002,b=7003")],
    pace: Annotated[str, typer.Option(help="Settings, as JSON.")] = "{}",
    fix_port: Annotated[int, typer.Option(help="FIX, while primary; 0: none.")] = 0,
    fix_accounts: Annotated[str, typer.Option(help="CompID=account, …")] = "",
) -> None:
    """Be one machine of an exchange with standbys, or `giver` (`break failover`)."""
    from exchange.standby.app import station as run

    run(name, folder, ports, pace, fix_port, fix_accounts)


@app.command(hidden=True)
def burst(folder: Path, seed: int = SEED_OPTION, first: int = 0) -> None:
    """Enter orders as fast as they are journalled, saying so after each batch (`break kill`)."""
    from exchange.breaking.killing import burst as run

    for line in run(folder, seed=seed, first=first):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _predict(file: Path, as_json: bool) -> None:
    from exchange.flow.lobster import predict

    result = predict(file)
    if as_json:
        say_json(asdict(result))
    else:
        typer.echo(f"next books predicted exactly: {result.exact} of {result.steps}")
        if result.first_miss is not None:
            typer.echo(f"first miss: row {result.first_miss}")
    if result.exact != result.steps:
        raise typer.Exit(1)


def _counted(items: Iterable[T], advance: Callable[[int], None]) -> Iterator[T]:
    for done, item in enumerate(items, start=1):
        if done % 10_000 == 0:
            advance(done)
        yield item
