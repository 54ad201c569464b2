"""What a track sounds like, in a few numbers: for radio, and for a picture of it.

    energy      how loud it is on average, 0 to 1      brightness   where its spectrum's middle is, 0 to 1
    tempo   beats a minute, by what repeats in its onsets   liveliness   how much it changes, 0 to 1

Nobody needs to have heard a track for that: it is what can be said of one that came out this morning.
Page: docs/spotify/ingest.md
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from spotify.ingest.ffmpeg import RATE, Samples

HOP, WINDOW = 512, 2048
BPM_MIN, BPM_MAX, BPM_USUAL = 60, 180, 110
BARS = 160  # of a waveform
NYQUIST = RATE / 2


def waveform(samples: Samples, bars: int = BARS) -> tuple[int, ...]:
    """Return `bars` heights from 0 to 100: the root of the mean square of each part, by the loudest."""
    parts = np.array_split(np.asarray(samples, dtype=np.float64).mean(axis=1), bars)
    heights = np.array([np.sqrt(np.mean(part**2)) if len(part) else 0.0 for part in parts])
    top = heights.max()
    return tuple(round(100 * each / top) if top > 0 else 0 for each in heights)


def features(samples: Samples) -> Mapping[str, float]:
    """Return what a track sounds like; all 0 where it is shorter than a window."""
    mono = np.asarray(samples, dtype=np.float64).mean(axis=1)
    if len(mono) < WINDOW * 2:
        return {"energy": 0.0, "brightness": 0.0, "tempo": 0.0, "liveliness": 0.0}
    spectra = _spectra(mono)
    total = spectra.sum(axis=1) + 1e-12
    middle = (spectra @ np.linspace(0, 1, spectra.shape[1])) / total
    onsets = np.maximum(0, np.diff(np.log1p(spectra), axis=0)).sum(axis=1)
    found = {
        "energy": min(1.0, float(np.sqrt(np.mean(mono**2))) * 4),
        "brightness": min(1.0, float(np.average(middle, weights=total)) * 6),
        "tempo": _tempo(onsets),
        "liveliness": min(1.0, float(onsets.std() / (onsets.mean() + 1e-12)) / 3),
    }
    return {name: round(value, 4) for name, value in found.items()}


def _spectra(mono: NDArray[np.float64]) -> NDArray[np.float64]:
    """Windows × frequencies: magnitudes, a window each HOP samples."""
    count = 1 + (len(mono) - WINDOW) // HOP
    places = np.arange(WINDOW)[None, :] + HOP * np.arange(count)[:, None]
    return np.abs(np.fft.rfft(mono[places] * np.hanning(WINDOW), axis=1))


def _tempo(onsets: NDArray[np.float64]) -> float:
    """The lag at which the onsets look most like themselves, as beats a minute."""
    beat = onsets - onsets.mean()
    alike = np.correlate(beat, beat, mode="full")[len(beat) - 1 :]
    lags = np.arange(1, len(alike))
    bpm = 60 * RATE / HOP / lags
    weight = np.exp(-0.5 * (np.log2(bpm / BPM_USUAL) / 0.6) ** 2)
    inside = (bpm >= BPM_MIN) & (bpm <= BPM_MAX)
    if not inside.any():
        return 0.0
    return float(bpm[inside][np.argmax((alike[1:] * weight)[inside])])
