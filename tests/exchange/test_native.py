"""The compiled engine: built from the files that are there, and no different but for the time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chapters.runner.places import ROOT
from exchange import native

CORE = (
    "test_book.py",
    "test_engine.py",
    "test_journal.py",
    "test_flow.py",
    "order_types",
    "sessions",
    "risk",
)
KIT = (sys.executable, "-m", "chapters.cli")


def run(home: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"HOME": str(home), "PYTHONPATH": str(ROOT)} | environ
    return subprocess.run(words, env=env, cwd=ROOT, capture_output=True, text=True)


def test_what_was_not_built_is_said_with_the_remedy(tmp_path):
    said = run(tmp_path, *KIT, "run", "exchange/native", KIT_NATIVE="1")
    assert said.returncode == 2
    assert said.stderr.strip().endswith("kit build --native")


def test_what_is_asked_for_already_can_still_be_built(tmp_path):
    """In a shell where KIT_NATIVE is set: only a module that is to be compiled is missed."""
    asked = (sys.executable, "-c", "from exchange.native import place; print(place().is_dir())")
    assert run(tmp_path, *asked, KIT_NATIVE="1").stdout == "False\n"
    wanted = run(tmp_path, sys.executable, "-c", "import exchange.book", KIT_NATIVE="1")
    assert "kit build --native" in wanted.stderr


def test_build_alone_says_what_can_be_built(tmp_path):
    said = run(tmp_path, *KIT, "build")
    assert said.returncode == 2
    assert "kit build --native" in said.stderr


def test_other_sources_are_another_place(tmp_path, monkeypatch):
    here = native.place()
    (tmp_path / "exchange/order_types").mkdir(parents=True)
    for name in (*native.COMPILED, *native.WORDS):
        text = (ROOT / "exchange" / name).read_text()
        (tmp_path / "exchange" / name).write_text(text)
    monkeypatch.setattr(native, "_ROOT", tmp_path)
    assert native.place() == here
    (tmp_path / "exchange/book.py").write_text(text + "\n")
    assert native.place() != here


@pytest.mark.slow
def test_the_compiled_engine_passes_the_tests_of_the_engine(tmp_path):
    built = run(tmp_path, *KIT, "build", "--native", KIT_NATIVE="1")
    assert built.returncode == 0, built.stderr
    demo = (*KIT, "run", "exchange/native")
    compiled, plain = run(tmp_path, *demo, KIT_NATIVE="1"), run(tmp_path, *demo, KIT_NATIVE="0")
    assert compiled.stdout.startswith("compiled\n")
    assert compiled.stdout.splitlines()[1] == plain.stdout.splitlines()[1], "the digests differ"
    asked = (sys.executable, "-c", "from exchange.native import is_native; print(is_native())")
    assert run(tmp_path, *asked, KIT_NATIVE="1").stdout == "True\n"
    assert run(tmp_path, *asked, KIT_NATIVE="1", KIT_MINE="1").stdout == "False\n"
    tests = (f"tests/exchange/{name}" for name in CORE)
    options = ("-m", "not slow", "-q", "-x", "-p", "no:cacheprovider")
    found = run(tmp_path, sys.executable, "-m", "pytest", *tests, *options, KIT_NATIVE="1")
    assert found.returncode == 0, found.stdout[-3_000:]
