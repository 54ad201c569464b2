"""A request that is asked again gets its first answer, and nothing is done a second time.

    once(key, body, act)     one transaction:
        the key is written ── nobody had it ─► act() ─► its answer is written beside the key
                           └─ it was there ──► the same body? the answer that was given then
                                               another body?  KeyReused

Invariant: a key is in the table if and only if its effect is in the database, since both are written by one
transaction. Written *first*: of two at once the database lets one through, and the other waits for it.
To look first and write then would let both through. What is refused rolls back, key and all, so that a
customer whose card has no money may ask again under the same key. O(1) statements.

Source: the `Idempotency-Key` header, draft-ietf-httpapi-idempotency-key-header.
Page: docs/chapters/idempotency.md
"""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    select,
    text,
    update,
)

from chapters.idempotency.errors import BadKey, KeyReused
from chapters.idempotency.fingerprint import fingerprint

LENGTH_MAX = 200  # of a key, in characters

tables = MetaData()
KEYS = Table(
    "idempotency_keys",
    tables,
    Column("key", String(LENGTH_MAX), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("answer", String, nullable=False),
    Column("at_ns", BigInteger, nullable=False, index=True),
)
CLAIM = text(
    "INSERT INTO idempotency_keys (key, fingerprint, answer, at_ns) "
    "VALUES (:key, :fingerprint, '', :at_ns) ON CONFLICT DO NOTHING"
)
READ = select(KEYS.c.fingerprint, KEYS.c.answer).where(KEYS.c.key == bindparam("key"))
ANSWER = update(KEYS).where(KEYS.c.key == bindparam("b_key")).values(answer=bindparam("answer"))
FORGET = delete(KEYS).where(KEYS.c.at_ns < bindparam("before_ns"))


def once(
    connection: Connection, key: str, body: object, act: Callable[[], Any], *, now_ns: int
) -> Any:
    """Return what `act` returned when this key first came, as JSON; it is called that one time.

    Raises `KeyReused` for another body, `BadKey`, and what `act` raises.
    """
    if not 1 <= len(key) <= LENGTH_MAX:
        raise BadKey(f"a key of {len(key)} characters; say 1 to {LENGTH_MAX}")
    asked = fingerprint(body)
    claim = {"key": key, "fingerprint": asked, "at_ns": now_ns}
    if connection.execute(CLAIM, claim).rowcount:
        answer = json.dumps(act())
        connection.execute(ANSWER, {"b_key": key, "answer": answer})
        return json.loads(answer)
    known, answer = connection.execute(READ, {"key": key}).one()
    if known != asked:
        raise KeyReused(f"key {key!r:.60} was used for another request: take a new one for this")
    return json.loads(answer)


def forget(connection: Connection, *, before_ns: int) -> int:
    """Forget keys that are older; return how many. Whoever repeats later than that does it anew."""
    return connection.execute(FORGET, {"before_ns": before_ns}).rowcount
