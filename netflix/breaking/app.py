"""The encoder killed at work, and a disk that takes no more: real processes, real files.

    child:  python -c "encode(source, folder)"      kill -9 once so many chunks are there
    here:   again and again, then let it finish, and compare with an encode that nobody disturbed

Page: docs/netflix/breaking.md
"""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from netflix.encode.app import Encoded, encode
from netflix.encode.clips import CLIPS, generate
from netflix.encode.ingest import digest

ENCODE = (
    "import sys; from pathlib import Path; from netflix.encode.app import encode;"
    "encode(Path(sys.argv[1]), Path(sys.argv[2]))"
)
SECONDS, HEIGHT = 16.0, 240  # of the film: four chunks at two rungs
LOOK_S, CHILD_S_MAX = 0.01, 120.0
FILE_BYTES_MAX = 150_000  # where the disk is "full": less than the mezzanine has


def encoder_kill(*, kills: int = 3, seed: int = 7) -> Outcome:
    """Kill -9 the encoder whenever it has finished another chunk, and let it go on."""
    at_least(1, kills=kills)
    kept: list[int] = []
    with TemporaryDirectory(prefix="kit-netflix-kill-") as place:
        film = generate(CLIPS["colony"], Path(place) / "film.mp4", seconds=SECONDS, height=HEIGHT)
        calm = _contents(encode(film, Path(place) / "calm"))
        folder, again = Path(place) / "killed", 0
        for number in range(1, kills + 2):
            before = _chunks(folder)
            _encode_until(film, folder, number if number <= kills else len(calm) + 1)
            after = _chunks(folder)
            again += sum(when != after.get(name) for name, when in before.items())
            kept.append(len(after))
        resumed = _contents(encode(film, folder))
    return Outcome(
        title=f"kill -9 of the encoder, {kills} times in {len(calm) - 1} chunks",
        verdicts=(
            Verdict(
                "the bytes are those of an encode that nobody disturbed",
                resumed == calm,
                f"{len(resumed)} files compared",
            ),
            Verdict("a finished chunk is not made again", not again, f"{again} made again"),
        ),
        lines=(f"finished files at each kill: {', '.join(map(str, kept[:-1]))}",),
        next_commands=("kit break netflix full-disk", "kit run batch"),
        replay=f"kit break netflix encoder-kill --kills {kills} --seed {seed}",
    )


def full_disk(*, seed: int = 7) -> Outcome:
    """Encode where no file may grow beyond a limit; then lift the limit."""
    with TemporaryDirectory(prefix="kit-netflix-full-") as place:
        film = generate(CLIPS["signal"], Path(place) / "film.mp4", seconds=8, height=HEIGHT)
        folder = Path(place) / "chunks"
        said = _encode_in(film, folder, FILE_BYTES_MAX)
        left = [path.name for path in folder.iterdir()]
        later = encode(film, folder).duration_s
    return Outcome(
        title=f"a disk that takes no file above {FILE_BYTES_MAX:,} bytes",
        verdicts=(
            Verdict("it says why, in one line", "Stopped" in said, said.partition(": ")[2][:70]),
            Verdict("nothing half-made is left", not left, f"{len(left)} files"),
            Verdict("with room, the same call succeeds", later == 8.0, f"{later:g} s of film"),
        ),
        lines=(),
        next_commands=("kit break netflix encoder-kill",),
        replay=f"kit break netflix full-disk --seed {seed}",
    )


def _chunks(folder: Path) -> dict[str, int]:
    """The finished chunks, and when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("[!.]*.mp4")}


def _contents(encoded: Encoded) -> list[str]:
    """The digest of every file of a title, in order."""
    return [digest(path) for rendition in encoded.renditions for path in rendition.chunks]


def _encode_until(film: Path, folder: Path, enough: int) -> None:
    """Run the encoder in a process group of its own; kill the group once so many files are there."""
    command = [sys.executable, "-c", ENCODE, str(film), str(folder)]
    with subprocess.Popen(command, start_new_session=True) as child:
        deadline = time.monotonic() + CHILD_S_MAX
        while child.poll() is None and time.monotonic() < deadline:
            if len(_chunks(folder)) >= enough:
                os.killpg(child.pid, signal.SIGKILL)
            time.sleep(LOOK_S)


def _encode_in(film: Path, folder: Path, bytes_max: int) -> str:
    """Run the encoder where no file may be larger; return its last words."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))

    command = [sys.executable, "-c", ENCODE, str(film), str(folder)]
    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, check=False)
    return (done.stderr.splitlines() or [""])[-1]
