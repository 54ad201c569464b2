"""Netflix's own commands: `kit netflix …`, from a video file to a title that can be played.

Page: docs/netflix/ingest.md
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapters.commands.screen import (
    JSON_OPTION,
    WORKERS_OPTION,
    console,
    next_commands,
    progress,
    say,
    say_json,
    table,
)

if TYPE_CHECKING:
    from netflix.encode.ladder import Point
    from netflix.package.published import Published

app = typer.Typer(no_args_is_help=True, help="Titles: from a file to the player.")

WORDS = {"read": "reading", "measure": "measuring qualities", "encode": "encoding"}

File = Annotated[Path, typer.Argument(metavar="FILE", help="A video file.", show_default=False)]
Library = Annotated[
    Path | None,
    typer.Option("--library", envvar="KIT_LIBRARY", help="Where titles are kept.", show_default=False),
]  # fmt: skip
Service = Annotated[str, typer.Option("--url", help="Where `kit serve netflix` is.")]
FILL_S_MAX = 30.0
SERVICE = "http://127.0.0.1:9100"
Height = Annotated[int, typer.Option("--height", min=16, help="No rung is higher than this.")]


@app.command(
    epilog="Examples: kit netflix ingest holiday.mp4 · kit netflix ingest film.mkv --ladder hull"
)
def ingest(
    file: File,
    name: Annotated[
        str, typer.Option(help="For people; else the file's.", show_default=False)
    ] = "",
    genres: Annotated[str, typer.Option(help="Separated by commas.")] = "Home video",
    ladder: Annotated[str, typer.Option(help="fixed, or hull: measured for this title.")] = "fixed",
    height: Height = 720,
    encrypt: Annotated[bool, typer.Option("--encrypt", help="With ClearKey (cenc).")] = False,
    library: Library = None,
    workers: int = WORKERS_OPTION,
    as_json: bool = JSON_OPTION,
) -> None:
    """Encode, package and publish a video file; killed, it goes on where it was."""
    from random import SystemRandom

    from netflix.adding import add
    from netflix.places import library_folder, secret_of

    kept = library or library_folder()
    with _phases(quiet=as_json) as on_progress:
        published, notes = add(
            file,
            kept,
            name=name,
            genres=tuple(word.strip() for word in genres.split(",") if word.strip()),
            ladder=ladder,
            height_max=height,
            secret=secret_of(kept, rng=SystemRandom()) if encrypt else b"",
            workers=workers,
            on_progress=on_progress,
        )
    if as_json:
        say_json({"title": published.title, "notes": notes, "tracks": _facts(published)})
        return
    for note in notes:
        say(note)
    _show(published)
    next_commands(["kit serve netflix", "kit netflix titles"])


@app.command(epilog="Example: kit netflix probe holiday.mp4")
def probe(file: File, as_json: bool = JSON_OPTION) -> None:
    """Say what a video file is, and what ingest would do to it."""
    from fractions import Fraction

    from netflix.encode.ingest import HEIGHT_MAX, notes, shown_size
    from netflix.encode.probe import probe as look

    found = look(file)
    width, height = shown_size(found, HEIGHT_MAX)
    remarks = list(notes(found, width, height, Fraction(found.duration_s)))
    if as_json:
        facts = {"width": found.width, "height": found.height, "rate": str(found.rate)}
        more = {"duration_s": found.duration_s, "codec": found.codec, "audio": found.audio}
        say_json({**facts, **more, "notes": remarks})
        return
    sound = f"{found.audio} sound" if found.audio else "no sound"
    say(f"{found.width}x{found.height}, {float(found.rate):g} frames/s, {found.duration_s:.2f} s")
    say(f"{found.codec} picture, {sound}")
    for remark in remarks:
        say(remark)


@app.command(epilog="Example: kit netflix ladder holiday.mp4 --height 360 --svg hull.svg")
def ladder(
    file: File,
    height: Height = 360,
    library: Library = None,
    workers: int = WORKERS_OPTION,
    svg: Annotated[Path | None, typer.Option("--svg", help="Draw them into this file.")] = None,
    as_json: bool = JSON_OPTION,
) -> None:
    """Measure qualities of a title, and choose its rungs from their hull."""
    from netflix.adding import measured
    from netflix.encode.ladder import choose, hull
    from netflix.places import chunks_folder, library_folder

    kept = chunks_folder(library or library_folder())
    with _phases(quiet=as_json) as on_progress:
        points = measured(file, kept, height_max=height, workers=workers, on_progress=on_progress)
    best = hull(points)
    rungs = choose(best)
    if svg is not None:
        _draw(points, best, rungs, svg)
    if as_json:
        say_json([_point(each) | {"hull": each in best, "rung": each in rungs} for each in points])
        return
    shown = table("kbit/s", "VMAF", "height", "CRF", "")
    for each in sorted(points, key=lambda point: point.kbps):
        place = "rung" if each in rungs else "hull" if each in best else ""
        quality = each.quality
        measured_as = f"{each.kbps:,.0f}", f"{each.vmaf:.1f}"
        shown.add_row(*measured_as, f"{quality.height}", f"{quality.crf}", place)
    console().print(shown)


def _draw(points: "list[Point]", best: "list[Point]", rungs: "list[Point]", svg: Path) -> None:
    """Draw each height's qualities, the hull above them, and the rungs on it."""
    from chapters.errors import UsageError
    from chapters.measure import plot
    from chapters.sim.promises import Series

    def series(name: str, own: "list[Point]") -> Series:
        ordered = sorted((each.kbps, each.vmaf) for each in own)
        return Series(name, "VMAF", tuple(ordered))

    heights = sorted({each.quality.height for each in points})
    drawn = [
        series(f"{h}p", [each for each in points if each.quality.height == h]) for h in heights
    ]
    axes = plot.Axes("Qualities, their hull, and the rungs on it", "kbit/s", "VMAF", x_log=True)
    chart = plot.lines(axes, *drawn, series("hull", best), series("rungs", rungs))
    try:
        svg.write_text(chart, "utf-8")
    except OSError as error:
        raise UsageError(f"{svg}: {error.strerror}; choose another place with --svg") from None


