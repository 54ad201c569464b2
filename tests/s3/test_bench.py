"""The benchmark measures what it says: verdicts, processes and their CPU, errors that count."""

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from chapters.measure.ratio import Ratio
from s3.bench import app, parts
from s3.bench.findings import GOALS, MODE, Figure, Verdict
from s3.bench.wire import Crowd
from s3.records import Summary, Version


def ratio(name, baseline, value):
    return Ratio(name, baseline, 1.0, value, value, value, value, 3)


@pytest.mark.parametrize("share, holds", [(1.0, True), (0.99, False)])
def test_a_ratio_is_judged_by_the_goal_that_was_set_before(share, holds):
    for (cell, peer), wanted in GOALS.items():
        verdict = Verdict.of(ratio(f"{cell} ({MODE})", peer, wanted * share))
        assert verdict is not None and verdict.holds is holds


def test_what_has_no_goal_has_no_verdict():
    assert Verdict.of(ratio("something else", "moto", 1.0)) is None
    assert Verdict.of(Figure("something else", 1.0, "")) is None


def test_one_answer_5xx_is_too_many():
    assert str(Verdict.of(Figure("answers 5xx at 32 clients", 1.0, ""))).endswith("NOT HOLD")
    assert Verdict.of(Figure("answers 5xx at 32 clients", 0.0, "")).holds


def test_every_goal_of_a_server_names_a_cell():
    from s3.bench.cells import FULL, SPREAD

    cells = {str(cell) for cell in FULL} | {f"{SPREAD.name} at 4+2 over six nodes"}
    assert {cell for cell, peer in GOALS if peer in app.PEERS} <= cells


def test_a_missing_peer_is_named_with_the_way_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("KIT_PEERS", str(tmp_path))
    assert app.peer("moto") is None
    assert "moto[server]==" in str(app.missing("moto")) and str(tmp_path) in str(
        app.missing("moto")
    )


@pytest.mark.skipif(not app.PROC.is_dir(), reason="there is no /proc here")
def test_the_cpu_of_a_server_is_that_of_its_children_too():
    burn = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\ninput()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"
    served = app.Served.__new__(app.Served)
    served._process = subprocess.Popen(
        [sys.executable, "-c", parent],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert served._process.stdout.readline() == b"done\n"
    assert served.cpu_ns() >= 250_000_000 and served.peak_mib() > 1
    served._process.communicate(b"\n")
    assert served.cpu_ns() == 0


class Failing(BaseHTTPRequestHandler):
    """Every third answer is a 503."""

    protocol_version = "HTTP/1.1"
    answers = 0

    def do_GET(self):
        Failing.answers += 1
        self.send_response(503 if Failing.answers % 3 == 0 else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_): ...


def test_a_crowd_counts_what_was_done_and_what_failed():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Failing)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever)
    thread.start()
    crowd = Crowd(server.server_port, 1)
    turns = [crowd.take_turn(lambda line, number: line.ask("GET", "/"), 0) for _ in range(6)]
    crowd.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert [(turn.done, turn.failed) for turn in turns] == [(1, 0), (1, 0), (0, 1)] * 2


def test_signatures_and_listings_are_measured():
    assert parts.signatures(50, 1).ratio > 0
    assert parts.listings(12_000, 1, 1).baseline_ns > 0


def test_sharing_syncs_stores_the_same_shards():
    assert parts.group_commit(8, 1).clock == "wall clock"


def test_a_summary_is_the_beginning_of_a_version():
    names = Version.__dataclass_fields__
    assert tuple(names)[: len(Summary._fields)] == Summary._fields
    version = Version(
        'ключ\n"]{', "v", "0f", 5, "me", checksum={"algorithm": "CRC32"}, meta={"a": "]["}
    )
    data = version.to_bytes()
    assert Version.from_bytes(data) == version
    assert Summary.from_bytes(data) == tuple(getattr(version, name) for name in Summary._fields)
