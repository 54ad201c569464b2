"""Instruments: a note's pitch and length become samples.

    pad      many quiet partials, slow to come and go       bell     partials that are no multiples
    pluck    partials that die, the high ones first         bass     two partials, and a knock
    kick, snare, hat                                        sweeps and noise, dying fast

Each returns mono float64 at 48 kHz, with a peak near 1. Page: docs/spotify/studio.md
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from spotify.ingest.ffmpeg import RATE

Sound = NDArray[np.float64]
Generator = np.random.Generator
RELEASE_S = 0.03  # of every note, so that none ends in a click
NYQUIST = RATE / 2


def _time(seconds: float) -> Sound:
    return np.arange(max(1, int(seconds * RATE))) / RATE


def _ended(sound: Sound) -> Sound:
    """Fade the end."""
    count = min(len(sound), int(RELEASE_S * RATE))
    sound[-count:] *= np.linspace(1, 0, count)
    return sound


def pad(hertz: float, seconds: float, rng: Generator) -> Sound:
    """Three detuned voices of six partials, swelling."""
    time = _time(seconds + 0.6)
    sound = np.zeros_like(time)
    for detune in (-0.004, 0.0, 0.0045):
        for partial in range(1, 7):
            pitch = hertz * (1 + detune) * partial
            if pitch < NYQUIST:
                sound += np.sin(2 * np.pi * pitch * time + rng.uniform(0, 6.28)) / partial**1.8
    attack, release = 0.35 * seconds, 0.6
    envelope = np.minimum(1, time / attack) * np.minimum(1, (time[-1] - time) / release)
    swelling: Sound = sound / 5 * envelope
    return swelling


def pluck(hertz: float, seconds: float, rng: Generator) -> Sound:
    """A string: ten partials, each dying in its own time."""
    time = _time(max(seconds, 0.9))
    sound = np.zeros_like(time)
    for partial in range(1, 11):
        pitch = hertz * partial * (1 + 0.0004 * partial**2)
        if pitch < NYQUIST:
            sound += (
                np.sin(2 * np.pi * pitch * time)
                * np.exp(-time * (2.2 + 1.1 * partial))
                / partial**0.9
            )
    return _ended(sound / 2.2 * np.minimum(1, time / 0.003))


def bell(hertz: float, seconds: float, rng: Generator) -> Sound:
    """A tine of an electric piano: a sine that bends another, less and less."""
    time = _time(max(seconds, 1.2))
    bend = (
        1.6 * np.exp(-time * 5) * np.sin(2 * np.pi * hertz * 7 * time) if hertz * 7 < NYQUIST else 0
    )
    sound = np.sin(2 * np.pi * hertz * time + bend * 0.5) + 0.3 * np.sin(4 * np.pi * hertz * time)
    return _ended(sound / 1.3 * np.exp(-time * 1.9) * np.minimum(1, time / 0.004))


def bass(hertz: float, seconds: float, rng: Generator) -> Sound:
    """Two partials with a soft knock."""
    time = _time(seconds)
    sound = np.sin(2 * np.pi * hertz * time) + 0.35 * np.sin(4 * np.pi * hertz * time)
    sound += 0.5 * np.exp(-time * 60) * np.sin(2 * np.pi * hertz * 3 * time)
    return _ended(sound / 1.5 * np.exp(-time * 1.4) * np.minimum(1, time / 0.006))


def kick(hertz: float, seconds: float, rng: Generator) -> Sound:
    """A sine that falls from 120 to 45 Hz."""
    time = _time(0.28)
    phase = 2 * np.pi * (45 * time + 75 / 28 * (1 - np.exp(-28 * time)))
    return _ended(np.sin(phase) * np.exp(-time * 11))


def snare(hertz: float, seconds: float, rng: Generator) -> Sound:
    """Noise over a short tone."""
    time = _time(0.2)
    noise = np.diff(rng.standard_normal(len(time) + 1)) * 0.35
    return _ended(
        noise * np.exp(-time * 24) + 0.5 * np.sin(2 * np.pi * 190 * time) * np.exp(-time * 30)
    )


def hat(hertz: float, seconds: float, rng: Generator) -> Sound:
    """Bright noise, a moment of it."""
    time = _time(0.07)
    noise = np.diff(rng.standard_normal(len(time) + 2), n=2) * 0.25
    return _ended(noise * np.exp(-time * 70))


Instrument = Callable[[float, float, Generator], Sound]
INSTRUMENTS: Mapping[str, Instrument] = {
    each.__name__: each for each in (pad, pluck, bell, bass, kick, snare, hat)
}
