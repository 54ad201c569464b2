"""Files that are broken, and an ingest that is killed: real files, real processes.

Page: docs/spotify/breaking.md
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from spotify.catalogue.library import albums
from spotify.ingest.ffmpeg import RATE
from spotify.ingest.folder import ingest

INGEST = (
    "import sys; from pathlib import Path; from spotify.ingest.folder import ingest;"
    "ingest(Path(sys.argv[1]), Path(sys.argv[2]))"
)
SECONDS, ALBUMS = 3, 3
LOOK_S, CHILD_S_MAX = 0.01, 120.0


def broken_files(*, seed: int = 7) -> Outcome:
    """Ingest a folder in which files are empty, cut off, and no music."""
    with TemporaryDirectory(prefix="kit-spotify-") as place:
        folder, library = Path(place) / "music", Path(place) / "library"
        good = _music(folder, seed, albums_=1, tracks=2)
        size = good[0].stat().st_size
        (folder / "album 0" / "3 empty.flac").write_bytes(b"")
        (folder / "album 0" / "4 cut off.flac").write_bytes(good[0].read_bytes()[: size * 2 // 3])
        (folder / "album 0" / "5 letter.mp3").write_text("Dear friend, this is no music.")
        report = ingest(folder, library)
        (made,) = albums(library)
    why = {Path(file).name: (at, reason) for file, at, reason in report.refused}
    return Outcome(
        title="a folder with two good files, an empty one, one that is cut off, and a letter",
        verdicts=(
            Verdict(
                "the good ones are published", len(made.tracks) == 2, f"{len(made.tracks)} tracks"
            ),
            Verdict(
                "the others are refused, each with its reason", len(why) == 3, f"{len(why)} refused"
            ),
            Verdict(
                "the reason says where",
                why.get("3 empty.flac", (1, ""))[0] == 0 < why.get("4 cut off.flac", (0, ""))[0],
                "a byte of the file",
            ),
        ),
        lines=tuple(f"{name}: {reason} (byte {at})" for name, (at, reason) in sorted(why.items())),
        next_commands=("kit spotify ingest ~/Music", "kit spotify quarantine"),
        replay=f"kit break spotify broken-files --seed {seed}",
    )


def ingest_kill(*, seed: int = 7, kills: int = 4) -> Outcome:
    """Kill -9 an ingest at odd moments, let the last one finish, and look at the library each time."""
    at_least(1, kills=kills)
    whole = seen = 0
    with TemporaryDirectory(prefix="kit-spotify-") as place:
        folder, library = Path(place) / "music", Path(place) / "library"
        files = _music(folder, seed, albums_=ALBUMS, tracks=2)
        for number in range(kills):
            _killed_after(folder, library, 0.4 + 0.9 * number)
            found = albums(library)
            seen += len(found)
            whole += sum(
                _is_whole(library / album.id, [r.file for t in album.tracks for r in t.renditions])
                for album in found
            )
        report = ingest(folder, library)
        left = [path.name for path in library.iterdir() if path.name.startswith((".draft", ".old"))]
        count = sum(len(album.tracks) for album in albums(library))
    return Outcome(
        title=f"kill -9 of an ingest of {ALBUMS} albums, {kills} times",
        verdicts=(
            Verdict("an album that can be seen is whole", whole == seen, f"{whole} of {seen}"),
            Verdict(
                "at the end all of it is there",
                count == len(files),
                f"{count} of {len(files)} tracks",
            ),
            Verdict("and nothing is left lying about", not left, f"{len(left)} drafts"),
        ),
        lines=(
            f"the last ingest made {report.albums} albums; {report.unchanged} were there already",
        ),
        next_commands=("kit spotify ingest ~/Music", "kit break spotify broken-files"),
        replay=f"kit break spotify ingest-kill --kills {kills} --seed {seed}",
    )


def _music(folder: Path, seed: int, *, albums_: int, tracks: int) -> list[Path]:
    """Write albums of short tones."""
    rng = np.random.default_rng(seed)
    made = []
    for album in range(albums_):
        place = folder / f"album {album}"
        place.mkdir(parents=True)
        for number in range(1, tracks + 1):
            time_s = np.arange(SECONDS * RATE) / RATE
            tone = 0.2 * np.sin(2 * np.pi * rng.uniform(200, 500) * time_s)
            made.append(place / f"{number} tone.flac")
            soundfile.write(made[-1], np.stack([tone, tone], axis=1), RATE)
    return made


def _killed_after(folder: Path, library: Path, seconds: float) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", INGEST, str(folder), str(library)], start_new_session=True
    )
    deadline = time.monotonic() + seconds
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(LOOK_S)
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
    child.wait(CHILD_S_MAX)


def _is_whole(folder: Path, files: list[str]) -> bool:
    return all((folder / name).is_file() and (folder / name).stat().st_size for name in files)
