"""Messages and packets: what travels comes back, and bytes that are none are told so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.errors import BadFeed
from exchange.feed.messages import (
    Action,
    Add,
    Bands,
    Cross,
    Cut,
    Delete,
    Directory,
    Executed,
    ExecutedAt,
    Hidden,
    Indicative,
    Moved,
    System,
    decode,
    encode,
)
from exchange.feed.packets import PACKET_BYTES_MAX, Packet, pack, packets, session_of, unpack
from exchange.orders import BUY, SELL

U16, U32, U64 = (st.integers(0, 2**bits - 1) for bits in (16, 32, 64))
SIDES = st.sampled_from([BUY, SELL])
HEAD = (U16, U64)
MESSAGES = st.one_of(
    st.builds(System, *HEAD, st.sampled_from("OC")),
    st.builds(Directory, *HEAD, U32, U32, st.text("ABC.1", max_size=12)),
    st.builds(Action, *HEAD, st.integers(0, 6), st.text(max_size=12)),
    st.builds(Bands, *HEAD, U64, U64),
    st.builds(Add, *HEAD, U64, SIDES, U32, U64),
    st.builds(Executed, *HEAD, U64, U32),
    st.builds(ExecutedAt, *HEAD, U64, U32, U64, st.booleans()),
    st.builds(Cut, *HEAD, U64, U32),
    st.builds(Delete, *HEAD, U64),
    st.builds(Moved, *HEAD, U64, U32, U64),
    st.builds(Hidden, *HEAD, SIDES, U32, U64),
    st.builds(Cross, *HEAD, U64, U64),
    st.builds(Indicative, *HEAD, U64, U64, SIDES, U64),
)


@given(MESSAGES)
def test_a_message_comes_back_as_it_was(message):
    back = decode(encode(message))
    assert back == message and type(back) is type(message)


def test_the_layout_of_an_add_is_what_its_drawing_says():
    found = encode(Add(1, 2, 3, SELL, 4, 5))
    assert found == (
        b"A"
        + (1).to_bytes(2, "big")
        + (2).to_bytes(8, "big")
        + (3).to_bytes(8, "big")
        + (-1).to_bytes(1, "big", signed=True)
        + (4).to_bytes(4, "big")
        + (5).to_bytes(8, "big")
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "kind b''"),
        (b"Z123", "kind b'Z'"),
        (encode(Delete(1, 2, 3))[:-1], "18 bytes"),
        (encode(Delete(1, 2, 3)) + b"x", "20 bytes"),
        (b"R", "1 bytes"),
        (encode(Directory(1, 2, 1, 1, "A")) + b"\xff", "utf-8"),
    ],
)
def test_bytes_that_are_no_message_are_refused_in_one_line(data, words):
    with pytest.raises(BadFeed, match=words):
        decode(data)


@given(
    st.text("abc-1", min_size=1, max_size=10),
    st.integers(1, 2**63),
    st.lists(st.binary(min_size=1, max_size=300), max_size=40),
)
def test_packets_carry_all_messages_once_in_order_and_fit_in_a_frame(session, number, messages):
    found = [unpack(pack(each)) for each in packets(session, number, messages)]
    assert [message for each in found for message in each.messages] == messages
    for each in found:
        assert each.session == session and each.number == number
        assert len(pack(each)) <= PACKET_BYTES_MAX
        number = each.next


@given(st.integers(0, 2**62), st.integers(0, 2**62))
def test_sessions_sort_as_the_journals_began(one, other):
    names = sorted(map(session_of, (one, other)))
    assert names == [session_of(each) for each in sorted((one, other))]
    assert all(len(name) == 10 and unpack(pack(Packet(name, 1))).session == name for name in names)


def test_heartbeats_and_ends_carry_the_next_number():
    for packet in (Packet("s", 7), Packet("s", 7, is_end=True)):
        assert unpack(pack(packet)) == packet and packet.next == 7


def test_a_message_that_is_larger_than_a_packet_has_one_of_its_own():
    large = b"x" * (PACKET_BYTES_MAX + 1)
    assert [each.messages for each in packets("s", 1, [b"a", large, b"b"])] == [
        (b"a",),
        (large,),
        (b"b",),
    ]


WHOLE = pack(Packet("s", 1, (b"abc", b"de")))


@pytest.mark.parametrize("size", range(len(WHOLE)))
def test_a_packet_that_was_cut_short_is_refused(size):
    with pytest.raises(BadFeed):
        unpack(WHOLE[:size])


def test_a_packet_that_goes_on_too_long_or_has_a_strange_session_is_refused():
    with pytest.raises(BadFeed, match="goes on"):
        unpack(WHOLE + b"x")
    with pytest.raises(BadFeed, match="ASCII"):
        unpack(b"\xff" + WHOLE[1:])


@given(st.binary(max_size=80))
def test_no_bytes_at_all_do_anything_but_be_refused(data):
    for read in (unpack, decode):
        try:
            read(data)
        except BadFeed as error:
            assert "\n" not in str(error)
