"""One title at one quality: what the encoder hands to the packager.

    v360/  chunk 0.mp4 │ chunk 1.mp4 │ chunk 2.mp4      each begins with a key frame and refers to
           0 s         4 s           8 s                 nothing outside itself

Invariant: the chunks of all video renditions of a title are cut at the same frames, so a player may
change quality at any of them. Page: docs/netflix/encode.md
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["video", "audio"]


@dataclass(frozen=True, slots=True)
class Rendition:
    """A title at one quality, as MP4 files in the order of time; `name` is its folder: v360, a96."""

    name: str
    kind: Kind
    width: int  # pixels; 0 for audio
    height: int
    chunks: tuple[Path, ...]
