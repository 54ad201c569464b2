"""Films that are computed: of different difficulty, with sound, and the same each time.

A ladder that fits one film does not fit another, and to see that one needs films that differ: a still
life, a slow pan, noise. FFmpeg's own sources draw them, so the kit brings no film and downloads none.
Page: docs/netflix/ladder.md
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from netflix.encode.ffmpeg import write

RATE = 24
SECONDS = 24.0
HEIGHT = 360


@dataclass(frozen=True, slots=True)
class Clip:
    """A film: its name for people, its genres, and how FFmpeg draws it at `{size}` and `{rate}`."""

    name: str
    genres: tuple[str, ...]
    picture: str
    sound: str


CLIPS: Mapping[str, Clip] = {
    "harbour": Clip(
        "Harbour Lights",
        ("Drama", "Slow"),
        "gradients=s={size}:r={rate}:speed=0.008:c0=0x0b2545:c1=0x8da9c4:c2=0xee964b:nb_colors=3:seed=3",
        "sine=f=196",
    ),
    "deep": Clip(
        "The Deep Set",
        ("Documentary", "Science"),
        "mandelbrot=s={size}:r={rate}:start_scale=2.2:end_scale=0.02:end_pts=600",
        "sine=f=110:b=4",
    ),
    "colony": Clip(
        "Colony",
        ("Science", "Action"),
        "life=s={half}:r={rate}:mold=12:ratio=0.18:seed=11:life_color=#c7f9cc:death_color=#22577a:mold_color=#38a3a5,"
        "scale={size}:flags=neighbor",
        "sine=f=330:b=3",
    ),
    "signal": Clip(
        "Test Signal",
        ("Comedy", "Family"),
        "testsrc2=s={size}:r={rate}",
        "sine=f=440:b=2",
    ),
    "fractal": Clip(
        "Sierpinski's Garden",
        ("Family", "Documentary"),
        "sierpinski=s={size}:r={rate}:seed=5:type=triangle",
        "sine=f=262",
    ),
    "storm": Clip(
        "Storm Front",
        ("Action", "Drama"),
        "mandelbrot=s={size}:r={rate}:start_scale=0.3:end_scale=0.001:end_pts=400,noise=alls=14:allf=t:all_seed=7",
        "anoisesrc=c=brown:a=0.4:seed=7",
    ),
}


def generate(clip: Clip, path: Path, *, seconds: float = SECONDS, height: int = HEIGHT) -> Path:
    """Draw a film into `path`: 16:9, 24 frames a second, H.264 and AAC."""
    width = round(height * 16 / 9 / 2) * 2
    words = {"size": f"{width}x{height}", "half": f"{width // 4}x{height // 4}", "rate": RATE}
    write(
        path,
        *("-f", "lavfi", "-i", clip.picture.format(**words)),
        *("-f", "lavfi", "-i", f"{clip.sound}:r=48000" if "sine" in clip.sound else clip.sound),
        *("-t", f"{seconds:g}", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast"),
        *("-crf", "12", "-threads", "1", "-c:a", "aac", "-ac", "2", "-ar", "48000", "-f", "mp4"),
    )
    return path
