"""A tap, a lost answer, and another tap: how often is dinner cooked?

The shop dies at every point at which it can, and the customer asks again each time.
Page: docs/chapters/idempotency.md
"""

from collections.abc import Callable

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, func, insert, select

from chapters.idempotency.errors import KeyReused
from chapters.idempotency.once import KEYS, once
from chapters.idempotency.once import tables as key_tables
from chapters.transaction import Database, open_database
from chapters.transaction.opening import MEMORY

TITLE = "Idempotency"
tables = MetaData()
DINNERS = Table("dinners", tables, Column("id", Integer, primary_key=True), Column("what", String))
for each in key_tables.tables.values():
    each.to_metadata(tables)
COOKED = select(func.count()).select_from(DINNERS)
HAD = select(KEYS.c.key).where(KEYS.c.key == "tap-1")


class Killed(Exception):
    """The shop died here."""


def cook(connection: Connection, what: str) -> dict[str, str]:
    """Cook dinner: the effect that must happen once."""
    connection.execute(insert(DINNERS).values(what=what))
    return {"dinner": what}


def without_a_key(database: Database, what: str) -> object:
    """Whoever asks gets a dinner."""
    return database.run(lambda connection: cook(connection, what))


def effect_then_key(database: Database, what: str) -> object:
    """Look for the key, cook, and note the key when it is done: two transactions."""
    if database.run(lambda connection: connection.execute(HAD).first()):
        return {"dinner": what}
    answer = database.run(lambda connection: cook(connection, what))
    note = insert(KEYS).values(key="tap-1", fingerprint="", answer="", at_ns=0)
    database.run(lambda connection: connection.execute(note))
    return answer


def key_then_effect(database: Database, what: str) -> object:
    """Note the key first, so that nobody cooks twice: and perhaps nobody cooks."""
    if database.run(lambda connection: connection.execute(HAD).first()):
        return {"dinner": what}
    note = insert(KEYS).values(key="tap-1", fingerprint="", answer="", at_ns=0)
    database.run(lambda connection: connection.execute(note))
    return database.run(lambda connection: cook(connection, what))


def key_with_effect(database: Database, what: str) -> object:
    """Both in one transaction."""
    return database.run(
        lambda connection: once(
            connection, "tap-1", {"what": what}, lambda: cook(connection, what), now_ns=0
        )
    )


WAYS: dict[str, Callable[[Database, str], object]] = {
    "no key": without_a_key,
    "effect, then key": effect_then_key,
    "key, then effect": key_then_effect,
    "key with effect": key_with_effect,
}


def cooked(way: Callable[[Database, str], object], dies_at: int) -> int:
    """Return how many dinners are cooked if the shop dies at that point, and is asked again."""
    met = 0

    def at(point: str) -> None:
        nonlocal met
        met += 1
        if met == dies_at:
            raise Killed(point)

    database = open_database(MEMORY, tables, at=at)
    for _ in range(2):  # the customer taps, hears nothing, and taps again
        try:
            way(database, "biryani")
            if dies_at:
                break
        except Killed:
            continue
    return int(database.run(lambda connection: connection.execute(COOKED).scalar_one()))


def points(way: Callable[[Database, str], object]) -> int:
    """Return at how many points a shop can die in one request."""
    met: list[str] = []
    way(open_database(MEMORY, tables, at=met.append), "biryani")
    return len(met)


def demo() -> None:
    """Show how many dinners come of one tap, for each point at which the shop dies."""
    print("The answer gets lost and the customer taps again; then the shop dies at each point.\n")
    print(f"  {'':18}no death   dies at point 1, 2, 3, …")
    for name, way in WAYS.items():
        deaths = "  ".join(str(cooked(way, point)) for point in range(1, points(way) + 1))
        print(f"  {name:18}{cooked(way, 0):8}   {deaths}")
    database = open_database(MEMORY, tables)
    key_with_effect(database, "biryani")
    try:
        key_with_effect(database, "two biryanis")
    except KeyReused as refusal:
        print(f"\n  the same key, another dinner: {refusal.status}, {refusal}")


if __name__ == "__main__":
    demo()
