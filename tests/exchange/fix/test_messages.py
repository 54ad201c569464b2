"""Bytes and rules: framing, parsing, the dictionary; with properties, and a parser we did not write."""

import pytest
import simplefix
from hypothesis import example, given
from hypothesis import strategies as st

from chapters.sim import S
from exchange.fix import tags
from exchange.fix.echo import ordered
from exchange.fix.errors import Garbled, SessionReject
from exchange.fix.fix44 import FIX44
from exchange.fix.framing import MESSAGE_BYTES_MAX, Framer, checksum, cut, encode, opened
from exchange.fix.message import Message, parse, read, text
from exchange.fix.resend import Again, Fill, plan
from exchange.fix.timestamps import instant, stamp
from exchange.fix.validation import validate

BEGIN = b"FIX.4.4"
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255), min_size=1, max_size=12)
FIELDS = st.lists(st.tuples(st.integers(1, 999), VALUES), max_size=12)
HEADER = "35={}|34=2|49=TW|52=20261128-09:30:00|56=ISLD|"
ORDER = HEADER.format("D") + "11=a|54=1|55=X|40=1|60=20261128-09:30:00|"

# Framing.


def test_the_sum_is_that_of_the_standards_example():
    # FIX 4.4, volume 2: bytes before "10=", modulo 256, in three digits.
    assert checksum(b"") == 0
    assert checksum(b"\xff\x01") == 0
    assert encode(BEGIN, b"35=0\x01") == b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01"


@given(st.lists(FIELDS, max_size=4), st.data())
def test_however_a_stream_is_cut_the_same_messages_come_out(messages, data):
    stream = b"".join(encode(BEGIN, text("D", fields)) for fields in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    framer, found = Framer(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += framer.feed(stream[start:end])
    assert [read(frame).fields for frame in found] == messages


@given(FIELDS, st.integers(0, 10_000), st.integers(0, 7))
def test_a_flipped_bit_is_never_taken_for_the_message(fields, place, bit):
    whole = encode(BEGIN, text("D", fields))
    place %= len(whole)
    damaged = whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :]
    for frame in Framer().feed(damaged):
        try:
            message = read(frame)
        except Garbled:
            continue
        # The version is before the length, and in the sum: it cannot be flipped unseen either.
        pytest.fail(f"{damaged!r} was taken for {message}")


@given(st.binary(max_size=300))
@example(b"8=\x019=1\x01" * 40)
@example(b"8=FIX.4.4\x019=999999\x01")
def test_garbage_is_cut_up_and_never_raises(junk):
    framer = Framer()
    for frame in framer.feed(junk):
        try:
            opened(frame)
        except Garbled:
            continue
    whole = encode(BEGIN, b"35=0\x01")
    after = list(framer.feed(b"\x01" + whole * 3))
    assert any(frame.endswith(whole) for frame in after) or b"9=" in junk


def test_a_length_beyond_the_limit_costs_only_its_own_message():
    whole = encode(BEGIN, b"35=0\x01")
    wrong = whole.replace(b"9=5", b"9=%d" % (MESSAGE_BYTES_MAX + 1))
    assert list(Framer().feed(wrong + whole)) == [wrong, whole]


def test_a_burst_beyond_the_longest_message_comes_out_whole():
    sent = [encode(BEGIN, b"35=B\x0158=%b\x01" % (b"x" * (7 * n % 900))) for n in range(500)]
    assert sum(map(len, sent)) > 10 * MESSAGE_BYTES_MAX
    assert list(Framer().feed(b"".join(sent))) == sent


def test_a_stream_without_end_is_not_kept_for_ever():
    frame, rest = cut(b"8=FIX.4.4\x019=16000\x01" + b"x" * 3 * MESSAGE_BYTES_MAX)
    assert frame is not None and not rest


@given(FIELDS)
def test_a_message_is_read_as_it_was_written(fields):
    message = read(encode(BEGIN, text("8", fields)))
    assert (message.type, message.fields) == ("8", fields)
    assert all(tag in message for tag, _ in fields)


# Of tags that announce raw data the other library believes the length, we do not; and an envelope within
# a message it takes for that of the message.
TAKEN_OTHERWISE = {
    *(90, 93, 95, 212, 348, 350, 352, 354, 356, 358, 360, 362, 364, 445, 618, 621),
    *(8, 9, 10, 35),
}


@given(FIELDS.filter(lambda fields: not TAKEN_OTHERWISE & {tag for tag, _ in fields}))
def test_another_parser_reads_what_we_write(fields):
    parser = simplefix.FixParser()
    parser.append_buffer(encode(BEGIN, text("8", fields)))
    message = parser.get_message()
    pairs = [(int(tag), value.decode("latin-1")) for tag, value in message.pairs[3:-1]]
    assert pairs == fields
    assert message.message_type == b"8"


@given(st.lists(st.tuples(st.integers(1, 900), VALUES), max_size=12))
def test_we_read_what_another_library_writes(fields):
    message = simplefix.FixMessage()
    message.append_pair(8, BEGIN)
    message.append_pair(35, "D")
    for tag, value in fields:
        if tag not in (8, 9, 10, 35):
            message.append_pair(tag, value.encode("latin-1"))
    found = read(message.encode())
    wanted = [(tag, value) for tag, value in fields if tag not in (8, 9, 10, 35)]
    header_first = sorted(found.fields) == sorted(wanted)
    assert header_first and found.type == "D"


@pytest.mark.parametrize(
    "bad", ["35=0", "35=0|4x9=a|", "35=0|=a|", "35=0|49|", "35=0|+1=a|", "35=0|1_0=a|"]
)
def test_what_is_not_of_fields_is_garbled(bad):
    with pytest.raises(Garbled):
        parse(bad.replace("|", "\x01").encode())


# Rules.


def told(line):
    """Return (373, 371) of a message's refusal; (0, None) would be an invalid tag, None is none."""
    try:
        validate(parse(line.replace("|", "\x01").encode()), FIX44)
    except SessionReject as wrong:
        return wrong.reason.code, wrong.tag
    return None


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (ORDER, None),
        (ORDER + "38=002000.00|44=.5|59=0|18=6 R|", None),
        (ORDER.replace("35=D", "35=XX"), (11, None)),
        (ORDER.replace("11=a|", ""), (1, 11)),
        (ORDER.replace("56=ISLD|", ""), (1, 56)),
        (ORDER + "11=b|", (13, 11)),
        (ORDER + "999=1|", (0, 999)),
        (ORDER + "5000=1|", (0, 5000)),
        (ORDER + "-1=1|", (0, -1)),
        (ORDER + "0=1|", (0, 0)),
        (ORDER + "112=x|", (2, 112)),
        (ORDER + "58=|", (4, 58)),
        (ORDER.replace("56=ISLD", "56="), (4, 56)),
        (ORDER + "21=4|", (5, 21)),
        (ORDER + "167=BOO|", (5, 167)),
        (ORDER + "18=6 ?|", (5, 18)),
        (ORDER + "38=+1|", (6, 38)),
        (ORDER + "38=1e5|", (6, 38)),
        (ORDER + "38=NaN|", (6, 38)),
        (ORDER + "38=" + "9" * 40 + "|", (6, 38)),
        (ORDER + "126=20040415|", (6, 126)),
        (ORDER + "126=20041315-10:00:00|", (6, 126)),
        (ORDER.replace("09:30:00|56", "25:30:00|56"), (6, 52)),
        (ORDER + "97=Y|", (14, 97)),
        ("35=D|11=a|34=2|49=TW|52=20261128-09:30:00|56=ISLD|", (14, 34)),
        (ORDER + "386=2|336=A|625=1|336=B|", None),
        (ORDER + "386=2|336=A|336=B|336=C|", (16, 386)),
        (ORDER + "386=3|336=A|336=B|", (16, 386)),
        (ORDER + "386=0|", None),
        (ORDER + "386=1|", (16, 386)),
        (ORDER + "386=1|625=1|336=A|", (15, 625)),
        (ORDER + "386=1|336=A|625=1|625=2|", (13, 625)),
        (ORDER + "453=1|448=me|447=D|452=1|802=2|523=x|803=1|523=y|", None),
        (ORDER + "453=1|448=me|802=2|523=x|", (16, 802)),
        (HEADER.format("0") + "55=X|", (2, 55)),
        (HEADER.format("A") + "98=0|108=x|", (6, 108)),
        (HEADER.format("A") + "98=9|108=30|", (5, 98)),
    ],
)  # fmt: skip
def test_the_first_rule_that_is_broken_is_named(line, refusal):
    assert told(line) == refusal


