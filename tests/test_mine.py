"""The learner's code inside the running system, and nowhere that judges it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from chapters.runner import mutants
from chapters.runner.catalogue import Catalogue
from chapters.runner.progress import Progress, Standing

EXERCISE = Catalogue.load().exercise("exchange/price-time-priority")
KIT = [sys.executable, "-m", "chapters.cli"]
SPAWNING = """
import multiprocessing, sys
from chapters.cli import main

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    main(sys.argv[1:])
"""


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A work folder with the exercise's first mutant, as somebody would write it by mistake."""
    ((module, text),) = mutants.sources(EXERCISE, EXERCISE.mutants[0]).items()
    copy = tmp_path / "work" / EXERCISE.path_of(module)
    copy.parent.mkdir(parents=True)
    copy.write_text(text)
    Progress(tmp_path / "work").with_standing(EXERCISE.id, Standing(begun=True)).save()
    monkeypatch.setenv("KIT_WORK", str(tmp_path / "work"))
    monkeypatch.delenv("KIT_MINE", raising=False)
    return tmp_path / "work"


def test_no_environment_turns_a_wrong_answer_into_a_right_one(work):
    for extra in ({}, {"KIT_MINE": "1"}):
        done = subprocess.run(
            [*KIT, "check"], env=os.environ | extra, capture_output=True, text=True
        )
        assert done.returncode == 1 and "Looks like: " in done.stdout
    gate = [*KIT, "dev", "check", "log/retention", "--workers", "1"]
    done = subprocess.run(gate, env=os.environ | {"KIT_MINE": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def free_ports():
    """Return a port that is free, and so is the next."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def ask(port, path, fields=None):
    body = None if fields is None else json.dumps(fields).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def served(command, words):
    """Serve the exchange, offer the same twice, buy one, and return which of them was taken."""
    port = free_ports()
    options = ["--port", str(port), "--per-second", "0", *words]
    server = subprocess.Popen([*command, "serve", "exchange", *options], stdout=subprocess.PIPE)
    try:
        wait_for(server, port)
        for account in (1, 2):
            enter(port, account=account, side="sell", client_id=str(account))
        bought = enter(port, account=3, side="buy", client_id="3")
        return next(each["maker_id"] for each in bought["reports"] if each["event"] == "filled")
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)


def enter(port, **fields):
    return ask(port, "/api/orders", {"symbol": "ACME", "quantity": 10, "price": "10.00"} | fields)


def wait_for(server, port):
    deadline = time.monotonic() + 60
    while True:
        try:
            ask(port, "/api/status")
            return
        except OSError:
            assert server.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.slow
def test_the_served_exchange_matches_by_the_learners_rule(work, tmp_path):
    script = tmp_path / "spawning.py"
    script.write_text(SPAWNING)
    assert served(KIT, []) == 1  # the oldest first
    assert served(KIT, ["--mine"]) == 2  # as the mistake has it
    assert served([sys.executable, str(script)], ["--mine"]) == 2
