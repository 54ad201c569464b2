"""What the exercises on the outbox check: said until it is heard, in order, and heard once.

Page: docs/chapters/outbox.md
"""

from collections.abc import Iterator, Sequence
from random import Random

from sqlalchemy import Connection

from chapters.checking import JSON, Case, Stage
from chapters.outbox.inbox import first_time
from chapters.outbox.outbox import Message, put
from chapters.outbox.relay import Relay
from chapters.outbox.story import Killed, tables
from chapters.sim.clock import S
from chapters.transaction import Database
from chapters.transaction.opening import MEMORY, open_database


def said(messages: Sequence[Sequence[str]], turns: Sequence[Sequence[JSON]]) -> JSON:
    """Put messages [topic, subject], then let relays turn: [second, those that are deaf, who dies].

    Return for each turn what was said, and what came back: how many, or "Killed".
    """
    database = open_database(MEMORY, tables)

    def write(connection: Connection) -> None:
        for topic, subject in messages:
            put(connection, topic, subject, {}, now_ns=0)

    database.run(write)
    return [_turn(database, int(str(at_s)), str(deaf), str(dies)) for at_s, deaf, dies in turns]


def _turn(database: Database, at_s: int, deaf: str, dies: str) -> JSON:
    heard: list[str] = []

    def send(message: Message) -> bool:
        if message.subject == dies:
            raise Killed(message.subject)
        heard.append(f"{message.topic} {message.subject} {message.number}")
        return message.subject not in deaf

    try:
        count: JSON = Relay(database, {"kitchen": send, "gateway": send}).turn(at_s * S)
    except Killed:
        count = "Killed"
    return [heard, count]


def heard(numbers: Sequence[Sequence[JSON]]) -> JSON:
    """Hear messages [receiver, number, dies]; return for each whether it was the first time."""
    database = open_database(MEMORY, tables)

    def one(receiver: str, number: int, dies: bool) -> JSON:
        def work(connection: Connection) -> bool:
            first = first_time(connection, receiver, number)
            if dies:
                raise Killed("before commit")
            return first

        try:
            return database.run(work)
        except Killed:
            return "Killed"

    return [one(str(who), int(str(number)), bool(dies)) for who, number, dies in numbers]


PAIR = [["kitchen", "a"], ["kitchen", "b"]]


def all_well(rng: Random) -> Iterator[Case]:
    """Everybody hears at once."""
    yield PAIR, [[0, [], ""], [0, [], ""]]
    yield [["gateway", "a"], ["kitchen", "a"]], [[rng.randint(0, 9), [], ""]]


def in_order(rng: Random) -> Iterator[Case]:
    """Two of one subject: the second waits for the first one's answer."""
    yield [["kitchen", "a"], ["kitchen", "a"], ["kitchen", "b"]], [[0, [], ""], [0, [], ""]]
    yield [["kitchen", "a"], ["kitchen", "a"]], [[0, ["a"], ""], [1, [], ""], [2, [], ""]]


def deaf(rng: Random) -> Iterator[Case]:
    """Nobody answers: it is said again, less and less often, and others go on."""
    yield PAIR, [[0, ["a"], ""], [0, ["a"], ""], [1, ["a"], ""], [1, ["a"], ""], [3, [], ""]]
    yield PAIR, [[at, ["a", "b"], ""] for at in range(8)]


def dying(rng: Random) -> Iterator[Case]:
    """The relay dies in the middle; the next one goes on, and leaves nothing out."""
    yield PAIR, [[0, [], "a"], [0, [], ""], [5, [], ""]]
    yield PAIR, [[0, [], "b"], [5, [], ""], [9, [], ""]]


def repeated(rng: Random) -> Iterator[Case]:
    """Once for each number and each receiver; a death before the commit does not count."""
    yield ([["kitchen", 1, False], ["kitchen", 1, False], ["kitchen", 2, False]],)
    yield ([["kitchen", 1, False], ["riders", 1, False], ["riders", 1, False]],)
    yield ([["kitchen", 7, True], ["kitchen", 7, False], ["kitchen", 7, False]],)
    number = rng.randint(3, 99)
    yield ([["kitchen", number, False], ["kitchen", 1, False], ["kitchen", number, False]],)


STAGES = {
    "relay": [
        Stage("what is due is said, and gone when it was heard", all_well, said),
        Stage("of one subject, one after the other", in_order, said),
        Stage("what was not heard is said again, later and later", deaf, said, needs=(1,)),
        Stage("a relay that dies loses nothing", dying, said, needs=(1,)),
    ],
    "inbox": [Stage("each receiver hears each message once", repeated, heard)],
}
