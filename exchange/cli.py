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
def feed() -> None:
    """Be the event stream process of `kit serve exchange`."""
    from exchange.app import feed as run

    run()


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
