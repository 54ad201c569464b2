"""Notes become a recording: each played where it stands, a room around them, below full scale.

Page: docs/spotify/studio.md
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from spotify.ingest.ffmpeg import RATE, Samples
from spotify.studio.instruments import INSTRUMENTS, Generator, Sound
from spotify.studio.score import Note, Score, hertz, seconds

ROOM_S, ROOM_SHARE = 1.6, 0.22
PERCUSSION = {"kick", "snare", "hat", "bass"}  # which stay dry: low notes in a room are mud
TAIL_S = 2.0
PEAK = 0.85


def perform(score: Score, rng: Generator, *, tail_s: float = TAIL_S) -> Samples:
    """Return a piece as frames × 2, with `tail_s` for the last notes to die away."""
    count = int((seconds(score) + tail_s) * RATE)
    dry, wet = np.zeros((count, 2)), np.zeros((count, 2))
    played: dict[tuple[str, int, float], Sound] = {}
    for note in score.notes:
        sound = _played(note, score.tempo, played, rng)
        place = int(note.beat * 60 / score.tempo * RATE)
        sound = sound[: count - place]
        left, right = np.cos((note.pan + 1) * np.pi / 4), np.sin((note.pan + 1) * np.pi / 4)
        bus = dry if note.instrument in PERCUSSION else wet
        bus[place : place + len(sound), 0] += note.gain * left * sound
        bus[place : place + len(sound), 1] += note.gain * right * sound
    return _mastered(dry + wet + ROOM_SHARE * _room(wet, rng), tail_s)


def _played(
    note: Note, tempo: float, played: dict[tuple[str, int, float], Sound], rng: Generator
) -> Sound:
    """A note's sound; the same note of the same length is played once, and used again."""
    key = note.instrument, note.pitch, note.beats
    if key not in played:
        length_s = note.beats * 60 / tempo
        played[key] = INSTRUMENTS[note.instrument](hertz(note.pitch), length_s, rng)
    return played[key]


def _room(bus: NDArray[np.float64], rng: Generator) -> NDArray[np.float64]:
    """The same, in a room: convolved with noise that dies, another for each ear."""
    time = np.arange(int(ROOM_S * RATE)) / RATE
    sides = []
    for side in range(2):
        noise = rng.standard_normal(len(time)) * np.exp(-time * 4.2)
        soft = np.convolve(noise, np.ones(6) / 6, mode="same")  # a room swallows what is high
        soft /= np.sqrt((soft**2).sum())
        sides.append(fftconvolve(bus[:, side], soft)[: len(bus)])
    return np.stack(sides, axis=1) * 3


def _mastered(mix: NDArray[np.float64], tail_s: float) -> Samples:
    """Bent softly below full scale, and faded at the end where there is a tail."""
    found = np.tanh(mix / (np.abs(mix).max() + 1e-9) * 1.6)
    found *= PEAK / np.abs(found).max()
    count = min(len(found), int(tail_s * RATE))
    if count:
        found[-count:] *= np.linspace(1, 0, count)[:, None] ** 1.5
    mastered: Samples = found.astype(np.float32)
    return mastered
