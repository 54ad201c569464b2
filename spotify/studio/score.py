"""A piece of music as notes: harmony first, then everything that follows from it.

    mode, tempo ──► chords (a walk among degrees, voices moving as little as they can)
                ──► pad, bass, arpeggio, drums
                ──► a melody: a phrase, its answer, both again       A A' B A'

Tunes that only wander are tiring; what makes one a tune is that it comes again. So two phrases are
drawn and the rest is repetition with the end changed. All of it follows from the style and the
generator. Page: docs/spotify/studio.md
"""

from dataclasses import dataclass

import numpy as np

from spotify.studio.instruments import Generator

MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
}
PROGRESSIONS = ((0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 3, 1, 4), (0, 2, 3, 4), (0, 6, 5, 3))
BEATS = 4  # a bar
MELODY_FROM, MELODY_TO = 4, 14  # degrees above the root


@dataclass(frozen=True, slots=True)
class Style:
    """How an artist plays. Tempos in beats a minute; `drums` from 0, none, to 1."""

    mode: str
    tempo: tuple[int, int]
    root: int  # a number of MIDI: 48 is a C
    lead: str
    drums: float
    arpeggio: float
    swing: float  # how late every second eighth comes, as a share of an eighth


@dataclass(frozen=True, slots=True)
class Note:
    """A note: when and how long in beats, which, how loud, by whom, from where (−1 left, 1 right)."""

    beat: float
    beats: float
    pitch: int
    gain: float
    instrument: str
    pan: float


@dataclass(frozen=True, slots=True)
class Score:
    """A piece: its notes, and its length in beats."""

    tempo: float
    beats: int
    notes: tuple[Note, ...]


