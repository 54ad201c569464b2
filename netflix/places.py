"""Where titles and encoded chunks are kept on this machine.

    KIT_LIBRARY, or ~/.cache/kit/netflix/library     published titles, a folder each
    library-chunks                                    what the encoder need not make again
    library-secret                                    what content keys are derived from

Page: docs/netflix/ingest.md
"""

import os
from pathlib import Path
from random import Random

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
    path = library.with_name(f"{library.name}-secret")
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(rng.randbytes(SECRET_BYTES))
        draft.replace(path)
    return path.read_bytes()
