"""The floor's commands: `kit exchange load` and `kit exchange floor`. Page: docs/exchange/regimes.md"""

import json
from typing import Annotated

import typer

from exchange.floor.regimes import REGIMES, regime_named

Mood = Annotated[str, typer.Option("--regime", help=f"The traders' mood: {', '.join(REGIMES)}.")]
Seed = Annotated[int, typer.Option(min=0, help="Draws the traders.")]


def load(
    address: Annotated[str, typer.Argument(metavar="URL", help="Of a running exchange.")],
    regime: Mood = "calm",
    per_second: Annotated[float, typer.Option(min=0.1, max=20_000, help="In the mean.")] = 200.0,
    seconds: Annotated[float, typer.Option(min=0.1, max=3_600)] = 10.0,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Requests at a time.")] = 64,
    seed: Seed = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Send a regime's orders to a running exchange when they are due, and time the answers.

    The regime's cycle lasts `--seconds`. Ends with 1 when a request was not answered.
    """
    from chapters.sim.real import WallClock
    from exchange.floor.crowd import Flow
    from exchange.floor.load import drive, report, told

    flow = Flow(regime_named(regime).within(seconds), seed, per_second)
    sent = drive(address, flow, seconds, clock=WallClock(), workers=workers)
    if as_json:
        typer.echo(json.dumps({"regime": regime, **report(flow, sent)}))
    else:
        for line in told(sent):
            typer.echo(f"  {line}")
    if sent.load.failed:
        raise typer.Exit(1)
