"""A receiver that hears everything at least once does each thing once.

Invariant: a message's number is in the table if and only if its effect is in the same database. For an
effect that is elsewhere, the number has to be that elsewhere's key. Page: docs/chapters/outbox.md
"""

from sqlalchemy import BigInteger, Column, Connection, String, Table, text

from chapters.outbox.outbox import tables

INBOX = Table(
    "inbox",
    tables,
    Column("receiver", String(40), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
)
NOTE = text(
    "INSERT INTO inbox (receiver, number) VALUES (:receiver, :number) ON CONFLICT DO NOTHING"
)


def first_time(connection: Connection, receiver: str, number: int) -> bool:
    """Return whether this receiver hears that message for the first time; from now on it has.

    Do the message's effect in the same transaction.
    """
    return connection.execute(NOTE, {"receiver": receiver, "number": number}).rowcount == 1
