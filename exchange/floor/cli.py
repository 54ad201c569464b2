"""The floor's commands: `kit exchange load` and `kit run exchange/floor`.

Page: docs/exchange/regimes.md
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from chapters.commands.screen import JSON_OPTION, SEED_OPTION, console, progress, say, say_json
from exchange.floor.regimes import REGIMES, regime_named

if TYPE_CHECKING:
    from rich.text import Text

    from chapters.sim.real import WallClock
    from exchange.floor.screen import Frame, Line

STYLES = {"": "", "buy": "cyan", "sell": "red", "strong": "bold", "faint": "dim"}
FRAMES_IN_A_PIPE = 3

Mood = Annotated[str, typer.Option("--regime", help=f"The traders' mood: {', '.join(REGIMES)}.")]


def load(
    address: Annotated[str, typer.Argument(metavar="URL", help="Of a running exchange.")],
    regime: Mood = "calm",
    per_second: Annotated[float, typer.Option(min=0.1, max=20_000, help="In the mean.")] = 200.0,
    seconds: Annotated[float, typer.Option(min=0.1, max=3_600)] = 10.0,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Requests at a time.")] = 64,
    seed: int = SEED_OPTION,
    as_json: bool = JSON_OPTION,
) -> None:
    """Send a regime's orders to a running exchange when they are due, and time the answers.

    The regime's cycle lasts `--seconds`. Ends with 1 when a request was not answered.
    """
    from chapters.sim.real import WallClock
    from exchange.floor.crowd import Flow
    from exchange.floor.load import drive, report, told

    flow = Flow(regime_named(regime).within(seconds), seed, per_second)
    with progress(f"{regime}, {seconds:g} s", 100) as shown:
        sent = drive(
            *(address, flow, seconds), clock=WallClock(), workers=workers,
            on_progress=lambda share: shown(done=round(100 * share)),
        )  # fmt: skip
    if as_json:
        say_json({"regime": regime, **report(flow, sent)})
    else:
        for line in told(sent):
            say(line)
    if sent.load.failed:
        raise typer.Exit(1)


def floor(
    regime: Mood = "news",
    per_second: Annotated[float, typer.Option(min=0.1, max=5_000, help="In the mean.")] = 200.0,
    seconds: Annotated[float, typer.Option(min=1, max=3_600, help="The regime's cycle.")] = 20.0,
    seed: int = SEED_OPTION,
    still: Annotated[
        bool, typer.Option("--still", help="A few frames at once, as into a pipe.")
    ] = False,
    url: Annotated[
        str, typer.Option("--url", help="Watch this exchange instead.", show_default=False)
    ] = "",
) -> None:
    """Watch a market in the terminal: depth, trades, price. Into a pipe go a few frames of it."""
    from chapters.sim.real import WallClock
    from exchange.floor.crowd import Flow
    from exchange.floor.screen import asked, watched

    flow = Flow(regime_named(regime).within(seconds), seed, per_second)
    clock = WallClock()
    frames = asked(url, seconds, clock=clock) if url else watched(flow, regime, seconds)
    screen = console()
    if screen.is_terminal and not still:
        _live(frames, clock)
    else:
        _some(frames, seconds, screen.width)


def _live(frames: "Iterator[Frame]", clock: "WallClock") -> None:
    from rich.live import Live

    from chapters.sim.clock import S
    from exchange.floor.screen import draw

    start_ns = clock.now_ns()
    with Live(auto_refresh=False) as live:
        for frame in frames:
            clock.sleep_until(start_ns + round(frame.at_s * S))
            live.update(_text(draw(frame, live.console.width)), refresh=True)


def _some(frames: "Iterator[Frame]", seconds: float, width: int) -> None:
    from exchange.floor.screen import draw

    due = [seconds * part / FRAMES_IN_A_PIPE for part in range(1, FRAMES_IN_A_PIPE + 1)]
    for frame in frames:
        if due and frame.at_s >= due[0] - 1e-9:
            due.pop(0)
            for line in draw(frame, width):
                typer.echo("".join(text for text, _ in line).rstrip())
            typer.echo()


def _text(lines: "Sequence[Line]") -> "Text":
    from rich.text import Text

    return Text("\n").join(
        Text.assemble(*((text, STYLES[style]) for text, style in line)) for line in lines
    )
