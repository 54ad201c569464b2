"""Blobs in a simulated cluster: what was written is read, with nodes dead, slow, full or lying."""

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import Unsolved
from chapters.sim.clock import MS, S
from chapters.sim.latency import Constant
from s3.storage.blobs import Blob, shard_name, stripes_of
from s3.storage.errors import LostQuorum
from s3.storage.simulated import SimCluster


def cluster_with(size=20_000, seed=7, **knobs):
    cluster = SimCluster(seed, **knobs)
    data = random.Random(f"{seed} bytes").randbytes(size)
    return cluster, cluster.blobs.write([data]), data


def whole(cluster, blob):
    return b"".join(cluster.blobs.read(blob, 0, blob.size_bytes))


def shards_in(cluster):
    return sum(len(node.store.shards()) for node in cluster.nodes)


@given(st.lists(st.binary(max_size=50), max_size=20), st.integers(1, 64))
def test_stripes_are_the_same_bytes_in_other_pieces(chunks, size):
    stripes = list(stripes_of(chunks, size))
    assert b"".join(stripes) == b"".join(chunks)
    assert all(len(each) == size for each in stripes[:-1])
    assert all(0 < len(each) <= size for each in stripes[-1:])


@pytest.mark.parametrize("size", [0, 1, 3, 4, 4095, 4096, 4097, 8192, 20_000])
@pytest.mark.parametrize("code", [(1, 0), (4, 2), (3, 1), (1, 2)])
def test_what_was_written_is_read(size, code):
    data, parity = code
    cluster, blob, content = cluster_with(size, data=data, parity=parity)
    assert blob.size_bytes == size
    assert whole(cluster, blob) == content
    assert shards_in(cluster) == blob.stripes * (data + parity)


CLUSTER, BLOB, DATA = cluster_with(13_000)


@given(st.integers(0, 13_000), st.integers(0, 13_000))
def test_any_range_can_be_read(one, other):
    start, stop = sorted((one, other))
    assert b"".join(CLUSTER.blobs.read(BLOB, start, stop)) == DATA[start:stop]


def test_a_blob_survives_json():
    assert Blob.from_json(BLOB.to_json()) == BLOB


def test_any_two_nodes_may_die():
    cluster, blob, data = cluster_with()
    for pair in combinations(cluster.nodes, 2):
        for node in pair:
            node.kill()
        assert whole(cluster, blob) == data
        assert b"".join(cluster.blobs.read(blob, 5000, 5001)) == data[5000:5001]
        for node in pair:
            node.restart()


def test_with_three_dead_an_error_comes_before_the_first_byte():
    cluster, blob, _ = cluster_with()
    for node in cluster.nodes[:3]:
        node.kill()
    with pytest.raises(LostQuorum):
        cluster.blobs.read(blob, 0, blob.size_bytes)
    with pytest.raises(LostQuorum):
        cluster.blobs.write([b"nobody is told that this was stored"])


@pytest.mark.parametrize("down", [(0,), (4,), (1, 2), (0, 5)])
def test_what_is_written_beside_dead_nodes_survives_one_more(down):
    cluster, _, _ = cluster_with()
    for number in down:
        cluster.nodes[number].kill()
    data = random.Random(1).randbytes(9000)
    blob = cluster.blobs.write([data])
    for number in set(range(6)) - set(down):
        cluster.nodes[number].kill()
        cluster.clock.advance(2 * S)
        assert whole(cluster, blob) == data, number
        cluster.nodes[number].restart()
        cluster.clock.advance(2 * S)


def test_a_node_that_dies_in_the_middle_of_a_write_is_stood_in_for():
    for victim in range(6):
        cluster, _, _ = cluster_with()
        data = random.Random(victim).randbytes(30_000)

        def chunks(node=cluster.nodes[victim], data=data):
            yield data[:10_000]
            node.kill()
            yield data[10_000:]

        blob = cluster.blobs.write(chunks())
        assert whole(cluster, blob) == data
        cluster.nodes[(victim + 1) % 6].kill()
        assert whole(cluster, blob) == data


def test_power_failures_at_any_write_of_a_node_do_not_matter_to_the_blob():
    for write in range(12):
        cluster, _, _ = cluster_with(100)
        cluster.nodes[2].disk.crash_after(write)
        data = random.Random(write).randbytes(12_000)
        blob = cluster.blobs.write([data])
        assert whole(cluster, blob) == data


