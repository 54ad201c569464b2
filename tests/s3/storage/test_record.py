"""Records prove themselves: names, places and bytes, whatever is damaged around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3.storage.errors import BadShard
from s3.storage.record import (
    HEADER_BYTES,
    MAGIC,
    PAYLOAD_BYTES_MAX,
    Place,
    crc32c,
    header,
    next_magic,
    record_at,
    tail_end,
    walk,
)

EXTENT = 3


def extent_of(shards, start=0):
    data = bytearray(start)
    for name, payload in shards:
        place = Place(EXTENT, len(data), len(payload), crc32c(payload))
        data += header(name, place) + payload
    return bytes(data)


def reader(data):
    return lambda offset, size: data[offset : offset + size]


def walked(data, start=0, extent=EXTENT):
    return list(walk(reader(data), extent, start, len(data)))


SHARDS = [("a", b"first"), ("b" * 255, b""), ("ü", bytes(range(256))), ("d", b"last one")]


def test_the_header_is_as_drawn():
    place = Place(EXTENT, 12, 5, crc32c(b"hello"), flags=1)
    assert (
        header("n", place).hex()
        == (
            "f5736864"  # magic
            + header("n", place)[4:8].hex()
            + crc32c(b"hello").to_bytes(4, "little").hex()
            + "05000000"
            "03000000"
            "0c000000"
            "01"
            "01"
            "0000"
            "6e"
        )
    )


def test_a_walk_finds_what_was_appended():
    found = walked(extent_of(SHARDS, start=12), start=12)
    assert [each.shard for each in found] == [name for name, _ in SHARDS]
    assert all(each.is_whole for each in found)


def test_a_record_copied_to_another_place_is_none():
    data = extent_of([("a", b"x" * 50)])
    assert record_at(reader(data), EXTENT, 0) is not None
    assert record_at(reader(data), EXTENT + 1, 0) is None
    assert record_at(reader(bytes(9) + data), EXTENT, 9) is None


def test_an_extent_stored_as_a_payload_is_not_taken_for_records():
    inner = extent_of(SHARDS)
    data = extent_of([("outer", inner)])
    damaged = data[:5] + bytes([data[5] ^ 1]) + data[6:]  # the outer header
    assert walked(damaged) == []


@given(st.data())
def test_one_flipped_bit_is_never_passed_off_as_whole(data):
    whole = extent_of(SHARDS)
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytearray(whole)
    flipped[at] ^= 1 << data.draw(st.integers(0, 7))
    sound = dict(SHARDS)
    for each in walked(bytes(flipped)):
        if each.is_whole:
            start = each.end - each.place.size
            assert bytes(flipped[start : each.end]) == sound[each.shard]
    assert sum(each.is_whole for each in walked(bytes(flipped))) == len(SHARDS) - 1


def test_a_damaged_payload_still_says_whose_it_was():
    data = bytearray(extent_of(SHARDS))
    data[-1] ^= 1
    assert [(each.shard, each.is_whole) for each in walked(bytes(data))][-1] == ("d", False)


@given(st.integers(0, 400))
def test_what_is_behind_the_last_whole_record_is_the_tail(cut):
    whole = extent_of(SHARDS)
    data = whole[: max(0, len(whole) - cut)]
    ends = [each.end for each in walked(whole) if each.end <= len(data)]
    assert tail_end(walked(data), 0) == (ends[-1] if ends else 0)


def test_damage_in_front_of_a_whole_record_is_not_the_tail():
    data = bytearray(extent_of(SHARDS))
    data[HEADER_BYTES + 1] ^= 1  # the payload of the first
    assert tail_end(walked(bytes(data)), 0) == len(data)


@given(st.binary(max_size=60), st.integers(4, 20))
def test_a_header_is_found_wherever_it_begins(before, window):
    data = before.replace(MAGIC[:1], b"x") + MAGIC + b"behind"
    assert next_magic(reader(data), 0, len(data), window) == len(before)
    assert next_magic(reader(data), len(before) + 1, len(data), window) == len(data)


@pytest.mark.parametrize("name, size", [("", 1), ("n" * 256, 1), ("n", PAYLOAD_BYTES_MAX + 1)])
def test_a_shard_out_of_bounds_is_refused(name, size):
    with pytest.raises(BadShard, match="at most"):
        header(name, Place(1, 0, size, 0))
