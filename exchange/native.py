"""The engine's own files, compiled: the same source, the same state hash, and less time.

    kit build --native    exchange/book.py, …  ──mypyc──►  ~/.cache/kit/native/<digest>/exchange/book….so
    KIT_NATIVE=1 kit …    import exchange.book ──────────►  that one, if it was built from these very files

The file that you read stays the only source: nothing is written beside it, and what was compiled from
other sources, or for another Python, has another digest and is not found. A learner's copies run as they
are: with `--mine` nothing compiled is loaded. Invariant: every command has the same events, compiled or
not. Source: mypyc, which turns typed Python into a C extension. Page: docs/exchange/native.md
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from hashlib import blake2b
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from exchange.errors import CannotCompile, NotBuilt

COMPILED = (
    *("book.py", "engine.py", "market.py", "matching.py", "rows.py"),
    *(f"order_types/{kind}.py" for kind in ("cascade", "changes", "hidden", "icebergs", "lives")),
    *(f"order_types/{kind}.py" for kind in ("pegs", "pro_rata", "special", "stops")),
)
# Enums whose members are given several values: mypyc cannot build them, and nothing in them takes time.
WORDS = ("control.py", "orders.py")
ASKED, LEARNER = "KIT_NATIVE", "KIT_MINE"  # environment variables

_MODULES = {f"exchange.{name.removesuffix('.py').replace('/', '.')}" for name in COMPILED}
_ROOT = Path(__file__).resolve().parents[1]
_FOLDER = Path("~/.cache/kit/native")
_PARTS = ("exchange", "chapters")  # what mypyc has to see


def place() -> Path:
    """Return the folder of what is compiled from the present sources for this Python."""
    digest = blake2b(sys.implementation.cache_tag.encode(), digest_size=8)
    for name in (*COMPILED, *WORDS):
        digest.update((_ROOT / "exchange" / name).read_bytes())
    return _FOLDER.expanduser() / digest.hexdigest()


def is_native() -> bool:
    """Return whether this process matches orders with the compiled engine."""
    import exchange.engine

    return not str(exchange.engine.__file__).endswith(".py")


def build() -> Path:
    """Compile the engine, unless that was done before; return the folder. Raises `CannotCompile`."""
    folder = place()
    if not folder.is_dir():
        if find_spec("mypyc") is None:
            raise CannotCompile("mypyc is missing: run `./kit build --native`, which installs it")
        if shutil.which("cc") is None:
            raise CannotCompile("a C compiler is missing: install gcc, and python3-dev if need be")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent) as name:
            _compile(Path(name) / "work", Path(name) / "done")
            (Path(name) / "done").replace(folder)
    return folder


def _compile(work: Path, done: Path) -> None:
    """Compile a copy of the sources in `work`, and put what came out into `done`."""
    for part in _PARTS:
        shutil.copytree(_ROOT / part, work / part, ignore=shutil.ignore_patterns("__pycache__"))
    files = [f"exchange/{name}" for name in COMPILED]
    command = [sys.executable, "-m", "mypyc", "--ignore-missing-imports", *files]
    said = subprocess.run(command, cwd=work, capture_output=True, text=True)
    shutil.rmtree(work / "build", ignore_errors=True)  # its own copies
    made = {path for suffix in EXTENSION_SUFFIXES for path in work.rglob(f"*{suffix}")}
    if said.returncode or not made:
        lines = (said.stderr + said.stdout).splitlines()
        why = next((line for line in lines if "error" in line.lower()), "it did not say why")
        raise CannotCompile(f"mypyc failed: {why}")
    for path in made:
        target = done / path.relative_to(work)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)


class Compiled(MetaPathFinder):
    """Finds the modules in the folder of compiled ones, and leaves all others to Python.

    Raises `NotBuilt` when one of them is wanted and nothing was compiled: not before, so that whoever
    compiles them can be imported.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where the compiled module is, if there is one; none for a learner's run."""
        if os.environ.get(LEARNER):
            return None
        stem = self._folder / fullname.replace(".", "/")
        for file in (stem.with_name(stem.name + suffix) for suffix in EXTENSION_SUFFIXES):
            if file.is_file():
                return spec_from_file_location(fullname, file)
        if fullname in _MODULES and not self._folder.is_dir():
            raise NotBuilt(
                f"{ASKED} is set, and nothing was compiled from the present sources: kit build --native"
            )
        return None


def use_if_asked() -> None:
    """Have imports find the compiled modules when KIT_NATIVE is set."""
    if os.environ.get(ASKED, "0") not in ("", "0"):
        sys.meta_path.insert(0, Compiled(place()))


def demo() -> None:
    """Say whether this run is compiled, and what a market comes to: the digest is the same."""
    from random import Random

    from exchange.flow.order_flow import generate
    from exchange.flow.replay import replay

    print("compiled" if is_native() else f"not compiled ({ASKED}=1 after `kit build --native`)")
    print("digest  ", replay(generate(Random(7), 20_000)).digest)
