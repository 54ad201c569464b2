"""Where music and accounts are kept on this machine.

    KIT_MUSIC, or ~/.cache/kit/spotify/library     published albums, a folder each
    library-secret                                   what addresses are signed with
    library-studio                                   the computed music, as FLAC

Page: docs/spotify/ingest.md
"""

import os
from pathlib import Path
from random import Random

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
    path = library.with_name(f"{library.name}-secret")
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(rng.randbytes(SECRET_BYTES))
        draft.replace(path)
    return path.read_bytes()
