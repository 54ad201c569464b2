"""Where music and accounts are kept on this machine.

    KIT_MUSIC, or ~/.cache/kit/spotify/library     published albums, a folder each
    library-secret                                   what addresses are signed with
    library-studio                                   the computed music, as FLAC

Page: docs/spotify/ingest.md
"""

import os
from pathlib import Path
from random import Random

from chapters.new_file import drawn_once

VARIABLE = "KIT_MUSIC"
SECRET_BYTES = 32


def library_folder() -> Path:
    """Return the folder of published albums; it may not be there yet."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path.home() / ".cache" / "kit" / "spotify" / "library"


def studio_folder(library: Path) -> Path:
    """Return the folder of the computed music."""
    return library.with_name(f"{library.name}-studio")


def secret_of(library: Path, *, rng: Random) -> bytes:
    """Return the secret of a library, drawn from `rng` on first use; nobody else may read its file."""
    return drawn_once(library.with_name(f"{library.name}-secret"), SECRET_BYTES, rng=rng)
