"""Packages of npm that tests need, kept outside the repository."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

CACHE = Path.home() / ".cache" / "kit"
QUIETLY = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts"]


def installed(folder: Path, packages: Iterable[str], files: Iterable[Path]) -> None:
    """See to it that `files` are in `folder`, from these packages alone: npm removes all others there.

    Skips the test where that is not possible.
    """
    if all(path.is_file() for path in files):
        return
    if not shutil.which("npm"):
        pytest.skip("npm is not installed: the programs of others come from there")
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", *QUIETLY, *packages]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
