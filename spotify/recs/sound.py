"""Tracks that sound alike: near each other in energy, brightness, tempo and liveliness.

    vector = (energy, brightness, log tempo, liveliness), scaled by how much each differs here

It needs no listener, so it works for a track that came out this morning. Page: docs/spotify/radio.md
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spotify.catalogue.track import Track

NAMES = ("energy", "brightness", "tempo", "liveliness")


def alike(track: Track, tracks: Sequence[Track], count: int) -> list[Track]:
    """Return the tracks that sound most like one, the nearest first, without its other recordings."""
    others = [
        each
        for each in tracks
        if each.id != track.id and not (each.isrc and each.isrc == track.isrc)
    ]
    if not others:
        return []
    rows = _vectors([track, *others])
    distances = np.sqrt(((rows[1:] - rows[0]) ** 2).sum(axis=1))
    order = sorted(range(len(others)), key=lambda place: (distances[place], others[place].id))
    return [others[place] for place in order[:count]]


def _vectors(tracks: Sequence[Track]) -> NDArray[np.float64]:
    rows = np.array([[track.features.get(name, 0.0) for name in NAMES] for track in tracks])
    rows[:, 2] = np.log2(np.maximum(rows[:, 2], 1.0))
    scaled: NDArray[np.float64] = (rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-9)
    return scaled
