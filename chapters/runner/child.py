"""The process behind a box: filled, started, shut in, ended, reaped.

    folder/inside.py, parting.py   what it runs
    folder/tree/                   the packages, with the learner's modules in place of ours
    folder/scratch/                where it may write, when it has no small disk of its own

Invariant: once `end` has returned, the process and all that it started are dead and reaped.
Page: docs/how-it-works.md
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from chapters.errors import Definite
from chapters.runner import bubblewrap
from chapters.runner.answers import plain
from chapters.runner.leftovers import bytes_written, clear, sweep
from chapters.runner.limits import Limits, unused_uid
from chapters.runner.pipes import Pipes, Silence
from chapters.runner.places import ROOT
from chapters.runner.tree import own_folders, plant

OPENING_S_MAX = 60.0
ENDING_S_MAX = 10.0
BY_SIGNAL = 128  # what a shell adds to the number of the signal that ended a process
DISK_SHARES = 4  # times `Limits.file_bytes`: what may be written where no small disk could be had
PROGRAM = ("inside.py", "parting.py")
# numpy's BLAS starts a thread a core when it is imported; a box allows few, and needs one.
_BARE = {"PATH": os.defpath, "OPENBLAS_NUM_THREADS": "1"}
ALONE = ("/tmp/tree", "/tmp/lib", "/tmp/site")  # where things are seen without bubblewrap


class NoBox(Definite):
    """The machine could not open a box: nothing of the learner's was run."""


class Child:
    """A process that has shut itself in and waits for calls. Raises `NoBox` when it cannot."""

    def __init__(
        self,
        sources: Mapping[str, str],
        limits: Limits,
        *,
        called: Iterable[str],
        wrapped: bool,
    ) -> None:
        self.told: dict[str, Any] = {}
        self.limits, self.wrapped, self.written_out = limits, wrapped, False
        self.uid = unused_uid()
        self.pipes = Pipes()
        self._first: int | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="kit-box-"))
        self._process: subprocess.Popen[bytes] | None = None
        try:
            with readable_by_all():
                mine = self._fill(sources, called)
            self.opened = time.monotonic()
            self._process = self._start()
            self.pipes.close_theirs()
            self._introduce(mine)
        except BaseException:
            self.close()
            raise

    def alive(self) -> bool:
        """Return whether the process still runs; one that fills the shared disk no longer does."""
        if self._process is None or self._process.poll() is not None:
            return False
        if self.told.get("files", True) or self.written_out:
            return True
        self.written_out = bytes_written(self._process.pid) > DISK_SHARES * self.limits.file_bytes
        if self.written_out:
            self.end()
        return not self.written_out

    def wait(self) -> int:
        """Return the exit code, in a shell's numbers, of a process that is about to end."""
        assert self._process is not None
        try:
            code = self._process.wait(ENDING_S_MAX)
        except subprocess.TimeoutExpired:
            self.end()
            code = self._process.wait()
        return code if code >= 0 else BY_SIGNAL - code

    def end(self) -> None:
        """End the process and everything that it started, and reap it. May be called again."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._strike(self._process)
        self._process.wait()
        if not self.told.get("processes"):
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
            sweep(self._folder.name, self.uid)
            if self.uid is not None:
                clear(self.uid)

    def close(self) -> None:
        """End the process and remove its folder."""
        self.end()
        self.pipes.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _strike(self, process: "subprocess.Popen[bytes]") -> None:
        """Kill process 1 of the box, and so all others; without one, the keeper or the child."""
        grouped = bool(self.told.get("processes"))
        with contextlib.suppress(OSError):
            if self._first is not None:
                os.kill(self._first, signal.SIGKILL)
            elif grouped:
                process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_S_MAX if grouped else 0)
        process.kill()

    def _fill(self, sources: Mapping[str, str], called: Iterable[str]) -> list[str]:
        """Put into the folder what the box needs; its user, and no other but root, may enter."""
        for name in PROGRAM:
            shutil.copyfile(Path(__file__).with_name(name), self._folder / name)
        (self._folder / "tree").mkdir()
        (self._folder / "scratch").mkdir()
        if self.uid is not None:
            for folder in (self._folder, self._folder / "scratch"):
                os.chown(folder, self.uid, os.getgid())
            self._folder.chmod(0o750)
        return plant(self._folder / "tree", sources, called)

    def _start(self) -> "subprocess.Popen[bytes]":
        """Start the program; none of the learner's code runs before it is asked for."""
        pipes, folder, command = self.pipes, self._folder, []
        if self.wrapped:
            size = self.limits.file_bytes
            command = bubblewrap.command(folder, size, info=pipes.their_info)
            folder = Path(bubblewrap.SEEN_AT)
        ends = (pipes.their_calls, pipes.their_answers, pipes.their_notes)
        python = [str(bubblewrap.python()), "-I", "-S", str(folder / PROGRAM[0])]
        return subprocess.Popen(
            [*command, *python, *map(str, ends)],
            stdin=subprocess.DEVNULL,
            stdout=pipes.their_printed,
            stderr=pipes.their_printed,
            pass_fds=(*ends, pipes.their_info),
            env=_BARE | {"KIT_BOX": self._folder.name},
            start_new_session=True,
            cwd=self._folder,
        )

    def _introduce(self, mine: list[str]) -> None:
        """Send the setting and wait until the process has shut itself in."""
        setting = view_of(self._folder, wrapped=self.wrapped) | {
            "boxed": self.wrapped,
            "uid": self.uid,
            "limits": self.limits.for_kernel(),
            "scratch_bytes": self.limits.file_bytes,
            "mine": mine,
            "private": [str(ROOT), str(Path.home())],
        }
        line = json.dumps(setting).encode() + b"\n"
        until = time.monotonic() + OPENING_S_MAX
        try:
            self.told = plain(self.pipes.ask(line, until=until, alive=self.alive))["ready"]
            self._first = json.loads(self.pipes.info() or b"{}").get("child-pid")
        except (Silence, ValueError, KeyError) as reason:
            said = self.pipes.printed().strip().splitlines() or [str(reason)]
            raise NoBox(f"no box could be opened: {said[-1]}; try `kit doctor`") from None