def compose(style: Style, bars: int, rng: Generator) -> Score:
    """Return a piece of so many bars, a multiple of four."""
    scale = MODES[style.mode]
    tempo = float(rng.integers(*style.tempo))
    root = style.root + int(rng.integers(-3, 4))
    chords = [int(each) for each in PROGRESSIONS[rng.integers(len(PROGRESSIONS))]]
    phrases = [_phrase(chords, rng) for _ in range(2)]
    notes: list[Note] = []
    voices = [2, 4, 7]
    for bar in range(bars):
        degree, part = (
            chords[bar % 4],
            bar * 8 // bars,
        )  # eight parts: it begins thin, fills, and thins out
        voices = _led(voices, degree)
        notes += _harmony(bar, degree, voices, scale, root, part)
        if rng.random() < style.arpeggio and part > 0:
            notes += _arpeggio(bar, voices, scale, root, style)
        if 0 < part < 7:
            notes += _drums(bar, style, part)
        if part not in (0, 4):
            notes += _melody(bar, phrases[(bar // 4) % 4 == 2], scale, root, style)
    return Score(tempo, bars * BEATS, tuple(notes))


def _led(voices: list[int], degree: int) -> list[int]:
    """The chord's three notes, each as near as can be to where its voice was."""
    wanted = [(degree + step) % 7 for step in (0, 2, 4)]
    return sorted(
        min((tone + 7 * octave for octave in range(3)), key=lambda place: abs(place - voice))
        for tone, voice in zip(sorted(wanted), sorted(voices), strict=True)
    )


def _pitch(place: int, scale: tuple[int, ...], root: int) -> int:
    """The pitch of a place on a scale: 7 is an octave above 0."""
    return root + 12 * (place // 7) + scale[place % 7]


def _harmony(
    bar: int, degree: int, voices: list[int], scale: tuple[int, ...], root: int, part: int
) -> list[Note]:
    beat = bar * BEATS
    notes = [
        Note(beat, BEATS, _pitch(place, scale, root), 0.12, "pad", pan)
        for place, pan in zip(voices, (-0.5, 0.1, 0.5), strict=True)
    ]
    if part:
        low = _pitch(degree, scale, root - 12)
        notes += [
            Note(beat, 1.4, low, 0.19, "bass", 0),
            Note(beat + 2.5, 1.2, low, 0.15, "bass", 0),
        ]
    return notes


def _arpeggio(
    bar: int, voices: list[int], scale: tuple[int, ...], root: int, style: Style
) -> list[Note]:
    order = [*voices, voices[1] + 7, voices[2], voices[1], voices[0] + 7, voices[1]]
    return [
        Note(
            bar * BEATS + step / 2 + (style.swing / 2 if step % 2 else 0), 0.5,
            _pitch(place, scale, root + 12), 0.16 + 0.05 * (step % 4 == 0), "pluck", 0.6 - 0.15 * step,
        )
        for step, place in enumerate(order)
    ]  # fmt: skip


def _drums(bar: int, style: Style, part: int) -> list[Note]:
    if not style.drums:
        return []
    beat, loud = bar * BEATS, style.drums
    notes = [
        Note(beat + at, 1, 36, 0.36 * loud, "kick", 0)
        for at in (0, 2, *((3.5,) if bar % 2 else ()))
    ]
    if part > 1:
        notes += [Note(beat + at, 1, 38, 0.3 * loud, "snare", 0.1) for at in (1, 3)]
    late = [style.swing / 2 if step % 2 else 0 for step in range(8)]
    return notes + [
        Note(beat + step / 2 + late[step], 0.2, 42, (0.16 if step % 2 else 0.1) * loud, "hat", -0.3)
        for step in range(8)
    ]


def _phrase(chords: list[int], rng: Generator) -> list[tuple[float, float, int]]:
    """Four bars of melody: (beat, beats, place), on notes of the chord where the bar begins."""
    place = int(rng.integers(7, 11))
    notes, rhythm = [], [_rhythm(rng) for _ in range(2)]
    for bar, degree in enumerate(chords):
        beat = 0.0
        for length in rhythm[bar % 2]:
            step = int(rng.choice([-2, -1, -1, 0, 1, 1, 2]))
            place = min(max(place + step, MELODY_FROM), MELODY_TO)
            if beat == 0:
                place = _on_chord(place, degree)
            if rng.random() > 0.12:
                notes.append((bar * BEATS + beat, length, place))
            beat += length
    return notes


def _on_chord(place: int, degree: int) -> int:
    """The nearest place that is a note of the chord."""
    own = [each for each in range(MELODY_FROM, MELODY_TO + 1) if (each - degree) % 7 in (0, 2, 4)]
    return min(own, key=lambda each: (abs(each - place), each))


def _rhythm(rng: Generator) -> list[float]:
    """Lengths that fill a bar."""
    pools = ([1, 1, 2], [1.5, 0.5, 2], [2, 1, 1], [1, 0.5, 0.5, 2], [0.5, 0.5, 1, 2], [3, 1])
    return [float(each) for each in pools[rng.integers(len(pools))]]


def _melody(
    bar: int,
    phrase: list[tuple[float, float, int]],
    scale: tuple[int, ...],
    root: int,
    style: Style,
) -> list[Note]:
    """This bar's notes of a phrase; every second time its last bar ends on the root."""
    first = bar % 4 * BEATS
    own = [each for each in phrase if first <= each[0] < first + BEATS]
    if bar % 8 == 7 and own:
        own = [*own[:-1], (own[-1][0], own[-1][1], 7)]
    base = (bar - bar % 4) * BEATS
    return [
        Note(base + beat, beats * 0.95, _pitch(place, scale, root + 12), 0.32, style.lead, 0.15)
        for beat, beats, place in own
    ]


def hertz(pitch: int) -> float:
    """Return the frequency of a number of MIDI: 69 is 440 Hz."""
    return float(440 * 2 ** ((pitch - 69) / 12))


def seconds(score: Score) -> float:
    """Return how long a piece is."""
    return score.beats * 60 / score.tempo


def degrees_of(pitches: list[int], root: int, mode: str) -> bool:
    """Return whether all pitches are on the scale."""
    return set(np.mod(np.array(pitches) - root, 12).tolist()) <= set(MODES[mode])
