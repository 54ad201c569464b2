"""Where measurements find real titles and real listeners: in the folder that KIT_DATA names.

Page: docs/spotify/speed.md
"""

import os
from pathlib import Path

from chapters.recommend.interactions import Interactions, gather

HOW = "set KIT_DATA to a folder with spotify/song_titles.tsv and spotify/user_artists.dat (HetRec 2011)"


def found(name: str) -> Path | None:
    """Return a file of real data, if there is one."""
    place = Path(os.environ.get("KIT_DATA", "")) / "spotify" / name
    return place if os.environ.get("KIT_DATA") and place.is_file() else None


def heard() -> Interactions | None:
    """Return who heard which artist on Last.fm, if that is there; the times are not in the file."""
    path = found("user_artists.dat")
    if path is None:
        return None
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    return gather([(user, artist, 0) for user, artist, *_ in rows])
