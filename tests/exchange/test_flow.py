"""Recorded markets: the public flow's digest, the real books, and files that are damaged."""

import lzma
import os
from pathlib import Path
from random import Random

import pytest

from exchange.errors import BadFlow
from exchange.flow.lobster import predict
from exchange.flow.order_flow import CANCEL, generate, read, write
from exchange.flow.replay import Venue, replay

DATA = Path(os.environ.get("KIT_DATA", Path(__file__).parents[3] / "shared" / "data")) / "exchange"
PUBLISHED = "e9b2e3926854410b01a035aeb25dd05f1e597c233be8263de9eb49b6713d367e"

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="KIT_DATA names no folder with test data")


@pytest.mark.slow
@needs_data
def test_the_public_flow_gives_the_published_digest():
    count, messages = read(DATA / "orders_normal.bin.xz")
    result = replay(messages)
    assert result.messages == count == 1_996_097
    assert result.digest == PUBLISHED


@needs_data
def test_every_real_book_is_predicted_from_the_one_before():
    assert predict(DATA / "lobster_aapl_message_10.csv").exact == 998


def test_lobster_notices_a_wrong_book(tmp_path):
    """The yardstick is itself tested: one changed quantity is one wrong prediction."""
    (tmp_path / "x_message.csv").write_text("1,1,1,10,99,1\n2,1,2,5,98,1\n3,3,2,5,98,1\n")
    rows = ["101,7,99,10", "101,7,99,10", "101,7,99,11"]
    (tmp_path / "x_orderbook.csv").write_text("\n".join(rows) + "\n")
    found = predict(tmp_path / "x_message.csv")
    assert (found.steps, found.exact, found.first_miss) == (2, 1, 3)


def test_a_generated_market_is_plausible():
    messages = list(generate(Random(7), 50_000))
    venue = Venue()
    reports = [venue.report(message) for message in messages]
    cancels = sum(message.kind == CANCEL for message in messages) / len(messages)
    trading = sum(any(line[0] == "1" for line in lines) for lines in reports) / len(messages)
    assert 0.4 <= cancels <= 0.6
    assert 0.05 <= trading <= 0.15
    assert len(venue.book.orders) > 1_000


def test_the_same_seed_gives_the_same_market():
    assert list(generate(Random(3), 500)) == list(generate(Random(3), 500))
    assert list(generate(Random(3), 500)) != list(generate(Random(4), 500))


@pytest.mark.parametrize("name", ["flow.bin", "flow.bin.xz"])
def test_a_written_flow_reads_back(tmp_path, name):
    path = tmp_path / name
    messages = list(generate(Random(3), 10_000))
    write(path, len(messages), messages)
    count, read_back = read(path)
    assert count == len(messages)
    assert list(read_back) == messages
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_damaged_flow_is_named_with_where_it_ends(tmp_path):
    path = tmp_path / "flow.bin"
    write(path, 100, generate(Random(3), 100))
    path.write_bytes(path.read_bytes()[:-41])
    with pytest.raises(BadFlow, match="ends after 98 of 100"):
        replay(read(path)[1])


def test_a_damaged_archive_is_named(tmp_path):
    path = tmp_path / "flow.bin.xz"
    write(path, 5_000, generate(Random(3), 5_000))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)
    with pytest.raises(BadFlow, match=r"flow\.bin\.xz"):
        replay(read(path)[1])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 this is no flow at all", b"\0" * 16])
def test_what_is_no_flow_is_refused(tmp_path, content):
    path = tmp_path / "flow.bin"
    path.write_bytes(content)
    with pytest.raises(BadFlow, match=r"flow\.bin"):
        read(path)


def test_an_archive_of_something_else_is_refused(tmp_path):
    path = tmp_path / "flow.xz"
    path.write_bytes(lzma.compress(b"hello"))
    with pytest.raises(BadFlow):
        read(path)


@pytest.mark.parametrize(
    "messages",
    ["", "1,1,1,10,99\n", "nan,1,1,x,99,1\n1,1,1,1,1,1\n", "1,1,1,5,5,1\n1,9,1,,,\n"],
)
def test_what_is_no_lobster_file_is_refused(tmp_path, messages):
    (tmp_path / "x_message.csv").write_text(messages)
    rows = "101,7,99,10\n" * messages.count("\n")
    (tmp_path / "x_orderbook.csv").write_text(
        rows.replace("99", "", 1) if "9," in messages else rows
    )
    with pytest.raises(BadFlow):
        predict(tmp_path / "x_message.csv")


@pytest.mark.parametrize("damage", [b"\x09", b"more"])
def test_records_that_mean_nothing_are_refused(tmp_path, damage):
    path = tmp_path / "flow.bin"
    write(path, 10, generate(Random(3), 10))
    data = bytearray(path.read_bytes())
    if damage == b"more":
        data += bytes(40)
    else:
        data[16] = 9
    path.write_bytes(data)
    with pytest.raises(BadFlow):
        replay(read(path)[1])


def test_a_compressed_flow_is_known_by_its_content(tmp_path):
    write(tmp_path / "a.xz", 10, generate(Random(3), 10))
    (tmp_path / "a.xz").rename(tmp_path / "a.bin")
    assert len(list(read(tmp_path / "a.bin")[1])) == 10