def test_an_interrupted_upload_leaves_nothing_behind():
    cluster, _, _ = cluster_with(0)

    def broken():
        yield bytes(10_000)
        raise ConnectionResetError("the client hung up")

    with pytest.raises(ConnectionResetError):
        cluster.blobs.write(broken())
    assert shards_in(cluster) == 0


def test_lost_quorum_in_the_middle_leaves_nothing_on_those_that_are_left():
    cluster, _, _ = cluster_with(0)

    def chunks():
        yield bytes(10_000)
        for node in cluster.nodes[:3]:
            node.kill()
        yield bytes(10_000)

    with pytest.raises(LostQuorum):
        cluster.blobs.write(chunks())
    assert sum(len(node.store.shards()) for node in cluster.nodes[3:]) == 0


def test_deleting_removes_every_shard():
    cluster, blob, _ = cluster_with()
    other = cluster.blobs.write([b"another"])
    cluster.blobs.delete(blob)
    assert shards_in(cluster) == 6
    with pytest.raises(LostQuorum):
        cluster.blobs.read(blob, 0, 1)
    assert whole(cluster, other) == b"another"


def test_full_nodes_are_stood_in_for_and_then_there_is_no_quorum():
    cluster, _, _ = cluster_with(0)
    for full, node in enumerate(cluster.nodes[:2], 1):
        node.set_faults({"is_full": True})
        blob = cluster.blobs.write([b"x" * 9000])
        assert whole(cluster, blob) == b"x" * 9000, full
    cluster.nodes[2].set_faults({"is_full": True})
    with pytest.raises(LostQuorum):
        cluster.blobs.write([b"x" * 9000])
    assert whole(cluster, blob) == b"x" * 9000


@pytest.mark.parametrize("seed", range(20))
def test_flipped_bits_never_come_out(seed):
    cluster, blob, data = cluster_with(seed=seed)
    rng = random.Random(seed)
    for stripe in range(blob.stripes):
        for shard in rng.sample(range(6), 2):
            name = shard_name(blob.id, stripe, shard)
            for node in cluster.nodes:
                if node.store.shards(name):
                    node.damage(name, rng.randrange(1000))
    assert whole(cluster, blob) == data


def test_three_damaged_shards_of_one_stripe_are_an_error_not_bytes():
    cluster, blob, _ = cluster_with(4000)
    for shard in range(3):
        for node in cluster.nodes:
            if node.store.shards(name := shard_name(blob.id, 0, shard)):
                node.damage(name)
    with pytest.raises(LostQuorum, match="3 of 6 shards"):
        cluster.blobs.read(blob, 0, 4000)


def test_a_slow_node_costs_one_patience_rather_than_its_answer():
    latency = {f"n{number}": Constant(2 * MS) for number in range(6)} | {"n1": Constant(5 * S)}
    cluster, blob, data = cluster_with(4000, latency=latency, patience_ns=10 * MS)
    start_ns = cluster.clock.now_ns()
    assert whole(cluster, blob) == data
    assert cluster.clock.now_ns() - start_ns <= 14 * MS


def test_a_write_does_not_wait_for_a_node_that_hangs():
    latency = {"n1": Constant(60 * S)}
    cluster, blob, data = cluster_with(9000, latency=latency)
    assert cluster.clock.now_ns() < 10 * S
    assert whole(cluster, blob) == data


def test_a_write_waits_for_late_nodes_where_nobody_can_stand_in():
    latency = {f"n{number}": Constant(5 * S) for number in range(3)}
    cluster, blob, data = cluster_with(4000, latency=latency)
    assert 5 * S <= cluster.clock.now_ns() < 6 * S
    assert whole(cluster, blob) == data


def test_deleting_waits_once_for_a_node_that_hangs_and_then_leaves_it_alone():
    cluster, blob, _ = cluster_with(9000)
    other = cluster.blobs.write([b"another"])
    cluster.races.latency = {"n1": Constant(60 * S)}
    start_ns = cluster.clock.now_ns()
    cluster.blobs.delete(blob)
    first_ns = cluster.clock.now_ns()
    cluster.blobs.delete(other)
    assert 0 < first_ns - start_ns <= 2 * S
    assert cluster.clock.now_ns() == first_ns
    assert sum(len(node.store.shards()) for node in cluster.nodes if node.name != "n1") == 0


def test_a_bug_in_a_node_is_not_taken_for_a_lost_shard():
    cluster, blob, _ = cluster_with(4000)

    def unsolved(*_):
        raise Unsolved("s3/something")

    for node in cluster.nodes:
        node.get = unsolved
    with pytest.raises(Unsolved):
        cluster.blobs.read(blob, 0, 4000)
