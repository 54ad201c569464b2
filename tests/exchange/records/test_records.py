"""The records: each trade once, whoever is killed when, on SQLite and on a real PostgreSQL; and answers."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from chapters.errors import UsageError
from chapters.sim.real import RealDisk, WallClock
from chapters.transaction import open_database
from chapters.transaction.opening import MEMORY
from exchange.breaking.killing import order
from exchange.clearing.drop_copy import Tape
from exchange.day import TRADED, live
from exchange.day_report import facts, told, verdicts
from exchange.records import questions, tables
from exchange.records.asking import answer, read_journal, record
from exchange.records.checks import Deaths, Killed
from exchange.records.projector import TRADES, catch_up, place, project, project_day
from exchange.sequencer import Sequencer
from exchange.sessions.trading_day import SYMBOLS
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[3]
FRIDAY = date(2026, 11, 27)


@pytest.fixture(scope="module")
def day():
    return live(seed=7, orders=2_000)


def rows(database):
    """Return all rows of all tables, as sets."""
    return {
        table.name: {
            tuple(row) for row in database.run(lambda c, t=table: c.execute(select(t)).all())
        }
        for table in tables.tables.sorted_tables
    }


def in_memory(day, at_once=512):
    database = open_database(MEMORY, tables.tables)
    record(database, day, at_once)
    return database


# Once -------------------------------------------------------------------------------------------


def test_the_tables_have_what_the_journal_has(day):
    found = rows(in_memory(day))
    assert len(found["trades"]) == len(day.executions) > 200
    for account, symbol, lots, ticks, trades in found["positions"]:
        own = [e for e in day.executions if e.symbol == symbol]
        bought = [e for e in own if e.buyer == account]
        sold = [e for e in own if e.seller == account]
        assert lots == sum(e.quantity for e in bought) - sum(e.quantity for e in sold)
        assert ticks == sum(e.price * e.quantity for e in sold) - sum(
            e.price * e.quantity for e in bought
        )
        assert trades == len(bought) + len(sold)


def test_another_program_adds_the_trades_up_to_the_same_positions(day, tmp_path):
    """Python's own sqlite3, which knows nothing of us, groups the trades."""
    path = tmp_path / "records.db"
    database = open_database(f"sqlite:///{path}", tables.tables)
    record(database, day)
    database.close()
    sides = (
        "SELECT buyer AS account, symbol, lots, -price * lots AS ticks FROM trades UNION ALL "
        "SELECT seller, symbol, -lots, price * lots FROM trades"
    )
    summed = f"SELECT account, symbol, sum(lots), sum(ticks), count(*) FROM ({sides}) GROUP BY 1, 2"
    with closing(sqlite3.connect(path)) as stranger:
        positions = stranger.execute("SELECT * FROM positions ORDER BY 1, 2").fetchall()
        assert stranger.execute(summed).fetchall() == positions


@settings(max_examples=12)
@given(st.integers(1, 600), st.integers(0, 2**32))
def test_a_writer_that_dies_before_and_after_commits_ends_with_the_same_rows(day, at_once, seed):
    rng, deaths = random.Random(seed), Deaths()
    database = open_database(MEMORY, tables.tables, at=deaths.at)
    for _ in range(4):
        deaths.next = rng.choice(("before", "after"))
        with pytest.raises(Killed):
            catch_up(database, Tape(disk=day.disk), at_once)
    record(database, day, at_once)
    assert rows(database) == rows(in_memory(day))


def test_thrown_away_and_made_again_they_are_the_same(day):
    database = in_memory(day)
    before = rows(database)
    for table in tables.tables.sorted_tables:
        database.run(lambda c, t=table: c.execute(delete(t)))
    record(database, day, at_once=37)
    assert rows(database) == before


def test_a_day_of_settlement_is_written_once_and_in_order(day):
    database = in_memory(day)
    before = rows(database)
    on, lines = day.settled[0]
    assert not database.run(lambda c: project_day(c, on, lines))
    assert rows(database) == before


def both(test):
    return pytest.mark.parametrize(
        "kind", ["file", pytest.param("postgres", marks=pytest.mark.slow)]
    )(test)


def address_of(kind, request, tmp_path):
    if kind == "postgres":
        return request.getfixturevalue("postgres")
    return f"sqlite:///{tmp_path / 'records.db'}"


@both
def test_two_writers_at_once_write_each_trade_once(kind, request, tmp_path, day):
    database = open_database(address_of(kind, request, tmp_path), tables.tables)
    for table in tables.tables.sorted_tables:
        database.run(lambda c, t=table: c.execute(delete(t)))
    with ThreadPoolExecutor(2) as crew:
        counts = list(crew.map(lambda _: catch_up(database, Tape(disk=day.disk), 100), range(2)))
    assert sum(counts) == len(day.executions)
    record(database, day)
    assert rows(database) == rows(in_memory(day))
    database.close()


def journal(folder, orders):
    with RealDisk(folder) as disk:
        sequencer = Sequencer(clock=WallClock(), disk=disk, symbols=["ACME"])
        for first in range(0, orders, 500):
            sequencer.submit([order(number, 7) for number in range(first, first + 500)])


def come_to(database):
    return database.run(lambda c: place(c, TRADES))


def project_command(folder, address):
    words = [sys.executable, "-m", "chapters.cli", "exchange", "project", str(folder)]
    environment = os.environ | {"KIT_DATABASE": address, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*words, "--at-once", "4"], env=environment, stdout=subprocess.PIPE, start_new_session=True
    )


