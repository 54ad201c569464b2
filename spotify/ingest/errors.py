"""What can be wrong with a file of music.

    KitError
    └── Definite
        ├── BadOgg          an Ogg file that breaks; says at which byte
        └── spotify.errors.BadAudio   any file that cannot be used

Page: docs/spotify/ingest.md
"""

from chapters.errors import Definite


class BadOgg(Definite):
    """An Ogg file is damaged at `offset`."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(f"byte {offset}: {reason}")
        self.offset = offset
