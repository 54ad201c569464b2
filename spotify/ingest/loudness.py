"""How loud a track is, as ears hear it; and the gain that makes all tracks equally loud.

    EBU R 128: weighted by frequency, in blocks of 400 ms, silence left out: LUFS

Invariant: samples are never rewritten. The gain is a number beside them, and the player turns its knob
by it: so it can be by track or by album, and nothing is lost. A gain that would clip is cut back to
what the true peak allows. Source: EBU R 128, ITU-R BS.1770-4; measured by FFmpeg.
Page: docs/spotify/ingest.md
"""

import re
import subprocess
from dataclasses import dataclass

import numpy as np

from spotify.ingest import ffmpeg
from spotify.ingest.ffmpeg import Samples

TARGET_LUFS = -14.0  # as loud as Spotify plays
SILENCE_LUFS = -70.0  # below, R 128 hears nothing
PEAK_DB_MAX = -1.0  # after the gain: lossy decoders overshoot
BLOCK_S = 0.4  # shorter than that cannot be measured

_INTEGRATED = re.compile(r"I:\s+(-?[\d.]+|-inf|nan) LUFS")
_PEAK = re.compile(r"Peak:\s+(-?[\d.]+|-inf) dBFS")


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS, and the true peak in dB below full scale."""

    lufs: float
    peak_db: float

    @property
    def gain_db(self) -> float:
        """Return by how much to turn it up or down; 0 for silence."""
        if self.lufs <= SILENCE_LUFS:
            return 0.0
        return round(min(TARGET_LUFS - self.lufs, PEAK_DB_MAX - self.peak_db), 2)


def measure(samples: Samples) -> Loudness:
    """Return the loudness of frames; of less than a block, or of silence: SILENCE_LUFS."""
    raw = np.ascontiguousarray(samples, dtype="<f4").tobytes()
    command = [
        ffmpeg.binary(), "-hide_banner", "-nostats", *ffmpeg.RAW, "-i", "pipe:0",
        "-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-",
    ]  # fmt: skip
    said = subprocess.run(command, input=raw, capture_output=True, check=False).stderr.decode()
    return Loudness(_last(_INTEGRATED, said), _last(_PEAK, said))


def _last(pattern: re.Pattern[str], said: str) -> float:
    found = pattern.findall(said)
    value = float(found[-1]) if found else float("-inf")
    return max(value, SILENCE_LUFS) if value == value else SILENCE_LUFS
