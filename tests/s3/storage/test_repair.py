"""Repair converges: whatever two nodes lost comes back, the worst first, and nothing goes missing."""

import random
from itertools import combinations

import pytest

from chapters.sim.clock import S
from s3.storage.anti_entropy import ORPHAN_NS, survey
from s3.storage.blobs import shard_name
from s3.storage.repair import Repairer, triage
from s3.storage.simulated import SimCluster


def filled(seed=7, count=6, **knobs):
    cluster = SimCluster(seed, **knobs)
    rng = random.Random(seed)
    contents = [rng.randbytes(rng.randrange(12_000)) for _ in range(count)]
    return cluster, {cluster.blobs.write([data]): data for data in contents}


def check(cluster, blobs):
    for blob, data in blobs.items():
        assert b"".join(cluster.blobs.read(blob, 0, len(data))) == data


def is_complete(cluster, blobs):
    """Return whether every shard is at its home, once, and nothing else is anywhere."""
    found = survey(cluster.blobs.cluster, blobs)
    return not (found.amiss or found.strays or found.orphans)


def test_a_whole_cluster_has_nothing_to_repair():
    cluster, blobs = filled()
    assert is_complete(cluster, blobs)
    done = Repairer(cluster.blobs, clock=cluster.clock).run(blobs)
    assert (done.wounded, done.shards, done.moved, done.deleted) == (0, 0, 0, 0)


@pytest.mark.parametrize("pair", list(combinations(range(6), 2)))
def test_any_two_nodes_that_come_back_empty_are_filled_again(pair):
    cluster, blobs = filled()
    for number in pair:
        cluster.nodes[number].kill()
        cluster.nodes[number].restart(is_empty=True)
    done = Repairer(cluster.blobs, clock=cluster.clock).run(blobs)
    assert done.mended == done.wounded > 0 and not done.beyond_repair
    assert is_complete(cluster, blobs)
    others = [number for number in range(6) if number not in pair]
    for number in others[:2]:
        cluster.nodes[number].kill()
    check(cluster, blobs)


@pytest.mark.parametrize("pair", [(0, 1), (2, 3), (1, 4)])
def test_two_nodes_that_never_come_back_are_stood_in_for(pair):
    cluster, blobs = filled()
    for number in pair:
        cluster.nodes[number].kill()
    repairer = Repairer(cluster.blobs, clock=cluster.clock)
    assert repairer.run(blobs).mended > 0
    assert repairer.run(blobs).wounded == 0
    for number in set(range(6)) - set(pair):
        cluster.nodes[number].kill()
        check(cluster, blobs)
        cluster.nodes[number].restart()
        cluster.clock.advance(2 * S)
    for number in pair:
        cluster.nodes[number].restart()
    cluster.clock.advance(2 * S)
    repairer.run(blobs)
    assert is_complete(cluster, blobs)
    check(cluster, blobs)


def test_what_a_stand_in_took_is_brought_home():
    cluster, _ = filled(count=0)
    cluster.nodes[3].kill()
    data = bytes(9000)
    blob = cluster.blobs.write([data])
    cluster.nodes[3].restart()
    cluster.clock.advance(2 * S)
    done = Repairer(cluster.blobs, clock=cluster.clock).run([blob])
    assert (done.shards, done.moved, done.deleted) == (0, blob.stripes, blob.stripes)
    assert is_complete(cluster, [blob])


@pytest.mark.parametrize("seed", range(8))
def test_a_scrub_finds_every_flipped_bit_and_repair_mends_it(seed):
    cluster, blobs = filled(seed)
    rng = random.Random(seed)
    flipped = set()
    for blob in blobs:
        for stripe in range(blob.stripes):
            name = shard_name(blob.id, stripe, rng.randrange(6))
            for node in cluster.nodes:
                if node.store.shards(name):
                    node.damage(name, rng.randrange(1000))
                    flipped.add((node.name, name))
    repairer = Repairer(cluster.blobs, clock=cluster.clock)
    damaged = repairer.scrub()
    assert set(damaged) == flipped
    assert repairer.run(blobs, damaged).mended == len(flipped)
    assert repairer.scrub() == []


def test_three_lost_are_reported_and_the_rest_is_repaired():
    cluster, blobs = filled()
    for node in cluster.nodes[:3]:
        node.kill()
        node.restart(is_empty=True)
    done = Repairer(cluster.blobs, clock=cluster.clock).run(blobs)
    assert len(done.beyond_repair) == done.stripes and done.mended == 0


def test_orphans_are_deleted_after_a_day_and_not_before():
    cluster, blobs = filled(count=2)
    being_written = cluster.blobs.write([b"not in the metadata yet"])
    repairer = Repairer(cluster.blobs, clock=cluster.clock)
    for _ in range(2):
        repairer.run(blobs)
        cluster.clock.advance(ORPHAN_NS // 3)
        check(cluster, {being_written: b"not in the metadata yet"})
    cluster.clock.advance(ORPHAN_NS)
    assert repairer.run(blobs).deleted == 6
    assert is_complete(cluster, blobs)


def test_repair_keeps_to_its_rate():
    cluster, blobs = filled()
    for number in (0, 1):
        cluster.nodes[number].kill()
        cluster.nodes[number].restart(is_empty=True)
    start_ns = cluster.clock.now_ns()
    done = Repairer(cluster.blobs, clock=cluster.clock, bytes_per_s=1000).run(blobs)
    assert cluster.clock.now_ns() - start_ns >= done.size_bytes / 1000 * S * 0.99


def test_triage_is_by_what_can_still_be_lost():
    codes = {"a.": (4, 6), "b.": (4, 6), "c.": (4, 6), "d.": (4, 6), "e.": (1, 1), "f.": (1, 1)}
    sound = {"a.": [0, 1, 2, 3, 4], "b.": [0, 1, 2, 5], "c.": range(6), "d.": [0, 1], "e.": [0]}
    assert [(each.key, each.spare, each.lost) for each in triage(codes, sound)] == [
        ("b.", 0, (3, 4)),
        ("a.", 1, (5,)),
        ("d.", -2, (2, 3, 4, 5)),
        ("f.", -1, (0,)),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_under_random_faults_nothing_is_lost_that_a_code_can_keep(seed):
    cluster, blobs = filled(seed, count=4)
    rng = random.Random(f"faults {seed}")
    repairer = Repairer(cluster.blobs, clock=cluster.clock)
    for _ in range(8):
        victims = rng.sample(cluster.nodes, rng.randrange(3))
        for node in victims:
            node.kill()
        data = rng.randbytes(rng.randrange(9000))
        blobs[cluster.blobs.write([data])] = data
        check(cluster, blobs)
        for node in victims:
            node.restart(is_empty=rng.random() < 0.5)
        cluster.clock.advance(2 * S)
        repairer.run(blobs, repairer.scrub())
        check(cluster, blobs)
    assert is_complete(cluster, blobs)
