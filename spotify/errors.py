"""What Spotify answers when it does not do what was asked; each section has finer ones.

    KitError
    ├── Definite
    │   ├── Refused      a status of HTTP, and one line: nothing was changed, nothing is played
    │   ├── BadAudio     the file cannot be used; says where in it, and why
    │   ├── NoFfmpeg     FFmpeg is not there
    │   └── Unreachable  nobody answered: ask another edge, or the origin
    └── UsageError       the words of the call are wrong

Page: docs/spotify/index.md
"""

from pathlib import Path

from chapters.errors import Definite, Refused, Unreachable

__all__ = ["BadAudio", "NoFfmpeg", "Refused", "Unreachable"]


class BadAudio(Definite):
    """A file that is not audio, or not all of it: `offset` is the byte up to which it could be read."""

    def __init__(self, path: Path, offset: int, reason: str) -> None:
        super().__init__(f"{path}: {reason} (byte {offset})")
        self.path, self.offset, self.reason = path, offset, reason

    def __reduce__(self) -> tuple[type["BadAudio"], tuple[Path, int, str]]:
        return BadAudio, (self.path, self.offset, self.reason)


class NoFfmpeg(Definite):
    """FFmpeg is not there, or did not do what it was told; says what it said."""
