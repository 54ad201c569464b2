"""The music that `kit serve spotify` begins with: composed, encoded and published on first use.

Page: docs/spotify/studio.md
"""

from collections.abc import Callable
from pathlib import Path

from spotify.catalogue.library import FACTS
from spotify.catalogue.track import id_of
from spotify.ingest.folder import ingest
from spotify.places import studio_folder
from spotify.studio.repertoire import RECORDS, write


def ensure(
    library: Path,
    on_progress: Callable[[str, int, int], object] = lambda *words: None,
    workers: int = 2,
) -> None:
    """Publish the computed albums that are not there yet; whatever is interrupted, each is whole."""
    missing = tuple(
        record
        for record in RECORDS
        if not (
            library / id_of("album", record.artist.casefold(), record.title.casefold()) / FACTS
        ).is_file()
    )
    if not missing:
        return
    studio = studio_folder(library)
    write(
        studio, records=missing, on_progress=lambda title, *_: on_progress(f"playing {title}", *_)
    )
    ingest(
        studio,
        library,
        workers=workers,
        on_progress=lambda _, done, total: on_progress("albums are encoded", done, total),
    )