@app.command(epilog="Example: kit netflix titles --json")
def titles(library: Library = None, as_json: bool = JSON_OPTION) -> None:
    """List what can be played."""
    from netflix.package.published import library as published_in
    from netflix.places import library_folder

    found = published_in(library or library_folder())
    if as_json:
        say_json(
            [{"title": each.title, "name": each.name, "tracks": _facts(each)} for each in found]
        )
        return
    if not found:
        say("no title yet; kit netflix ingest FILE adds one, kit serve netflix makes six")
    for each in found:
        _show(each)


@app.command(epilog="Example: kit serve netflix, and in another window: kit netflix fill")
def fill(url: Service = SERVICE, as_json: bool = JSON_OPTION) -> None:
    """Fill the edges of a running service with what its viewers will want, as the night does."""
    from chapters.portal.parts import ask

    told = ask(f"{url.rstrip('/')}/api/fill", {}, FILL_S_MAX)["edges"]
    if as_json:
        say_json(told)
        return
    shown = table("edge", "had", "fetches", "bytes")
    for each in told:
        shown.add_row(each["name"], f"{each['had']}", f"{each['files']}", f"{each['bytes']:,}")
    console().print(shown)


@app.command(epilog="Example: kit netflix chaos --kills 5 --every 6")
def chaos(
    url: Service = SERVICE,
    kills: Annotated[int, typer.Option(min=1, help="How many edges, one after the other.")] = 3,
    every: Annotated[float, typer.Option(min=1.0, help="Seconds between two.")] = 10.0,
    dead: Annotated[float, typer.Option("--for", min=0.0, help="Seconds it stays dead.")] = 5.0,
    seed: Annotated[int, typer.Option(help="Which ones.")] = 7,
) -> None:
    """Kill edges of a running service by chance, never the last, and let each come back."""
    from netflix.resilience.app import rampage

    for line in rampage(url, kills=kills, every_s=every, dead_s=dead, seed=seed):
        say(line)


@app.command(hidden=True)
def part(name: str) -> None:
    """Be the origin or an edge of `kit serve netflix`."""
    from netflix.app import part as run

    run(name)


@contextmanager
def _phases(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each phase of an encode, one after the other."""
    with ExitStack() as stack:
        now = {"what": ""}
        told: list[Callable[..., None]] = []

        def on_progress(what: str, done: int, total: int) -> None:
            if what != now["what"]:
                stack.close()
                now["what"] = what
                told[:] = [stack.enter_context(progress(WORDS[what], total or None, quiet=quiet))]
            told[0](done=done)

        yield on_progress


def _show(published: "Published") -> None:
    lock = ", encrypted" if published.key_id else ""
    say(f"{published.title}: {published.name}, {published.duration_s:.1f} s{lock}", "bold")
    shown = table("track", "codec", "size", "mean kbit/s", "peak", "segments")
    for track in published.tracks:
        size = f"{track.width}x{track.height}" if track.width else ""
        rates = f"{track.mean_bps / 1000:,.0f}", f"{track.peak_bps / 1000:,.0f}"
        shown.add_row(track.name, track.codec, size, *rates, f"{len(track.segments)}")
    console().print(shown)


def _facts(published: "Published") -> list[dict[str, object]]:
    return [
        {
            "name": track.name,
            "codec": track.codec,
            "mean_bps": track.mean_bps,
            "height": track.height,
        }
        for track in published.tracks
    ]


def _point(point: "Point") -> dict[str, object]:
    quality = point.quality
    return {"kbps": point.kbps, "vmaf": point.vmaf, "height": quality.height, "crf": quality.crf}
