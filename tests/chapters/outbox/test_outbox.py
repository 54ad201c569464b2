"""Decided and said, at every power failure; in order for each subject; by several relays."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.outbox import Relay, put, put_off, story, waiting, withdraw
from chapters.outbox.outbox import next_due_ns
from chapters.outbox.relay import WAIT_MAX_NS, wait_ns
from chapters.sim.clock import MS, S
from chapters.transaction import open_database
from chapters.transaction.opening import MEMORY


def ends(name):
    return [story.ends(name, point) for point in range(1, story.points(name) + 1)]


def test_with_outbox_and_inbox_what_is_paid_is_cooked_once_at_every_power_failure():
    assert all(paid == cooked for paid, cooked in ends("outbox and inbox"))


def test_the_others_tell_too_little_or_too_much():
    assert (1, 0) in ends("commit, then tell")
    assert (0, 1) in ends("tell, then commit")
    assert (1, 2) in ends("outbox")


def filled(address, subjects):
    database = open_database(address, story.tables)

    def write(connection):
        for number, subject in enumerate(subjects):
            put(connection, "kitchen", subject, {"number": number}, now_ns=0)

    database.run(write)
    return database


@given(st.lists(st.sampled_from("abc"), max_size=12), st.randoms())
def test_each_subject_is_heard_in_order_whoever_is_deaf_for_a_while(subjects, rng):
    database, heard, now_ns = filled(MEMORY, subjects), [], 0

    def send(message):
        if rng.random() < 0.4:
            return False
        heard.append((message.subject, message.facts["number"]))
        return True

    relay = Relay(database, {"kitchen": send})
    while (due_ns := database.run(next_due_ns)) is not None:
        now_ns = max(now_ns, due_ns)
        relay.turn(now_ns)
    assert sorted(heard, key=lambda each: each[1]) == list(
        zip(subjects, range(len(subjects)), strict=True)
    )
    for subject in set(subjects):
        numbers = [number for name, number in heard if name == subject]
        assert numbers == sorted(numbers)


@pytest.mark.parametrize("kind", ["file", pytest.param("postgres", marks=pytest.mark.slow)])
def test_of_several_relays_one_says_each_message(request, tmp_path, kind):
    address = f"sqlite:///{tmp_path / 'kit.db'}"
    if kind == "postgres":
        address = request.getfixturevalue("postgres")
    database, said = filled(address, [str(number) for number in range(40)]), []

    def send(message):
        said.append(message.subject)
        return True

    def turn(_):
        relay = Relay(database, {"kitchen": send})
        while relay.turn(0):
            pass

    with ThreadPoolExecutor(3) as crew:
        list(crew.map(turn, range(3)))
    assert sorted(said, key=int) == [str(number) for number in range(40)]
    database.close()


def test_a_deaf_receiver_is_asked_less_and_less_often():
    assert [wait_ns(tries) // MS for tries in range(4)] == [500, 1000, 2000, 4000]
    assert wait_ns(1000) == WAIT_MAX_NS


def test_the_next_message_is_due_when_the_first_of_its_subject_is():
    database = filled(MEMORY, ["a", "a"])
    Relay(database, {"kitchen": lambda message: False}).turn(0)
    assert database.run(next_due_ns) == 500 * MS  # the second one may be said, but not yet


def test_withdrawn_is_not_said_and_what_is_put_off_is_said_then():
    database, said = filled(MEMORY, ["a", "b"]), []
    relay = Relay(database, {"kitchen": lambda message: said.append(message.subject) or False})
    relay.turn(0)
    database.run(lambda connection: withdraw(connection, "kitchen", "a"))
    database.run(lambda connection: put_off(connection, "kitchen", "b", until_ns=1))
    relay.turn(1)
    assert said == ["a", "b", "b"]
    assert [each.subject for each in database.run(lambda c: waiting(c, now_ns=99 * S))] == ["b"]
