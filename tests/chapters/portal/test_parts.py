"""Parts of a service: told, asked, killed, kept dead, and waited for."""

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from random import Random

import pytest

from chapters.errors import Refused, Unreachable, UsageError
from chapters.new_file import drawn_once
from chapters.portal import parts
from chapters.portal.bare import json_of, posted


@dataclass(frozen=True)
class Settings:
    name: str
    port: int


@pytest.mark.parametrize(
    "words", [None, "no JSON", "[]", '{"name": "a"}', '{"name": "a", "port": 1, "x": 2}']
)
def test_a_part_that_was_started_alone_says_what_to_start(monkeypatch, words):
    monkeypatch.delenv("KIT_TEST_PART", raising=False)
    if words is not None:
        monkeypatch.setenv("KIT_TEST_PART", words)
    with pytest.raises(UsageError, match="part of `kit serve x`"):
        parts.told("KIT_TEST_PART", Settings, "kit serve x")


def test_what_was_told_is_heard(monkeypatch):
    monkeypatch.setenv("KIT_TEST_PART", "")
    parts.tell("KIT_TEST_PART", Settings("edge-1", 9))
    assert parts.told("KIT_TEST_PART", Settings, "x") == Settings("edge-1", 9)


def test_a_killed_part_is_dead_and_the_next_one_waits_until_it_may_come_back(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    parts.kill(tmp_path / "down", "edge-1", child.pid)
    assert child.wait(10) == -9
    child.stdin.close()
    parts.kill(tmp_path / "down", "edge-1", child.pid)  # gone already: no error
    waiting = threading.Thread(target=parts.wait_while_down, args=(tmp_path / "down", "edge-1"))
    waiting.start()
    assert waiting.is_alive()
    parts.revive(tmp_path / "down", "edge-1")
    waiting.join(10)
    assert not waiting.is_alive()
    parts.revive(tmp_path / "down", "edge-1")


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}x" if self.path == "/bad" else b'{"name": "edge-1"}')

    def log_message(self, *words):
        pass


def test_whoever_is_ready_is_told_once_all_answer_and_nobody_who_is_away_is_believed():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        heard = []
        parts.when_up([url, url], heard.append)("the page")
        assert heard == ["the page"] and parts.ask(f"{url}/_/status") == {"name": "edge-1"}
        with pytest.raises(Unreachable, match="is it down"):
            parts.ask(f"{url}/bad")
    finally:
        server.shutdown()
        server.server_close()
    with pytest.raises(Unreachable, match="does not answer"):
        parts.ask(url)


def test_work_is_repeated():
    done = threading.Event()
    parts.repeat(done.set, 0.01)
    assert done.wait(10)


def test_a_bare_answer_has_its_length_and_a_body_that_is_no_object_is_refused():
    told = []
    (data,) = json_of(lambda *words: told.append(words), 404, {"error": "x"}, [("X-A", "1")])
    assert told[0][0] == "404 Not Found" and ("Content-Length", str(len(data))) in told[0][1]
    for body in (b"", b"[]", b"{", b"\xff"):
        with pytest.raises(Refused, match="JSON object"):
            posted({"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))})


def test_a_secret_is_drawn_once_and_nobody_else_may_read_it(tmp_path):
    path = tmp_path / "new" / "secret"
    first = drawn_once(path, 32, rng=Random(1))
    assert len(first) == 32 and drawn_once(path, 32, rng=Random(2)) == first
    assert os.stat(path).st_mode & 0o777 == 0o600
