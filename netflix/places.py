"""Where titles and encoded chunks are kept on this machine.

    KIT_LIBRARY, or ~/.cache/kit/netflix/library     published titles, a folder each
    library-chunks                                    what the encoder need not make again
    library-secret                                    what content keys are derived from

Page: docs/netflix/ingest.md
"""

import os
from pathlib import Path
from random import Random

from chapters.new_file import drawn_once

VARIABLE = "KIT_LIBRARY"
SECRET_BYTES = 32


def library_folder() -> Path:
    """Return the folder of published titles; it may not be there yet."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path.home() / ".cache" / "kit" / "netflix" / "library"


def chunks_folder(library: Path) -> Path:
    """Return the folder of encoded chunks that belongs to a library."""
    return library.with_name(f"{library.name}-chunks")


def secret_of(library: Path, *, rng: Random) -> bytes:
    """Return the secret of a library, drawn from `rng` on first use; nobody else may read its file."""
    return drawn_once(library.with_name(f"{library.name}-secret"), SECRET_BYTES, rng=rng)
