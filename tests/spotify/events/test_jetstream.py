"""Plays on a real NATS server: kept once, in order, while it is killed and started again."""

import signal
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path
from random import Random

import pytest

from chapters.errors import Unreachable, UsageError
from chapters.log.errors import CommitUnknown, SecondWriter
from spotify.events.intake import Intake
from spotify.events.wire import Stream
from spotify.scene.imagined import album
from tests.ports import free_ports
from tests.waiting import until

PROGRAM = Path(sysconfig.get_path("scripts")) / "nats-server"


class Server:
    """A JetStream server on a folder, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_ports()
        self.url = f"nats://127.0.0.1:{self.port}"
        self.streams: list[Stream] = []
        self.start()

    def start(self) -> None:
        said = self.folder / "said"
        said.unlink(missing_ok=True)
        words = ["-js", "-sd", self.folder, "-a", "127.0.0.1", "-p", str(self.port), "-l", said]
        self.process = subprocess.Popen([PROGRAM, *words])
        until(lambda: said.is_file() and "Server is ready" in said.read_text())

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stream(self, name: str = "plays", **words: float) -> Stream:
        self.streams.append(Stream(self.url, name, **words))
        return self.streams[-1]

    def intake(self) -> Intake:
        return Intake(self.stream("plays"), self.stream("dead"))


@pytest.fixture
def server(tmp_path):
    running = Server(tmp_path)
    yield running
    for stream in running.streams:
        stream.close()
    running.kill()


def reports(tracks, first, count):
    track = next(iter(tracks))
    return [
        {"id": f"play-{n}", "user": "ada", "track": track, "at_ms": n, "played_ms": 30_000}
        for n in range(first, first + count)
    ]


@pytest.fixture
def tracks():
    return {track.id: track for track in album(Random(1), seconds=40)[0].tracks}


def test_a_play_is_kept_once_and_known_after_a_restart(server, tracks):
    first = server.intake()
    assert first.take(reports(tracks, 0, 700)[:400], tracks, 1000).shown()["taken"] == 400
    assert first.take([{"id": "x"}], tracks, 1000).dead == 1
    server.kill()
    server.start()
    again = server.intake()
    told = again.take(reports(tracks, 300, 300), tracks, 1000).shown()
    assert told == {"taken": 200, "repeated": 100, "dead": 0}
    assert [play.id for play in again.plays()] == [f"play-{n}" for n in range(600)]
    assert again.reasons.total() == 1


@pytest.mark.slow
def test_a_server_that_is_killed_again_and_again_keeps_each_record_once_in_its_place(server):
    stream, count, end = server.stream(), 0, time.monotonic() + 12
    over = threading.Event()

    def kill_often():
        while not over.wait(0.7):
            server.kill()
            server.start()

    killer = threading.Thread(target=kill_often)
    killer.start()
    while time.monotonic() < end:
        for number in range(count, count + 50):
            stream.append(b"%d" % number)
        count += 50
        stream.commit()
    over.set()
    killer.join()
    assert [record.payload for record in stream.read()] == [b"%d" % n for n in range(count)]
    assert count > 500


def test_a_second_writer_is_refused_and_nothing_is_lost(server):
    one, other = server.stream(), server.stream()
    one.append(b"a")
    assert one.commit() == 1
    other.append(b"b")
    with pytest.raises(SecondWriter, match="one writer"):
        other.commit()
    with pytest.raises(CommitUnknown, match="start again"):
        other.commit()
    assert [record.payload for record in one.read()] == [b"a"]


def test_a_commit_that_nobody_answers_is_unknown_until_the_stream_is_opened_again(server):
    stream = server.stream(answer_s=0.3, patience_s=0.5)
    server.kill()
    stream.append(b"a")
    with pytest.raises(CommitUnknown, match=server.url):
        stream.commit()
    server.start()
    with pytest.raises(CommitUnknown):
        stream.commit()
    assert server.stream().durable in (0, 1)


def test_nobody_there_is_one_line():
    with pytest.raises(Unreachable, match="no JetStream server answers"):
        Stream("nats://127.0.0.1:1", "plays", answer_s=0.3)


def test_without_its_library_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "nats", None)
    with pytest.raises(UsageError, match=r"pip install 'system-design-kit\[events\]'"):
        Stream("nats://127.0.0.1:1", "plays")
