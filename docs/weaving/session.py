"""Run a page's commands in order, in a work folder of its own, and keep what they printed.

    page ──► steps ──► cached for this source? ──► answers
                              └─ no ─► a fresh folder, every step in order ──► cache

One cache entry a page: a command may depend on those before it, so a page is run whole or not at
all. The key is the steps, every source file of the kit and the versions of the libraries, so
nothing on the site can be stale.
"""

import hashlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from chapters.new_file import written_whole
from weaving import PACKAGES, ROOT, WeavingError

CACHE = ROOT / ".cache" / "site"
VERSIONS = ROOT / "constraints.txt"  # of the libraries that draw and print
STEP_S_MAX = 300  # a command on a page that takes longer is not for reading
COLUMNS = 92  # what a listing column of the site holds without scrolling
INPUTS = (".py", ".toml", ".html", ".css", ".js")
PROGRAMS = {
    "kit": ["-m", "chapters.cli"],
    "python": [],
    "attempt": [str(Path(__file__).with_name("attempt.py"))],
    "svg": [str(Path(__file__).with_name("drawn.py"))],
}


@dataclass(frozen=True, slots=True)
class Step:
    """One command line: its words, and whether it is meant to fail."""

    line: str
    fails: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a step printed, and how it ended."""

    text: str
    exit_code: int


@cache
def sources_digest() -> str:
    """A hash of every file that a command's output may depend on."""
    digest = hashlib.sha256(sys.version.encode() + VERSIONS.read_bytes())
    for folder in (*PACKAGES, "docs/weaving", "docs/figures"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in INPUTS and file.is_file():
                digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def prepare(pages: Mapping[str, Sequence[Step]]) -> None:
    """Fill the cache for pages by name, as many at once as there are processors."""

    def fill(page: str) -> None:
        try:
            answers(pages[page])
        except WeavingError as error:
            raise WeavingError(f"{page}: {error}") from None

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(fill, pages):
            pass


def answers(steps: Sequence[Step]) -> list[Answer]:
    """Return the answer of each step, from the cache where source and steps are unchanged."""
    if not steps:
        return []
    key = json.dumps([sources_digest(), [asdict(step) for step in steps]])
    entry = CACHE / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"
    if entry.is_file():
        return [Answer(**each) for each in json.loads(entry.read_text(encoding="utf-8"))]
    found = list(run_all(steps))
    entry.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(entry) as draft:
        draft.write_text(json.dumps([asdict(each) for each in found]), encoding="utf-8")
    return found


def run_all(steps: Sequence[Step]) -> Iterator[Answer]:
    with tempfile.TemporaryDirectory(prefix="page-") as folder:
        for step in steps:
            answer = run(step, Path(folder))
            if (answer.exit_code != 0) != step.fails:
                ended = f"ended with exit code {answer.exit_code}"
                raise WeavingError(f"`{step.line}` {ended}:\n{answer.text.strip()[-2000:]}")
            yield answer


def run(step: Step, folder: Path) -> Answer:
    """Run one step as a learner would: in a folder of their own."""
    program, *words = shlex.split(step.line)
    if program not in PROGRAMS:
        raise WeavingError(f"`{step.line}`: a page may run {', '.join(PROGRAMS)} only")
    try:
        done = subprocess.run(
            [sys.executable, *PROGRAMS[program], *words],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=STEP_S_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise WeavingError(f"`{step.line}` took more than {STEP_S_MAX} s") from None
    return Answer(scrubbed(done.stdout.decode("utf-8", "replace"), folder), done.returncode)


def environment(folder: Path) -> dict[str, str]:
    """A terminal of fixed width with colours, and nothing of the person who builds the site."""
    kept = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "VIRTUAL_ENV", "TMPDIR")
    paths = os.pathsep.join([str(ROOT), str(ROOT / "docs")])
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "HOME": str(folder),
        "KIT_WORK": str(folder / "work"),
        "PYTHONPATH": paths,
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": str(COLUMNS),
        "TERM": "xterm-256color",
        "FORCE_COLOR": "1",
        "TTY_INTERACTIVE": "0",  # rich: colours yes, moving progress bars no
    }


def scrubbed(text: str, folder: Path) -> str:
    """Take the paths of the building machine out of what was printed."""
    for place in (folder, folder.resolve()):
        text = text.replace(f"{place}/", "")
    return text.replace(f"{ROOT}/", "").replace(str(ROOT), ".")


def forget(folder: Path = CACHE, *, keep: int = 400) -> None:
    """Drop the oldest entries beyond `keep`."""
    entries = sorted(folder.glob("*.json"), key=lambda each: each.stat().st_mtime)
    for entry in entries[:-keep]:
        entry.unlink(missing_ok=True)
