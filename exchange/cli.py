"""The exchange's own commands: `kit exchange …`, and `kit run exchange/replay`.

Page: docs/exchange/order-flow.md
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from chapters.commands.screen import progress
from exchange.floor import cli as floor

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="The exchange's own commands.")

app.command(
    epilog="Example: kit exchange load http://127.0.0.1:8000 --regime news --per-second 300"
)(floor.load)
app.command(epilog="Example: kit run exchange/floor --regime crash --seconds 30")(floor.floor)

Seed = Annotated[int, typer.Option(help="Draws the generated flow.")]
JSON = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
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
    seed: Seed = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Match a recorded order flow and print the digest of all that the engine reported."""
    if file is not None and file.suffix == ".csv":
        _predict(file, as_json)
        return
    from random import Random

    from exchange import order_flow
    from exchange.replay import replay as run

    source = order_flow.generate(Random(seed), messages)
    if file is not None:
        messages, source = order_flow.read(file)
    with progress("matching", messages) as told:
        result = run(source, on_progress=lambda done: told(done=done))
    if as_json:
        typer.echo(json.dumps(asdict(result)))
        return
    typer.echo(f"messages  {result.messages:>12,}")
    typer.echo(f"reports   {result.reports:>12,}")
    typer.echo(f"resting   {result.resting:>12,}")
    typer.echo(f"digest    {result.digest}")


@app.command(epilog="Example: kit exchange flow market.bin.xz --messages 1000000")
def flow(
    file: Annotated[Path, typer.Argument(help="Where to write; .xz compresses.")],
    messages: Count = 1_000_000,
    seed: Seed = 7,
) -> None:
    """Write a generated order flow, in the format of the public matching-engine benchmark."""
    from random import Random

    from exchange import order_flow

    with progress("writing", messages) as told:
        source = order_flow.generate(Random(seed), messages)
        order_flow.write(file, messages, _counted(source, lambda done: told(done=done)))
    typer.echo(f"{file}: {messages:,} messages, {file.stat().st_size:,} bytes")


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
    as_json: JSON = False,
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
        typer.echo(json.dumps(facts(listening.subscriber, levels)))


@app.command(hidden=True)
def burst(folder: Path, seed: Seed = 7, first: int = 0) -> None:
    """Enter orders as fast as they are journalled, saying so after each batch (`break kill`)."""
    from exchange.breaking.killing import burst as run

    for line in run(folder, seed=seed, first=first):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _predict(file: Path, as_json: bool) -> None:
    from exchange.lobster import predict

    result = predict(file)
    if as_json:
        typer.echo(json.dumps(asdict(result)))
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
