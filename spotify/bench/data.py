"""Where measurements find real titles and real listeners: in the folder that KIT_DATA names.

Page: docs/spotify/speed.md
"""

import os
from pathlib import Path

HOW = "set KIT_DATA to a folder with spotify/song_titles.tsv and spotify/user_artists.dat (HetRec 2011)"


def found(name: str) -> Path | None:
    """Return a file of real data, if there is one."""
    place = Path(os.environ.get("KIT_DATA", "")) / "spotify" / name
    return place if os.environ.get("KIT_DATA") and place.is_file() else None
