"""One stream, cut: all samples, no more, with enough before them; packets in pages and back."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spotify.ingest import opus
from spotify.ingest.errors import BadOgg
from spotify.ingest.ffmpeg import RATE, decode
from spotify.ingest.ogg import LACING_MAX, crc, laced, packets, page
from spotify.ingest.opus import FRAME, PREROLL, Stream, cut, to_ogg
from spotify.ingest.webm import size_of, to_webm
from spotify.story import decoded


def stream(count):
    return Stream(312, tuple(number.to_bytes(4, "big") * 9 for number in range(count)))


@given(st.integers(1, 400), st.data())
def test_a_cut_covers_its_samples_and_begins_a_little_before_them(count, data):
    whole = stream(count)
    most = max(1, count * FRAME - 312)
    first = data.draw(st.integers(0, most - 1))
    end = data.draw(st.integers(first + 1, most))
    own = cut(whole, first, end)
    begins = own.number * FRAME + own.skip - 312
    assert begins == first and own.length == end - first
    assert own.skip + own.length <= len(own.packets) * FRAME
    assert own.skip + own.length > (len(own.packets) - 1) * FRAME
    assert own.skip >= min(PREROLL, first + 312) and own.skip < PREROLL + FRAME
    assert own.packets == whole.packets[own.number : own.number + len(own.packets)]


def test_neighbours_share_the_packet_at_the_join_and_no_sample():
    whole = stream(200)
    one, two = cut(whole, 0, 50_001), cut(whole, 50_001, 150_000)
    assert one.number * FRAME + one.skip + one.length == two.number * FRAME + two.skip
    last_of_one = one.number + len(one.packets) - 1
    assert two.number + two.first_heard == last_of_one


@settings(max_examples=12)
@given(st.integers(1, 3 * RATE), st.integers(0, 2**16))
def test_any_length_decodes_to_itself(samples, seed):
    sound = np.random.default_rng(seed).uniform(-0.2, 0.2, (samples, 2)).astype(np.float32)
    whole = opus.encode(sound, 96)
    assert len(decoded(cut(whole, 0, samples))) == samples


@given(st.lists(st.lists(st.binary(max_size=2000), max_size=6), max_size=5))
def test_packets_that_were_written_are_read(pages):
    data = b"".join(page(number, 0, own) for number, own in enumerate(pages))
    assert packets(data) == [packet for own in pages for packet in own]


@given(st.binary(min_size=1, max_size=400), st.integers(0, 10_000))
def test_a_flipped_bit_anywhere_is_noticed(packet, place):
    data = bytearray(page(0, 7, [packet]))
    data[place % len(data)] ^= 1 << place % 8
    with pytest.raises(BadOgg):
        packets(bytes(data))
        raise AssertionError("nothing was noticed")


def test_lacing_is_that_of_the_rfc():
    assert laced(753) == bytes([255, 255, 243])  # the example of RFC 3533, section 5
    assert laced(255) == bytes([255, 0]) and laced(0) == bytes([0])
    with pytest.raises(BadOgg, match="at most 255"):
        page(0, 0, [b""] * (LACING_MAX + 1))
    assert crc(b"123456789") == 0x89A1897F  # CRC-32/MPEG-2 begun at 0: no reflection, no inversion


def test_large_packets_are_spread_over_pages():
    own = cut(Stream(312, tuple(bytes(1300) for _ in range(300))), 0, 200_000)
    assert len(packets(to_ogg(own))) == 2 + len(own.packets)


def test_a_webm_is_a_head_and_clusters_that_follow_each_other():
    own = cut(stream(400), 100_000, 300_000)
    data, head, pieces = to_webm(own)
    assert data[:4] == bytes.fromhex("1a45dfa3") and pieces[0].offset == head
    for one, two in pairwise(pieces):
        assert one.offset + one.size == two.offset and one.packet + one.count == two.packet
    assert pieces[-1].offset + pieces[-1].size == len(data)
    assert pieces[0].count == own.first_heard + 1
    assert all(data[each.offset :][:4] == bytes.fromhex("1f43b675") for each in pieces)


@pytest.mark.parametrize(
    ("size", "written"),
    [(0, "80"), (126, "fe"), (127, "407f"), (16_382, "7ffe"), (16_383, "203fff")],
)
def test_sizes_are_those_of_ebml(size, written):
    assert size_of(size).hex() == written


def test_ffmpeg_reads_our_webm(tmp_path):
    rng = np.random.default_rng(1)
    sound = rng.uniform(-0.1, 0.1, (RATE, 2)).astype(np.float32)
    data, _, _ = to_webm(cut(opus.encode(sound, 96), 0, RATE))
    place = tmp_path / "a.webm"
    place.write_bytes(data)
    samples, complaint = decode(place)
    assert not complaint and len(samples) >= RATE
