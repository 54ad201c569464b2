"""All or nothing, on SQLite and on a real PostgreSQL; with others in the way, and after kill -9."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select, update

from chapters.transaction import (
    BadAddress,
    CommitUnknown,
    Contended,
    Database,
    open_database,
    story,
)
from chapters.transaction import database as module
from chapters.transaction.opening import MEMORY

tables = MetaData()
ROWS = Table("rows", tables, Column("id", Integer, primary_key=True), Column("n", Integer))
TOTAL = select(func.sum(ROWS.c.n))


@pytest.fixture(params=["file", pytest.param("postgres", marks=pytest.mark.slow)])
def database(request, tmp_path):
    address = f"sqlite:///{tmp_path / 'kit.db'}"
    if request.param == "postgres":
        address = request.getfixturevalue("postgres")
    found = open_database(address, tables)
    with found.engine.begin() as connection:
        connection.execute(ROWS.delete())
        connection.execute(insert(ROWS).values(id=1, n=0))
    yield found
    found.close()


def total(database: Database) -> int:
    return database.run(lambda connection: connection.execute(TOTAL).scalar_one())


def test_an_error_leaves_nothing_behind(database):
    def work(connection):
        connection.execute(update(ROWS).values(n=7))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        database.run(work)
    assert total(database) == 0


def test_additions_of_many_threads_are_all_there(database):
    def add(_):
        database.run(lambda connection: connection.execute(update(ROWS).values(n=ROWS.c.n + 1)))

    with ThreadPoolExecutor(4) as crew:
        list(crew.map(add, range(40)))
    assert total(database) == 40


def test_what_was_taken_with_a_condition_is_never_taken_twice(database):
    with database.engine.begin() as connection:
        connection.execute(update(ROWS).values(n=5))
    one = update(ROWS).where(ROWS.c.n > 0).values(n=ROWS.c.n - 1)

    def take(_):
        return database.run(lambda connection: connection.execute(one).rowcount)

    with ThreadPoolExecutor(4) as crew:
        taken = sum(crew.map(take, range(12)))
    assert (taken, total(database)) == (5, 0)


def test_a_writer_in_the_way_is_waited_for_and_then_said(tmp_path, monkeypatch):
    monkeypatch.setattr("chapters.transaction.opening.WAIT_S", 0)
    monkeypatch.setattr(module, "TRIES_MAX", 3)
    one, other = (open_database(f"sqlite:///{tmp_path / 'kit.db'}", tables) for _ in range(2))
    with one.engine.connect() as holding:
        holding.execute(insert(ROWS).values(id=1, n=1))
        with pytest.raises(Contended, match="3 times"):
            other.run(lambda connection: connection.execute(TOTAL).scalar())
        holding.commit()
    assert total(other) == 1
    one.close()
    other.close()


KILLED = """
import os, sys
from sqlalchemy import insert
from chapters.transaction import open_database
from tests.chapters.transaction.test_transaction import ROWS, tables
def at(point):
    if point == sys.argv[2]:
        os.kill(os.getpid(), 9)
open_database(sys.argv[1], tables, at=at).run(lambda c: c.execute(insert(ROWS).values(id=2, n=5)))
"""


@pytest.mark.parametrize(("point", "stands"), [("before commit", None), ("after commit", 5)])
def test_kill_9_leaves_all_or_nothing(tmp_path, point, stands):
    address = f"sqlite:///{tmp_path / 'kit.db'}"
    ended = subprocess.run([sys.executable, "-c", KILLED, address, point], check=False)
    assert ended.returncode == -9
    database = open_database(address, tables)
    assert total(database) == stands
    database.close()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "no address"),
        ("no such thing", "no address"),
        ("mysql://a@b/c", "mysql is not spoken here"),
        ("sqlite:////no/such/folder/kit.db", "cannot be opened"),
    ],
)
def test_a_bad_address_is_one_clear_line(address, says):
    with pytest.raises(BadAddress, match=says) as error:
        open_database(address, tables)
    assert "\n" not in str(error.value)


def test_nobody_answers_at_the_address(tmp_path):
    pytest.importorskip("psycopg", reason="psycopg is not installed (extra `postgres`)")
    with pytest.raises(BadAddress, match="cannot be opened"):
        open_database(f"postgresql://kit@/kit?host={tmp_path}", tables)


def test_only_the_condition_gives_away_as_many_as_there_are(capsys):
    story.demo(coupons=2, customers=4)
    lines = capsys.readouterr().out.splitlines()
    found = {line[:26].strip(): line[26:].split() for line in lines[-3:]}
    assert found["take it if there is one"] == ["2", "0"]
    assert found["look, then write"][0] == "4" and found["count, then look"] == ["4", "-2"]


def test_memory_lives_as_long_as_the_database():
    database = open_database(MEMORY, tables)
    database.run(lambda connection: connection.execute(insert(ROWS).values(id=1, n=3)))
    assert total(database) == 3
    assert total(open_database(MEMORY, tables)) is None


@pytest.mark.slow
def test_a_connection_that_breaks_at_commit_leaves_it_open_whether_it_happened(postgres):
    pid = select(func.pg_backend_pid())

    def cut(point):
        if point == "before commit" and backend:
            with other.engine.connect() as connection:
                connection.execute(select(func.pg_terminate_backend(backend.pop())))

    backend = []
    database, other = open_database(postgres, tables, at=cut), open_database(postgres, tables)
    with pytest.raises(CommitUnknown, match="look what stands"):
        database.run(lambda c: backend.append(c.execute(pid).scalar_one()))
    assert database.run(lambda c: c.execute(select(1)).scalar_one()) == 1  # and one can look
    database.close()
    other.close()


def test_no_coupon_is_given_away_where_there_is_none_if_the_condition_is_in_the_statement(capsys):
    story.demo(coupons=0, customers=3)
    assert capsys.readouterr().out.splitlines()[-1][26:].split() == ["0", "0"]
