"""A node behind HTTP is the same node, and a broken conversation is an error, not wrong bytes."""

import socket
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from chapters.errors import UsageError
from chapters.sim.errors import DiskFull, DiskInUse
from s3.storage.app import cluster_blobs, local_blobs, open_node
from s3.storage.desk import Desk
from s3.storage.errors import BadShard, DamagedShard, NoAnswer, NoSuchShard, Unreachable
from s3.storage.record import crc32c
from s3.storage.remote import RemoteNode
from s3.storage.wire import Caller, NodeServer


class Served:
    """A node of this process behind a port."""

    def __init__(self, folder):
        self.count = 0

        def opened():
            self.count += 1
            return open_node(folder / str(self.count), "n", "a")

        self.hung = threading.Event()
        self.desk = Desk(opened(), wipe=opened, pause=self.hung.wait)
        self.server = NodeServer(("127.0.0.1", 0), self.desk)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self):
        self.hung.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        self.desk.node.close()


@pytest.fixture
def served(tmp_path):
    served = Served(tmp_path)
    yield served
    served.close()


@pytest.fixture
def node(served):
    with closing(RemoteNode("n", "a", "127.0.0.1", served.port, answer_s=0.5)) as node:
        yield node


def test_shards_come_back_as_they_went(node):
    large = bytes(range(256)) * 8192
    for name, payload in {"small.00": b"x", "empty.00": b"", "large.00": large}.items():
        node.put(name, payload)
        assert node.get(name) == payload
    assert node.get("large.00", 1000, 1300) == large[1000:1300]
    assert [each.shard for each in node.shards()] == ["empty.00", "large.00", "small.00"]
    assert [each.shard for each in node.shards(after="empty.00", limit=1)] == ["large.00"]
    assert node.delete(["small.", "empty."]) == 2
    assert node.status()["shards"] == 1


def test_errors_keep_their_names(node):
    with pytest.raises(NoSuchShard, match="no shard absent"):
        node.get("absent")
    with pytest.raises(BadShard, match="1 to 255"):
        node.put("n" * 256, b"")
    node.put("s.00", b"to be damaged")
    node.damage("s.00", 3)
    with pytest.raises(DamagedShard):
        node.get("s.00")
    assert node.scrub().damaged == ("s.00",)
    with pytest.raises(UsageError, match="slow_ms"):
        node.set_faults({"slowly": 1})


def test_faults_are_felt_and_can_be_taken_back(node):
    node.put("s.00", b"1")
    node.set_faults({"is_full": True})
    with pytest.raises(DiskFull):
        node.put("t.00", b"2")
    node.set_faults({"is_full": False, "is_refusing": True})
    with pytest.raises(Unreachable):
        node.get("s.00")
    node.set_faults({"is_refusing": False, "is_unreachable": True})
    with pytest.raises(NoAnswer):
        node.get("s.00")
    node.set_faults({"is_unreachable": False, "slow_ms": 1})
    assert node.get("s.00") == b"1"


def test_a_wiped_node_is_empty_and_works(node):
    node.put("s.00", b"1")
    node.wipe()
    assert node.shards() == []
    node.put("s.00", b"2")
    assert node.get("s.00") == b"2"


def test_a_shard_that_was_changed_on_its_way_is_refused(served):
    with closing(Caller("127.0.0.1", served.port)) as caller:
        answer = caller.call("PUT", "/shards/s", b"changed", crc32c(b"sent"))
    assert answer.status == 400 and b"on their way" in answer.body
    assert served.desk.node.shards() == []


def test_the_merkle_tree_is_the_same_from_afar(node, served):
    for number in range(50):
        node.put(f"{number:02}.00", b"")
    assert node.branch(()) == served.desk.node.branch(())
    paths = [(high, low) for high in range(16) for low in range(16)]
    names = sorted(name for path in paths for name in node.leaf(path))
    assert names == [f"{number:02}.00" for number in range(50)]


def test_any_http_client_can_look(served):
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/status") as answer:
        assert b'"zone": "a"' in answer.read()


