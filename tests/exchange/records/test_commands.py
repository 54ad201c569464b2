"""The commands after the trade: what they print, as text and as JSON, and wrong words in one line."""

import json
import os

import pytest

from chapters.cli import run
from chapters.sim.real import RealDisk, WallClock
from exchange.breaking.killing import order
from exchange.sequencer import Sequencer


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    monkeypatch.delenv("KIT_DATABASE", raising=False)


def said(capsys, *words):
    """Return what the command printed; it must succeed."""
    assert run(list(words)) == 0
    return capsys.readouterr().out


def test_a_day_is_told_in_lines_and_every_promise_with_its_mark(capsys):
    out = said(capsys, "run", "exchange/day", "--orders", "1000", "--seed", "3")
    for words in ("opening-auction", "the auction ends", "holiday", "netted by the house"):
        assert words in out
    assert out.count("✔") == 4 and "✘" not in out


def test_a_day_for_programs_says_the_same(capsys):
    day = json.loads(said(capsys, "run", "exchange/day", "--orders", "1000", "--json"))
    assert day["settlement"][0]["day"] == "2026-11-27"
    assert all(each["held"] for each in day["promises"])
    assert day["deliveries"]["gross"] >= day["deliveries"]["netted"]
    assert {each["phase"] for each in day["phases"]} >= {"pre-open", "continuous", "closed"}


@pytest.mark.parametrize("what", ["positions", "trades", "fails", "settled"])
def test_a_question_is_answered_as_a_table_and_as_rows(what, capsys):
    rows = json.loads(said(capsys, "exchange", "ask", what, "--json"))
    table = said(capsys, "exchange", "ask", what)
    assert rows and str(rows[0]["symbol"]) in table
    assert max(map(len, table.splitlines())) <= 80


def test_nothing_is_also_an_answer(capsys):
    assert "nothing" in said(capsys, "exchange", "ask", "fails", "--day", "2026-12-24")


def test_a_journal_is_written_once_into_the_database_that_is_named(capsys, monkeypatch, tmp_path):
    folder, address = tmp_path / "journal", f"sqlite:///{tmp_path / 'records.db'}"
    with RealDisk(folder) as disk:
        sequencer = Sequencer(clock=WallClock(), disk=disk, symbols=["ACME"])
        sequencer.submit([order(number, 7) for number in range(400)])
    monkeypatch.setitem(os.environ, "KIT_DATABASE", address)
    first = int(said(capsys, "exchange", "project", str(folder)).split()[0].replace(",", ""))
    assert first > 20
    assert said(capsys, "exchange", "project", str(folder)).startswith("0 trades")
    (row,) = json.loads(said(capsys, "exchange", "ask", "positions", "--account", "3", "--json"))
    assert row["symbol"] == "ACME"


def test_surveillance_counts_for_programs_too(capsys):
    words = ("run", "exchange/surveillance", "--markets", "1", "--messages", "4000", "--json")
    rows = json.loads(said(capsys, *words))
    assert {row["kind"] for row in rows} >= {"spoofing", "layering"}
    assert all(0 <= row["recall"] <= 1 for row in rows)


@pytest.mark.parametrize(
    "words",
    [
        ("exchange", "ask", "everything"),
        ("exchange", "ask", "fails", "--day", "tomorrow"),
        ("exchange", "ask", "positions", "--account", "9" * 20),
        ("exchange", "project", "nowhere"),
        ("run", "exchange/day", "--orders", "1"),
        ("run", "exchange/clearing", "--fine", "-1"),
    ],
)
def test_wrong_words_are_answered_in_one_line(words, capsys):
    assert run(list(words)) == 2
    told = capsys.readouterr().err.strip()
    assert told.startswith("kit: ") and "\n" not in told
