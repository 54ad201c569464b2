"""`./kit` sets up its .venv whole, or anew: the script itself, on a Python made for these tests."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from chapters.runner.places import ROOT

PYTHON = """#!/bin/sh
case "$*" in
    "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"
        [ ! -e "$0.interrupted" ] || { rm "$0.interrupted"; kill -INT $PPID; exit 130; }
        printf '#!/bin/sh\\necho "the kit: $*"\\n' >"$3/bin/kit"; chmod +x "$3/bin/kit" ;;
esac
"""
UV = """#!/bin/sh
[ ! -e "$0.broken" ] || exit 1
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    for name in ("kit", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    for name, text in {"python": PYTHON, "uv": UV}.items():
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("KIT_PYTHON", str(tmp_path / "bin/python"))
    return tmp_path


def call(checkout: Path, *words: str):
    return subprocess.run([checkout / "kit", *words], capture_output=True, text=True)


def test_it_is_set_up_once_and_then_runs_the_kit(checkout):
    first, second = call(checkout, "list", "--json"), call(checkout, "list")
    assert (first.returncode, first.stdout) == (0, "the kit: list --json\n")
    assert "setting up .venv … done" in first.stderr and not second.stderr


def test_an_interrupted_setup_is_made_anew(checkout):
    (checkout / "bin/python.interrupted").touch()
    stopped = call(checkout, "list")
    assert (stopped.returncode, stopped.stderr.strip()) == (130, "kit: stopped")
    assert (checkout / ".venv/bin/python").exists() and not (checkout / ".venv/bin/kit").exists()
    assert call(checkout, "list").stdout == "the kit: list\n"


def test_an_installation_that_fails_is_tried_again(checkout):
    (checkout / "bin/uv.broken").touch()
    failed = call(checkout, "list")
    assert failed.returncode == 2 and "installing failed" in failed.stderr
    (checkout / "bin/uv.broken").unlink()
    assert call(checkout, "list").returncode == 0


def test_without_a_python_it_says_what_to_do(checkout, monkeypatch):
    for name in ("python", "python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        (checkout / "bin" / name).write_text("#!/bin/sh\nexit 1\n")
        (checkout / "bin" / name).chmod(0o755)
    said = call(checkout, "list")
    assert said.returncode == 2 and said.stderr.count("\n") == 1 and "KIT_PYTHON=" in said.stderr
