"""Files that are broken, an ingest and a service that are killed: real files, real processes.

Page: docs/spotify/breaking.md
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

from chapters.ledger import MICRO
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from spotify.breaking import taker
from spotify.catalogue.library import albums
from spotify.events.generated import DAY_MS, Report, badly, reports
from spotify.events.intake import BATCH_MAX
from spotify.events.play import checked
from spotify.ingest.ffmpeg import RATE
from spotify.ingest.folder import ingest
from spotify.royalties.shares import WAYS, counted

INGEST = (
    "import sys; from pathlib import Path; from spotify.ingest.folder import ingest;"
    "ingest(Path(sys.argv[1]), Path(sys.argv[2]))"
)
TAKE = (
    "import sys; from pathlib import Path; from spotify.breaking.taker import main;"
    "main(Path(sys.argv[1]), int(sys.argv[2]))"
)
SECONDS, ALBUMS = 3, 3
LOOK_S, CHILD_S_MAX = 0.01, 120.0
KILLED_WITHIN_S = 0.03  # of being sent a batch: about as long as it takes


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


def paid_through_kills(
    *, seed: int = 7, plays: int = 20_000, kills: int = 10, repeated: float = 0.1
) -> Outcome:
    """Report plays to a service that is killed with kill -9 and finds torn tails; pay for what it has."""
    at_least(1, plays=plays)
    at_least(0, kills=kills)
    chance, known = Chance(seed), taker.tracks(seed)
    good = reports(list(known.values()), chance.stream("plays"), plays, taker.NOW_MS - DAY_MS)
    sent = badly(good, chance.stream("weather"), repeated)
    batches = [sent[first : first + BATCH_MAX] for first in range(0, len(sent), BATCH_MAX)]
    with TemporaryDirectory(prefix="kit-spotify-") as place:
        service = _Service(Path(place), seed, chance.stream("kills"))
        fatal = set(service.rng.sample(range(len(batches)), min(kills, len(batches))))
        for number, batch in enumerate(batches):
            service.send(batch, is_fatal=number in fatal)
        service.end()
        found = list(taker.intake(Path(place)).plays())
    is_same = Counter(found) == Counter(checked(each, known, taker.NOW_MS) for each in good)
    payee = {track: f"artist {place % 7}" for place, track in enumerate(known)}
    true = [checked(each, known, taker.NOW_MS) for each in good]
    pool = 10_000 * MICRO + 1
    paid = {name: way(pool, counted(found, payee)) for name, way in WAYS.items()}
    oracle = {name: way(pool, counted(true, payee)) for name, way in WAYS.items()}
    knobs = f"--plays {plays} --kills {kills} --repeated {repeated:g}"
    return Outcome(
        title=f"{plays:,} plays are reported {len(sent):,} times, with {service.killed} times kill -9",
        verdicts=(
            Verdict("each play is there once", is_same, f"{len(found):,} of {plays:,}"),
            *(
                Verdict(f"{name}: everybody gets what they should", paid[name] == oracle[name],
                        f"{sum(paid[name].values()):,} millionths")
                for name in WAYS
            ),
        ),
        lines=(f"{service.torn} torn tails were left in the log, and cut off when it was opened",),
        next_commands=("kit break spotify torn-log", "kit run spotify/royalties"),
        replay=f"kit break spotify paid-through-kills {knobs} --seed {seed}",
    )  # fmt: skip


class _Service:
    """A process that takes plays, started again when killed; what got no answer is sent again."""

    def __init__(self, folder: Path, seed: int, rng: Random) -> None:
        self._folder, self._seed, self.rng = folder, seed, rng
        self._child: subprocess.Popen[str] | None = None
        self.killed = self.torn = 0

    def send(self, batch: list[Report], *, is_fatal: bool) -> None:
        """Send a batch until it is answered; kill the service in the middle of it first, if told."""
        if is_fatal:
            child = self._alive()
            self._write(child, batch)
            time.sleep(self.rng.uniform(0, KILLED_WITHIN_S))
            child.kill()
            child.wait()
            self.killed += 1
            self._tear()
        child = self._alive()
        self._write(child, batch)
        assert child.stdout is not None and child.stdout.readline()

    def end(self) -> None:
        """Let the service end by itself."""
        child = self._alive()
        child.communicate(timeout=CHILD_S_MAX)
        self._child = None

    def _alive(self) -> "subprocess.Popen[str]":
        if self._child is None or self._child.poll() is not None:
            if self._child is not None:
                self._child.communicate()
            command = [sys.executable, "-c", TAKE, str(self._folder), str(self._seed)]
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        return self._child

    def _write(self, child: "subprocess.Popen[str]", batch: list[Report]) -> None:
        assert child.stdin is not None
        child.stdin.write(json.dumps(batch) + "\n")
        child.stdin.flush()

    def _tear(self) -> None:
        """Leave half a record at the end of the log, as a machine that lost its power does."""
        segments = sorted(
            path
            for path in (self._folder / "plays").rglob("*")
            if path.is_file() and path.stat().st_size
        )
        if segments:
            with segments[-1].open("ab") as file:
                file.write(self.rng.randbytes(self.rng.randrange(1, 60)))
            self.torn += 1


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
