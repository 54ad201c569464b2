"""Where shards go: zones take turns, nobody holds too much, and who is up keeps what it has."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.consistent_hashing.rendezvous import Disk
from s3.storage.errors import LostQuorum
from s3.storage.placement import Placement, assign


def disks(zones):
    return [Disk(f"n{number}", zone) for number, zone in enumerate(zones)]


def zone_counts(names, all_disks):
    zone_of = {disk.name: disk.zone for disk in all_disks}
    return Counter(zone_of[name] for name in names)


def test_six_shards_on_six_nodes_are_one_each():
    placement = Placement(disks("abcabc"))
    for key in map(str, range(50)):
        assert len(set(placement.homes(key, 4, 2))) == 6


def test_the_loss_of_a_zone_is_the_loss_of_its_share():
    nine = disks("aaabbbccc")
    placement = Placement(nine)
    for key in map(str, range(50)):
        assert set(zone_counts(placement.homes(key, 4, 2), nine).values()) == {2}


def test_a_node_that_is_down_moves_its_own_shard_only():
    placement = Placement(disks("abcabc"))
    for key in map(str, range(50)):
        homes = placement.homes(key, 4, 2)
        up = [f"n{number}" for number in range(6) if number != 3]
        places = placement.with_handoff(key, 4, 2, up, {})
        moved = [shard for shard in range(6) if places[shard] != homes[shard]]
        assert [homes[shard] for shard in moved] == ["n3"]
        assert max(Counter(places).values()) == 2


def test_with_four_nodes_left_any_one_may_still_die():
    placement = Placement(disks("abcabc"))
    places = placement.with_handoff("key", 4, 2, ["n0", "n1", "n2", "n5"], {})
    assert sorted(Counter(places).values()) == [1, 1, 2, 2]


def test_fewer_nodes_than_data_shards_are_no_quorum():
    placement = Placement(disks("abcabc"))
    with pytest.raises(LostQuorum, match="3 nodes take shards"):
        placement.with_handoff("key", 4, 2, ["n0", "n1", "n2"], {})


def test_what_is_stored_stays_where_it_is_and_counts():
    placement = Placement(disks("abcabc"))
    homes = placement.homes("key", 4, 2)
    stored = {0: homes[1]}
    places = placement.with_handoff("key", 4, 2, [f"n{n}" for n in range(6)], stored)
    assert places[0] == homes[1] and max(Counter(places).values()) <= 2


@given(
    st.text("abc", min_size=1, max_size=9),
    st.integers(1, 12),
    st.integers(1, 4),
    st.sets(st.integers(0, 11)),
)
def test_no_disk_gets_more_than_its_most_and_none_is_empty_while_one_is_crowded(
    zones, count, each_max, kept_shards
):
    all_disks = disks(zones)
    kept = {shard: "n0" for shard in sorted(kept_shards) if shard < count}
    kept = dict(list(kept.items())[:each_max])
    if count > len(all_disks) * each_max:
        with pytest.raises(LostQuorum):
            assign(all_disks, count, each_max, kept)
        return
    chosen = assign(all_disks, count, each_max, kept)
    held = Counter(chosen)
    assert len(chosen) == count and max(held.values()) <= each_max
    assert all(chosen[shard] == name for shard, name in kept.items())
    given_out = Counter(name for shard, name in enumerate(chosen) if shard not in kept)
    for name, number in given_out.items():
        if number > 1:
            assert all(held[disk.name] >= held[name] - 1 for disk in all_disks)
