"""What has to be said is written with what was decided, by one transaction, and said afterwards.

    decide: ┌ orders:  A is paid ────┐ one      relay: due ─► claim it ─► send ─► settle: it is gone
            └ outbox:  "cook A" ─────┘ commit              (no answer: due again, later and later)

Invariant: what stands in the table is still to be said, and everything decided that has not certainly
been heard stands there. So each message arrives at least once; to two of one subject the first one's
answer comes before the second is sent. That it *counts* once is up to the receiver: see `inbox.py`.

Source: Hohpe and Woolf, "Enterprise Integration Patterns", 2003; the transactional outbox.
Page: docs/chapters/outbox.md
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

TEXT_MAX = 64_000  # of one message's facts, in characters

tables = MetaData()
OUTBOX = Table(
    "outbox",
    tables,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("topic", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("facts", String, nullable=False),
    Column("due_ns", BigInteger, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Index("outbox_subject", "topic", "subject", "number"),
    sqlite_autoincrement=True,  # a number is never given twice, also when its row is gone
)
_EARLIER = OUTBOX.alias()
_IS_FIRST = ~(
    select(_EARLIER.c.number)
    .where(
        _EARLIER.c.topic == OUTBOX.c.topic,
        _EARLIER.c.subject == OUTBOX.c.subject,
        _EARLIER.c.number < OUTBOX.c.number,
    )
    .exists()
)
PUT = insert(OUTBOX)
WAITING = (
    select(OUTBOX)
    .where(OUTBOX.c.due_ns <= bindparam("now_ns"), _IS_FIRST)
    .order_by(OUTBOX.c.number)
    .limit(bindparam("count"))
)
CLAIM = (
    update(OUTBOX)
    .where(OUTBOX.c.number == bindparam("b_number"), OUTBOX.c.tries == bindparam("b_tries"))
    .values(tries=OUTBOX.c.tries + 1, due_ns=bindparam("again_ns"))
)
SETTLE = delete(OUTBOX).where(OUTBOX.c.number == bindparam("number"))
WITHDRAW = delete(OUTBOX).where(
    OUTBOX.c.topic == bindparam("topic"), OUTBOX.c.subject == bindparam("subject")
)
PUT_OFF = (
    update(OUTBOX)
    .where(OUTBOX.c.topic == bindparam("b_topic"), OUTBOX.c.subject == bindparam("b_subject"))
    .values(due_ns=bindparam("until_ns"))
)
NEXT = select(OUTBOX.c.due_ns).where(_IS_FIRST).order_by(OUTBOX.c.due_ns).limit(1)


@dataclass(frozen=True, slots=True)
class Message:
    """Something to be said to `topic` about `subject`; `number` is its name, for good."""

    number: int
    topic: str
    subject: str
    facts: dict[str, Any]
    tries: int = 0


def put(
    connection: Connection, topic: str, subject: str, facts: dict[str, Any], *, now_ns: int
) -> None:
    """Add a message to the transaction at hand: it is said if and only if that commits."""
    text = json.dumps(facts, separators=(",", ":"))
    assert len(text) <= TEXT_MAX, (topic, subject, len(text))
    row = {"topic": topic, "subject": subject, "facts": text, "due_ns": now_ns, "tries": 0}
    connection.execute(PUT, row)


def waiting(connection: Connection, *, now_ns: int, count: int = 100) -> list[Message]:
    """Return what is due, at most one message of each topic and subject: the first that was put."""
    rows = connection.execute(WAITING, {"now_ns": now_ns, "count": count})
    return [
        Message(row.number, row.topic, row.subject, json.loads(row.facts), row.tries)
        for row in rows
    ]


def claim(connection: Connection, message: Message, *, again_ns: int) -> bool:
    """Put the message off until `again_ns`; return whether it was us who did, and not another relay."""
    asked = {"b_number": message.number, "b_tries": message.tries, "again_ns": again_ns}
    return connection.execute(CLAIM, asked).rowcount == 1


def settle(connection: Connection, number: int) -> bool:
    """Take a message out, for its receiver has it; return whether it still stood there."""
    return connection.execute(SETTLE, {"number": number}).rowcount == 1


def withdraw(connection: Connection, topic: str, subject: str) -> None:
    """Take out what would still be said to a topic about a subject: an answer came, or nobody asks.

    It may be under way already: who hears it late must know what came after it.
    """
    connection.execute(WITHDRAW, {"topic": topic, "subject": subject})


def put_off(connection: Connection, topic: str, subject: str, *, until_ns: int) -> None:
    """Let what waits for an answer be asked again at that time, sooner or later than it would have been.

    Later when somebody said that they are at it; now, when there is a sign that an answer can be had.
    """
    connection.execute(PUT_OFF, {"b_topic": topic, "b_subject": subject, "until_ns": until_ns})


def next_due_ns(connection: Connection) -> int | None:
    """Return when `waiting` will find something; None when there is nothing to say."""
    return connection.execute(NEXT).scalar()
