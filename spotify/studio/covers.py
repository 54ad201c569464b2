"""A picture for an album: a few discs on a gradient, from the same generator as its music.

Page: docs/spotify/studio.md
"""

import numpy as np

from spotify.ingest import ffmpeg
from spotify.studio.instruments import Generator

SIDE = 480
PALETTES = (
    ((236, 222, 198), (196, 88, 50), (36, 60, 72)),
    ((20, 36, 56), (90, 150, 140), (236, 190, 120)),
    ((244, 236, 226), (120, 140, 90), (170, 60, 70)),
    ((46, 32, 60), (210, 120, 140), (250, 220, 170)),
    ((16, 60, 60), (230, 160, 80), (240, 236, 220)),
    ((60, 70, 100), (200, 210, 220), (230, 110, 80)),
)


def cover(rng: Generator) -> bytes:
    """Return a picture as PNG. Raises `NoFfmpeg`."""
    ground, second, third = (np.array(each) for each in PALETTES[rng.integers(len(PALETTES))])
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    slope = np.clip(x * rng.uniform(-0.6, 0.6) + y * 0.7 + 0.1, 0, 1)[..., None]
    picture = ground * (1 - slope) + (0.55 * ground + 0.45 * second) * slope
    for _ in range(int(rng.integers(3, 6))):
        cx, cy, radius = rng.uniform(0.15, 0.85), rng.uniform(0.2, 0.9), rng.uniform(0.08, 0.33)
        colour = second if rng.random() < 0.6 else third
        distance = np.hypot(x - cx, y - cy)
        is_ring = rng.random() < 0.35
        shape = np.abs(distance - radius) - 0.012 if is_ring else distance - radius
        share = np.clip(0.5 - shape * SIDE, 0, 1)[..., None] * (0.9 if is_ring else 0.82)
        picture = picture * (1 - share) + colour * share
    picture += rng.normal(0, 2.5, (SIDE, SIDE, 1))  # the grain of paper
    raw = np.clip(picture, 0, 255).astype(np.uint8).tobytes()
    size = f"{SIDE}x{SIDE}"
    return ffmpeg.run(
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-i", "pipe:0",
        "-f", "image2pipe", "-c:v", "png", "pipe:1", given=raw,
    )  # fmt: skip
