"""What the benchmark compares does the same; and the ring never gives half a packet."""

import struct

import pytest

from chapters.fanout import LostPlace
from exchange.bench.feed import feed_of, from_json, listen, listen_json, to_json
from exchange.bench.ring import HEAD, SLOT_BYTES, SLOTS, RingReader, RingWriter
from exchange.feed.messages import encode
from exchange.orders import BUY, SELL


@pytest.fixture
def ring():
    writer = RingWriter()
    reader = RingReader(writer.name)
    yield writer, reader
    reader.close()
    writer.close()


def test_both_feeds_build_the_same_books():
    told = feed_of(600)
    assert [from_json(to_json(each)) for each in told] == told
    ours, theirs = listen(list(map(encode, told))), listen_json(list(map(to_json, told)))
    for symbol, book in ours.by_symbol.items():
        for side in (BUY, SELL):
            found = list(book.orders(side))
            assert found and found == list(theirs.by_symbol[symbol].orders(side))


def test_a_ring_gives_each_packet_once_in_order(ring):
    writer, reader = ring
    for number in range(3 * SLOTS):
        writer.write(b"%d" % number)
        assert reader.read() == b"%d" % number and reader.read() is None


def test_a_reader_who_was_overwritten_learns_that_it_lost_its_place(ring):
    writer, reader = ring
    for _ in range(SLOTS + 1):
        writer.write(b"x")
    with pytest.raises(LostPlace, match="take a snapshot"):
        reader.read()


def test_a_packet_that_is_half_written_is_not_read(ring):
    """Whatever of the three writes is seen first, and however much of the second."""
    writer, reader = ring
    writer.write(b"old packet, long enough")
    assert reader.read() is not None
    memory, packet = writer._memory.buf, b"new packet"
    writer.write(packet)
    at = 2 % SLOTS * SLOT_BYTES
    whole = bytes(memory[at : at + HEAD.size + len(packet)])
    for size in range(HEAD.size, len(whole)):
        memory[at : at + len(whole)] = whole[:size] + b"\0" * (len(whole) - size)
        assert reader.read() is None
    struct.pack_into("<Q", memory, at, 0)
    assert reader.read() is None
    memory[at : at + len(whole)] = whole
    assert reader.read() == packet
