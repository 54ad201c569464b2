"""Messages as bytes: there and back, and everything that is no message."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.raft import BadMessage, decode, encode
from chapters.raft.messages import (
    AppendEntries,
    AppendReply,
    Entry,
    InstallSnapshot,
    RequestVote,
    SnapshotReply,
    VoteReply,
)

number = st.integers(0, 2**64 - 1)
entry = st.builds(Entry, number, number, st.none() | st.binary(max_size=40))
message = st.one_of(
    st.builds(RequestVote, number, number, number, st.booleans()),
    st.builds(VoteReply, number, st.booleans(), st.booleans()),
    st.builds(
        AppendEntries, number, number, number, number, number,
        st.lists(entry, max_size=4).map(tuple),
    ),
    st.builds(AppendReply, number, number, st.booleans(), number),
    st.builds(
        InstallSnapshot, number, number, number, number, number, number, st.booleans(),
        st.binary(max_size=60),
    ),
    st.builds(SnapshotReply, number, number, number, number),
)  # fmt: skip


@given(message)
def test_a_message_reads_back_as_it_was(original):
    assert decode(encode(original)) == original


@given(message, st.data())
def test_a_message_cut_short_is_refused_or_is_a_shorter_one(original, data):
    whole = encode(original)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with suppress(BadMessage):
        assert decode(whole[:cut]) != original


@given(st.binary(max_size=80))
def test_any_bytes_are_a_message_or_refused(data):
    with suppress(BadMessage):
        assert decode(encode(decode(data))) == decode(data)


def test_a_command_of_no_bytes_is_not_a_leaders_mark():
    request = AppendEntries(1, 0, 0, 0, 0, (Entry(1, 1, b""), Entry(2, 1, None)))
    assert decode(encode(request)) == request


def test_bytes_too_many_are_refused():
    with pytest.raises(BadMessage, match="1 bytes too many"):
        decode(encode(VoteReply(1, True)) + b"x")


def test_a_heartbeat_is_small():
    assert len(encode(AppendEntries(9, 9, 9, 9, 9))) < 50