def test_fields_may_come_in_any_order_within_header_and_body():
    assert (
        told(
            "35=D|49=TW|34=3|56=ISLD|52=20261128-09:30:00|40=1|55=X|60=20261128-09:30:00|54=1|11=a|"
        )
        is None
    )


@given(FIELDS)
def test_any_fields_are_taken_or_refused_and_never_raise_anything_else(fields):
    line = ORDER + "".join(f"{tag}={value}|" for tag, value in fields if "|" not in value)
    told(line)


def test_groups_are_read_entry_by_entry():
    message = Message("D", [(11, "a"), (453, "2"), (448, "x"), (452, "1"), (448, "y"), (58, "t")])
    entries = message.group(453, FIX44.messages["D"].tags[453].tags)
    assert [entry.fields for entry in entries] == [[(448, "x"), (452, "1")], [(448, "y")]]


def test_sorting_by_tags_leaves_groups_whole():
    fields = [(60, "t"), (453, "2"), (448, "b"), (452, "1"), (448, "a"), (11, "x")]
    wanted = [(11, "x"), (60, "t"), (453, "2"), (448, "b"), (452, "1"), (448, "a")]
    assert ordered(fields, FIX44.messages["D"]) == wanted


# Times, and what is sent again.


@given(st.integers(0, 4_000_000_000 * 1_000))
def test_times_are_read_as_they_were_written(milliseconds):
    assert instant(stamp(milliseconds * 1_000_000)) == milliseconds * 1_000_000


def test_a_leap_second_counts_as_the_one_before_it():
    assert instant("20161231-23:59:60") == instant("20161231-23:59:59")
    assert instant("20161231-23:59:59.123456789") % S == 123_456_789


@given(st.sets(st.integers(1, 30)), st.integers(1, 30), st.integers(0, 30))
def test_a_resend_covers_every_number_once(sent, first, last):
    covered = []
    for step in plan(sent, first, last):
        if isinstance(step, Again):
            assert step.number in sent
            covered.append(step.number)
        else:
            assert isinstance(step, Fill) and not sent & set(range(step.number, step.following))
            covered += range(step.number, step.following)
    assert covered == list(range(first, last + 1))


def test_runs_of_administration_are_filled_with_one_message():
    assert plan({3, 4, 7}, 1, 7) == [Fill(1, 3), Again(3), Again(4), Fill(5, 7), Again(7)]
    assert plan(set(), 1, 9) == [Fill(1, 10)]
    assert tags.SEQUENCE_RESET == "4"