@pytest.mark.parametrize(
    "words",
    [b"\r\n\r\n", b"GET\r\n\r\n", b"nonsense\n\n", b"PUT /shards/s HTTP/1.1\r\nContent-Length: x\r\n\r\n",
     b"PUT /shards/s HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"A" * 100_000],
)  # fmt: skip
def test_nonsense_is_hung_up_on_and_the_node_lives(served, node, words):
    with socket.create_connection(("127.0.0.1", served.port), 2) as line:
        try:
            line.sendall(words)
            line.shutdown(socket.SHUT_WR)
            assert line.recv(100) == b""
        except OSError:
            pass  # hung up on while we were still talking
    assert node.status()["shards"] == 0


def test_half_a_shard_is_not_stored(served, node):
    with socket.create_connection(("127.0.0.1", served.port), 2) as line:
        line.sendall(b"PUT /shards/s HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100) == b""
    assert node.shards() == []


def test_a_connection_that_went_stale_is_replaced(tmp_path):
    first = Served(tmp_path)
    node = RemoteNode("n", "a", "127.0.0.1", first.port)
    node.put("s.00", b"1")
    first.close()
    for line in node._caller._idle:
        line._socket.shutdown(socket.SHUT_RDWR)
    with pytest.raises(Unreachable, match="cannot be reached"):
        node.get("s.00")
    node.close()


def test_many_writers_share_syncs_and_each_gets_what_it_wrote(tmp_path):
    blobs = local_blobs(tmp_path)
    disk = blobs.cluster.nodes["local"].store.extents._disk
    syncs = []
    real_sync = disk.sync

    def counted(name):
        syncs.append(name)
        real_sync(name)

    disk.sync = counted
    with ThreadPoolExecutor(16) as pool:
        written = list(pool.map(lambda number: blobs.write([b"%d" % number]), range(400)))
    assert len(syncs) < 350
    for number, blob in enumerate(written):
        assert b"".join(blobs.read(blob, 0, blob.size_bytes)) == b"%d" % number
    blobs.close()


def test_what_is_moved_while_it_is_read_is_found_again(tmp_path):
    blobs = local_blobs(tmp_path)
    node = blobs.cluster.nodes["local"]
    node.store.extents._extent_bytes_max = 3000
    stop = threading.Event()

    def collect():
        while not stop.wait(0.001):
            node.collect()

    collector = threading.Thread(target=collect)
    collector.start()
    try:
        kept = {}
        for number in range(300):
            blob = blobs.write([b"%d" % number * 100])
            if number % 3:
                blobs.delete(blob)
            else:
                kept[blob] = b"%d" % number * 100
            for blob in list(kept)[-5:]:
                assert b"".join(blobs.read(blob, 0, blob.size_bytes)) == kept[blob]
    finally:
        stop.set()
        collector.join()
    for blob, data in kept.items():
        assert b"".join(blobs.read(blob, 0, blob.size_bytes)) == data
    blobs.close()


def test_two_processes_cannot_have_one_folder(tmp_path):
    blobs = local_blobs(tmp_path)
    with pytest.raises(DiskInUse):
        open_node(tmp_path)
    assert blobs.write([]).size_bytes == 0
    blobs.close()
    open_node(tmp_path).close()


def test_blobs_over_http(tmp_path):
    served = [Served(tmp_path / str(number)) for number in range(6)]
    nodes = [
        RemoteNode(f"n{number}", "abc"[number % 3], "127.0.0.1", each.port)
        for number, each in enumerate(served)
    ]
    blobs = cluster_blobs(nodes)
    data = bytes(range(256)) * 40_000
    blob = blobs.write(data[at : at + 70_000] for at in range(0, len(data), 70_000))
    nodes[0].set_faults({"is_refusing": True})
    nodes[4].damage(nodes[4].shards()[0].shard)
    assert b"".join(blobs.read(blob, 0, len(data))) == data
    blobs.delete(blob)
    assert sum(len(node.shards()) for node in nodes[1:]) == 0
    blobs.close()
    for each in served:
        each.close()


def test_a_connection_to_itself_is_no_node(monkeypatch):
    """Asking a port that nobody has, one may be lent that port, and be connected to oneself."""

    def to_itself(address, timeout):
        line = socket.socket()
        line.bind(("127.0.0.1", 0))
        line.connect(line.getsockname())
        return line

    monkeypatch.setattr("s3.storage.wire.socket.create_connection", to_itself)
    with pytest.raises(Unreachable, match="nobody listens there"):
        Caller("127.0.0.1", 9).call("GET", "/status")
