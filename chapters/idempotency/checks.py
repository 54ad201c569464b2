"""What the exercises on idempotency check: asked twice, done once, and what counts as the same.

Page: docs/chapters/idempotency.md
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from sqlalchemy import Connection, select

from chapters.checking import JSON, Case, Stage
from chapters.errors import KitError, Refused
from chapters.idempotency.fingerprint import fingerprint
from chapters.idempotency.once import KEYS, once
from chapters.idempotency.story import COOKED, Killed, cook, tables
from chapters.transaction.opening import MEMORY, open_database


def asked(requests: Sequence[Sequence[JSON]]) -> JSON:
    """Send requests [key, body, fate]; return each answer, how many dinners, and the keys that stand.

    The fate "refused" makes the dinner impossible, and "dies" kills the shop before it commits.
    """
    dying = False

    def at(point: str) -> None:
        if dying and point == "before commit":
            raise Killed(point)

    database = open_database(MEMORY, tables, at=at)
    found: list[JSON] = []
    for key, body, fate in requests:
        dying = fate == "dies"

        def work(connection: Connection, key: Any = key, body: Any = body, fate: Any = fate) -> Any:
            return once(connection, key, body, lambda: made(connection, body, fate), now_ns=7)

        try:
            found.append(database.run(work))
        except (Refused, Killed) as error:
            found.append(type(error).__name__)
    with database.engine.connect() as connection:
        dinners = connection.execute(COOKED).scalar_one()
        keys = sorted(connection.execute(select(KEYS.c.key)).scalars())
    return {"answers": found, "dinners": dinners, "keys": keys}


def made(connection: Connection, body: Any, fate: Any) -> Any:
    """Cook what is asked for; there may be none left when it has been begun."""
    dinner = cook(connection, str(body))
    if fate == "refused":
        raise Refused(409, "none left")
    return dinner | {"number": connection.execute(COOKED).scalar_one()}


def prints(one: JSON, other: JSON) -> JSON:
    """Return whether two bodies have the same fingerprint, and how long it is."""
    try:
        return [fingerprint(one) == fingerprint(other), len(fingerprint(one))]
    except (KitError, ValueError) as error:
        return type(error).__name__


def first(rng: Random) -> Iterator[Case]:
    """Different keys, different dinners."""
    yield ([["a", {"dish": 1}, ""], ["b", {"dish": 1}, ""]],)


def again(rng: Random) -> Iterator[Case]:
    """The same key and body comes again, with others in between."""
    yield ([["a", {"dish": 1}, ""], ["b", {"dish": 2}, ""], ["a", {"dish": 1}, ""]],)
    yield ([["a", {"x": 1, "y": 2}, ""], ["a", {"y": 2, "x": 1}, ""]],)


def another(rng: Random) -> Iterator[Case]:
    """The same key with another body."""
    yield ([["a", {"dish": 1}, ""], ["a", {"dish": 2}, ""], ["a", {"dish": 1}, ""]],)


def undone(rng: Random) -> Iterator[Case]:
    """What was refused, or died on the way, has not been; the key is free for another try."""
    yield ([["a", {"dish": 1}, "refused"], ["a", {"dish": 1}, ""]],)
    yield ([["a", {"dish": 1}, "dies"], ["a", {"dish": 1}, ""], ["a", {"dish": 1}, ""]],)
    yield ([["a", {"dish": 1}, "refused"], ["a", {"dish": 2}, ""]],)


def bad_keys(rng: Random) -> Iterator[Case]:
    """No key, and one too long."""
    yield ([["", {}, ""], ["k" * 200, {}, ""], ["k" * 201, {}, ""]],)


def same(rng: Random) -> Iterator[Case]:
    """Written in another order, or not at all differently."""
    yield {"a": 1, "b": [1, 2]}, {"b": [1, 2], "a": 1}
    yield {"a": {"x": 1, "y": {"p": 1, "q": 2}}}, {"a": {"y": {"q": 2, "p": 1}, "x": 1}}
    yield "biryani", "biryani"


def different(rng: Random) -> Iterator[Case]:
    """Looks alike, means something else."""
    yield [1, 2], [2, 1]
    yield {"a": 1}, {"a": "1"}
    yield {"a": True}, {"a": 1}
    yield {"a": "b", "c": "d"}, {"a": "b,c:d"}
    yield {"quantity": rng.randint(2, 9)}, {"quantity": 1}
    yield {"a": None}, {}


STAGES = {
    "once": [
        Stage("each key has its own dinner", first, asked),
        Stage("the same again gets the first answer, and nothing is cooked", again, asked),
        Stage("the same key for something else is refused", another, asked, needs=(1,)),
        Stage("what was refused or died leaves no key behind", undone, asked, needs=(1,)),
        Stage("a key has 1 to 200 characters", bad_keys, asked, needs=(1,)),
    ],
    "fingerprint": [
        Stage("equal, however it was written", same, prints),
        Stage("different, however alike", different, prints, needs=()),
    ],
}
