"""Six real nodes: two are killed under load, nobody notices, and repair makes the cluster whole."""

import random
import shutil
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest

from chapters.errors import KitError
from chapters.sim.real import WallClock
from s3.storage.app import cluster_blobs
from s3.storage.remote import RemoteNode
from s3.storage.repair import Repairer

pytestmark = pytest.mark.slow

NODES = 6


class Process:
    """A node in a process of its own, always at the same port once it has one."""

    def __init__(self, folder, number):
        self.folder = folder / f"n{number}"
        self.name, self.zone, self.port = f"n{number}", "abc"[number % 3], 0
        self.start()

    def start(self):
        words = [self.folder, "127.0.0.1", self.port, self.name, self.zone]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "s3.storage", *map(str, words)],
            stdout=subprocess.PIPE,
            text=True,
        )
        url = self.process.stdout.readline()
        self.port = int(url.rsplit(":", 1)[1])

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def processes(tmp_path):
    with ExitStack() as stack:
        found = [Process(tmp_path, number) for number in range(NODES)]
        for each in found:
            stack.callback(each.kill)
        yield found


class Load:
    """Threads that write blobs and read them back, until told to stop."""

    def __init__(self, blobs, threads=4):
        self.blobs = blobs
        self.written = {}
        self.reads = 0
        self.wrong = []
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(random.Random(number),))
            for number in range(threads)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, rng):
        while not self._stop.is_set():
            try:
                data = rng.randbytes(rng.randrange(200_000))
                self.written[self.blobs.write([data])] = data
                blob, data = rng.choice(list(self.written.items()))
                start = rng.randrange(len(data) + 1)
                if b"".join(self.blobs.read(blob, start, len(data))) != data[start:]:
                    self.wrong.append(f"wrong bytes of {blob}")
                self.reads += 1
            except Exception as error:
                self.wrong.append(repr(error))

    def wait_for(self, reads):
        pause = threading.Event()
        target = self.reads + reads
        for _ in range(2000):
            if self.reads >= target or self.wrong:
                return
            pause.wait(0.02)
        raise AssertionError(f"only {self.reads} of {target} reads")


def test_two_nodes_are_killed_under_load_and_replaced_by_empty_ones(processes):
    nodes = [RemoteNode(each.name, each.zone, "127.0.0.1", each.port) for each in processes]
    blobs = cluster_blobs(nodes)
    victims = (processes[1], processes[4])
    with Load(blobs) as load:
        load.wait_for(50)
        for victim in victims:
            victim.kill()
            load.wait_for(50)
        for victim in victims:
            shutil.rmtree(victim.folder)
            victim.start()
        load.wait_for(50)
    assert not load.wrong
    repairer = Repairer(blobs, clock=WallClock())
    done = repairer.run(load.written, repairer.scrub())
    assert done.mended == done.wounded > 0 and not done.failed and not done.beyond_repair
    assert repairer.run(load.written).wounded == 0
    for other in (processes[0], processes[2]):
        other.process.kill()
    for blob, data in load.written.items():
        assert b"".join(blobs.read(blob, 0, blob.size_bytes)) == data
    blobs.close()


def test_a_killed_node_comes_back_with_all_that_it_acknowledged(processes):
    process = processes[0]
    node = RemoteNode(process.name, process.zone, "127.0.0.1", process.port)
    stored = {}
    for number in range(60):
        payload = random.Random(number).randbytes(10_000)
        node.put(f"{number:02}.00", payload)
        stored[f"{number:02}.00"] = payload
    process.kill()
    process.start()
    assert {name: node.get(name) for name in stored} == stored
    node.close()


def test_a_node_ends_when_its_parent_does(tmp_path):
    words = [str(tmp_path / "n"), "127.0.0.1", "0", "n", "a"]
    starter = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-m', 's3.storage', *{words!r}],"
        " stdout=subprocess.PIPE, text=True)\n"
        "print(child.stdout.readline().strip(), flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True)
    node = RemoteNode("n", "a", "127.0.0.1", int(parent.stdout.readline().rsplit(":", 1)[1]))
    assert node.shards() == []
    parent.kill()
    parent.wait()
    parent.stdout.close()
    pause = threading.Event()
    for _ in range(100):
        try:
            node.status()
        except KitError:
            return
        pause.wait(0.05)
    raise AssertionError("the node outlived its parent by five seconds")