def view_of(folder: Path, *, wrapped: bool) -> dict[str, Any]:
    """Return where the box finds tree and libraries: (as they lie, as they are seen shut in)."""
    library, site = bubblewrap.library(), bubblewrap.site()
    shut_in = (f"{bubblewrap.SEEN_AT}/tree", str(library), bubblewrap.SITE_AT)
    tree_at, library_at, site_at = shut_in if wrapped else ALONE
    masked = [f"{site_at}/{each.relative_to(site)}" for each in own_folders(site)]
    return {
        "view": {
            "tree": (str(folder / "tree"), tree_at),
            "lib": (str(library), library_at),
            "site": (str(site), site_at),
        },
        "hide": [*masked, *outermost(ROOT, Path.home(), Path("/var/tmp"), Path("/dev/shm"))],
        "reachable": bubblewrap.reachable(),
        "scratch": str(folder / "scratch"),
    }


def outermost(*folders: Path) -> list[str]:
    """Return those that exist and lie neither in one another nor in /tmp, which is replaced."""
    kept: list[Path] = [Path("/tmp")]
    for folder in sorted(each.resolve() for each in folders):
        if folder.is_dir() and folder != Path("/") and not any(map(folder.is_relative_to, kept)):
            kept.append(folder)
    return [str(each) for each in kept[1:]]


@contextlib.contextmanager
def readable_by_all() -> Iterator[None]:
    """Make files that others may read, whatever the umask of this session."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def in_words(code: int) -> str:
    """Return an exit code, in a shell's numbers, as people say it: "exit code 3", "SIGSEGV"."""
    try:
        return signal.Signals(code - BY_SIGNAL).name
    except ValueError:
        return f"exit code {code}"
