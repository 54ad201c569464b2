"""An order is paid and the kitchen must hear of it: four ways to tell, and the power fails at each point.

Page: docs/chapters/outbox.md
"""

from collections.abc import Callable
from functools import partial

from sqlalchemy import Column, Connection, Integer, MetaData, Table, func, insert, select

from chapters.outbox.inbox import first_time
from chapters.outbox.outbox import Message, put
from chapters.outbox.outbox import tables as outbox_tables
from chapters.outbox.relay import Relay
from chapters.sim.clock import S
from chapters.transaction import Database, open_database
from chapters.transaction.opening import MEMORY

TITLE = "The outbox"
HOUR_NS = 3600 * S
tables = MetaData()
PAID = Table("paid", tables, Column("id", Integer, primary_key=True))
COOKED = Table("cooked", tables, Column("id", Integer, primary_key=True))
for each in outbox_tables.tables.values():
    each.to_metadata(tables)


class Killed(Exception):
    """The power failed here."""


class Shop:
    """A shop with a database, next door to a kitchen with another one; `dies_at` is where it dies."""

    def __init__(self, dies_at: int = 0) -> None:
        self.met, self._dies_at = 0, dies_at
        self.database = open_database(MEMORY, tables, at=self.point)
        self.kitchen = open_database(MEMORY, tables)
        self.told = 0

    def point(self, name: str) -> None:
        """Die here, if this is where."""
        self.met += 1
        if self.met == self._dies_at:
            raise Killed(name)

    def tell(self, message: Message | None = None, *, remembers: bool = False) -> bool:
        """Tell the kitchen, which hears it and cooks; one that `remembers` cooks each message once."""
        self.point("before telling")
        self.told += 1

        def cook(connection: Connection) -> None:
            if (
                not remembers
                or message is None
                or first_time(connection, "kitchen", message.number)
            ):
                connection.execute(insert(COOKED))

        self.kitchen.run(cook)
        self.point("after telling")
        return True

    def count(self, database: Database, table: Table) -> int:
        """Return how many rows stand there."""
        with database.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def pay(connection: Connection) -> None:
    """Pay the order: what is decided."""
    connection.execute(insert(PAID))


def commit_then_tell(shop: Shop) -> None:
    """Decide, then tell."""
    shop.database.run(pay)
    shop.tell()


def tell_then_commit(shop: Shop) -> None:
    """Tell in the middle of the transaction."""

    def work(connection: Connection) -> None:
        pay(connection)
        shop.tell()

    shop.database.run(work)


def with_outbox(shop: Shop, *, remembers: bool) -> None:
    """Decide and note what has to be told; tell it afterwards, and after a restart."""

    def work(connection: Connection) -> None:
        pay(connection)
        put(connection, "kitchen", "order-1", {"do": "cook"}, now_ns=0)

    shop.database.run(work)
    relayed(shop, 0, remembers=remembers)


def relayed(shop: Shop, now_ns: int, *, remembers: bool) -> None:
    """Let a relay take a turn."""
    Relay(shop.database, {"kitchen": partial(shop.tell, remembers=remembers)}).turn(now_ns)


WAYS: dict[str, Callable[[Shop], None]] = {
    "commit, then tell": commit_then_tell,
    "tell, then commit": tell_then_commit,
    "outbox": partial(with_outbox, remembers=False),
    "outbox and inbox": partial(with_outbox, remembers=True),
}


def ends(name: str, dies_at: int) -> tuple[int, int]:
    """Return how many orders are paid and how many are cooked, an hour after it died at that point."""
    shop = Shop(dies_at)
    try:
        WAYS[name](shop)
    except Killed:
        relayed(shop, HOUR_NS, remembers=name.endswith("inbox"))
    return shop.count(shop.database, PAID), shop.count(shop.kitchen, COOKED)


def points(name: str) -> int:
    """Return at how many points one can die."""
    shop = Shop()
    WAYS[name](shop)
    return shop.met


def demo() -> None:
    """Show what is paid and cooked, for each point at which the power fails."""
    print("paid/cooked, an hour after the power failed at point 1, 2, 3, …; equal is right\n")
    for name in WAYS:
        found = [ends(name, point) for point in range(1, points(name) + 1)]
        shown = "  ".join(
            f"{paid}/{cooked}{' ' if paid == cooked else '!'}" for paid, cooked in found
        )
        print(f"  {name:19}{shown}")


if __name__ == "__main__":
    demo()
