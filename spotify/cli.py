"""Spotify's own commands: `kit spotify …`, from a folder of music to albums that can be played.

Page: docs/spotify/ingest.md
"""

from pathlib import Path
from typing import Annotated

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

app = typer.Typer(no_args_is_help=True, help="Albums: from a folder to the player.")

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="A folder of music.", show_default=False)
]
Library = Annotated[
    Path | None,
    typer.Option("--library", envvar="KIT_MUSIC", help="Where albums are kept.", show_default=False),
]  # fmt: skip


@app.command(epilog="Example: kit spotify ingest ~/Music")
def ingest(
    folder: Folder,
    library: Library = None,
    workers: int = WORKERS_OPTION,
    as_json: bool = JSON_OPTION,
) -> None:
    """Encode and publish a folder of music; killed, it goes on where it was."""
    from dataclasses import asdict

    from spotify.ingest.folder import ingest as run
    from spotify.places import library_folder

    with progress("albums", None, quiet=as_json) as told:
        report = run(
            folder,
            library or library_folder(),
            workers=workers,
            on_progress=lambda _, done, total: told(done=done, what=f"albums, {done} of {total}"),
        )
    if as_json:
        say_json(asdict(report))
        return
    say(
        f"{report.albums} albums with {report.tracks} tracks; {report.unchanged} were there already"
    )
    for file, at, why in report.refused:
        say(f"refused: {file}: {why} (byte {at})", "yellow")
    next_commands(["kit serve spotify", "kit spotify albums"])


@app.command(epilog="Example: kit spotify albums --json")
def albums(library: Library = None, as_json: bool = JSON_OPTION) -> None:
    """List what can be played."""
    from spotify.catalogue.library import albums as published
    from spotify.places import library_folder

    found = published(library or library_folder())
    if as_json:
        say_json(
            [
                {
                    "id": each.id,
                    "artist": each.artist,
                    "title": each.title,
                    "tracks": len(each.tracks),
                }
                for each in found
            ]
        )
        return
    if not found:
        say("no album yet; kit spotify ingest DIR adds some, kit serve spotify makes seven")
        return
    shown = table("artist", "album", "year", "tracks", "min", "measured kbit/s")
    for each in found:
        minutes = sum(track.duration_ms for track in each.tracks) / 60_000
        rates = ", ".join(
            f"{r.kbps:.0f}" for r in each.tracks[0].renditions if r.name.startswith("opus")
        )
        shown.add_row(
            each.artist,
            each.title,
            f"{each.year or ''}",
            f"{len(each.tracks)}",
            f"{minutes:.1f}",
            rates,
        )
    console().print(shown)


@app.command(epilog="Example: kit spotify quarantine")
def quarantine(library: Library = None, as_json: bool = JSON_OPTION) -> None:
    """List the files that the last ingest refused, and why."""
    from spotify.ingest.folder import quarantine as refused
    from spotify.places import library_folder

    found = refused(library or library_folder())
    if as_json:
        say_json([{"file": file, "byte": at, "reason": why} for file, at, why in found])
        return
    if not found:
        say("the last ingest refused nothing")
    for file, at, why in found:
        say(f"{file}: {why} (byte {at})")


@app.command(hidden=True)
def part(name: str) -> None:
    """Be the origin or an edge of `kit serve spotify`."""
    from spotify.app import part as run

    run(name)