@pytest.mark.slow
@both
def test_killed_for_real_at_any_moment_the_rows_are_those_of_one_never_killed(
    kind, request, tmp_path
):
    folder, address = tmp_path / "journal", address_of(kind, request, tmp_path)
    journal(folder, 4_000)
    database, kills = open_database(address, tables.tables), 0
    for table in tables.tables.sorted_tables:
        database.run(lambda c, t=table: c.execute(delete(t)))
    for _ in range(6):
        before = come_to(database)
        child = project_command(folder, address)
        until(lambda b=before, c=child: c.poll() is not None or come_to(database) > b)
        kills += child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
    child = project_command(folder, address)
    child.communicate()
    assert child.returncode == 0 and kills >= 2
    calm = open_database(MEMORY, tables.tables)
    catch_up(calm, Tape(disk=RealDisk(folder)))
    assert rows(database) == rows(calm)
    database.close()


# Answers ----------------------------------------------------------------------------------------


def test_a_position_is_lots_and_what_they_cost_on_average(day):
    database = in_memory(day)
    account = day.obligations[0].account
    for row in questions.positions(database, account):
        owed = next(o for o in day.obligations if (o.account, o.symbol) == (account, row["symbol"]))
        assert row["lots"] == owed.shares
        assert float(row["paid"]) == pytest.approx(-owed.cash / 1_000_000)
    assert questions.positions(database, 999_999) == []


def test_trades_between_two_times_are_those_and_no_others(day):
    database, calendar = in_memory(day), day.house.calendar
    inner = [e for e in day.executions if e.symbol == SYMBOLS[0]]
    first, last = inner[10].time_ns, inner[-10].time_ns
    found = questions.trades(database, SYMBOLS[0], first, last)
    assert {row["id"] for row in found} == {e.id for e in inner if first <= e.time_ns < last}
    assert [row["at"] for row in found] == sorted(row["at"] for row in found)
    assert calendar.day_of(first) == TRADED


def test_fails_of_a_day_are_what_its_statement_says(day):
    found = questions.fails(in_memory(day), FRIDAY)
    late = [line for line in day.house.statement(FRIDAY) if line.left > 0]
    assert [(row["account"], row["symbol"], row["left"]) for row in found] == [
        (line.owed.account, line.owed.symbol, line.left)
        for line in sorted(late, key=lambda each: (each.owed.account, each.owed.symbol))
    ]
    assert {row["side"] for row in found} <= {"gives", "gets"}


def test_without_a_database_a_day_is_made_up_to_be_asked(monkeypatch):
    monkeypatch.delenv("KIT_DATABASE", raising=False)
    words = {"account": 21, "symbol": "ACME", "day": "", "from": "10:00", "until": "10:30"}
    for what in ("positions", "trades", "fails", "settled"):
        assert answer(what, words)
    assert answer("fails", words | {"day": "2026-12-24"}) == []


@pytest.mark.parametrize(
    ("what", "change", "said"),
    [
        ("nothing", {}, "there are positions"),
        ("fails", {"day": "tomorrow"}, "'tomorrow' is no day"),
        ("trades", {"from": "noon"}, "'noon' is no time"),
    ],
)
def test_a_question_in_wrong_words_is_told_so(what, change, said, monkeypatch):
    monkeypatch.delenv("KIT_DATABASE", raising=False)
    words = {"account": 21, "symbol": "ACME", "day": "", "from": "10:00", "until": "10:30"}
    with pytest.raises(UsageError, match=said):
        answer(what, words | change)


def test_to_write_where_nothing_stays_or_from_nowhere_is_refused(monkeypatch, tmp_path):
    monkeypatch.delenv("KIT_DATABASE", raising=False)
    with pytest.raises(UsageError, match="KIT_DATABASE is not set"):
        read_journal(tmp_path)
    monkeypatch.setenv("KIT_DATABASE", f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(UsageError, match="no such folder"):
        read_journal(tmp_path / "nowhere")


# The day ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_a_day_ends_with_everything_settled_and_nothing_lost(seed):
    passed = live(seed=seed, orders=1_500)
    assert all(each.held for each in verdicts(passed)), verdicts(passed)
    assert passed.steps > 20 and not passed.broken


def test_the_holiday_is_told_and_nobody_settles_on_it(day):
    lines = list(told(day))
    assert any(line.startswith("Thu 26 Nov") and "holiday" in line for line in lines)
    assert day.settled[0][0] == FRIDAY


def test_the_house_buys_in_on_the_third_business_day_after(day):
    assert [on.isoformat() for on, _ in day.settled] == [
        *("2026-11-27", "2026-11-30", "2026-12-01", "2026-12-02"),
    ]
    assert day.bought_in(day.settled[-1][0]) and not day.bought_in(FRIDAY)


def test_who_fails_is_one_of_those_that_were_planted(day):
    planted = {owed.account for owed in day.planted.values()}
    first = [line for _, lines in day.settled[:1] for line in lines]
    assert {line.owed.account for line in first if line.fine} == planted


def test_the_same_seed_is_the_same_day(day):
    assert facts(live(seed=7, orders=2_000)) == facts(day)
    assert json.loads(json.dumps(facts(day)))["promises"][0]["held"]


def test_a_loss_is_noticed(day):
    again = live(seed=7, orders=500)
    again.house.ledger._balances["1/cash"] = 7
    again.count()
    assert again.broken and not all(each.held for each in verdicts(again))


@pytest.mark.parametrize("orders", [10, 10**9])
def test_a_day_too_small_or_too_large_is_refused(orders):
    with pytest.raises(UsageError, match="orders"):
        live(orders=orders)


def test_project_alone_leaves_the_commit_to_its_caller(day):
    database = in_memory(day)
    before = rows(database)
    with database.engine.connect() as connection:
        project(connection, [], 10**9)
        connection.rollback()
    assert rows(database) == before
