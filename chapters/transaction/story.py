"""The last two coupons, and four customers at once: three ways to count, on a real database.

The customers do not run side by side here. In each way the second one comes exactly between the first
one's look and its write, which is where everything goes wrong that can; so the same happens in every
run. Page: docs/chapters/transaction.md
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select, update

from chapters.sim.errors import at_least
from chapters.transaction.database import Database
from chapters.transaction.opening import open_database

TITLE = "Transactions"
tables = MetaData()
COUPONS = Table("coupons", tables, Column("id", Integer, primary_key=True), Column("left", Integer))
LEFT = select(COUPONS.c.left)

Between = Callable[[], None]


def look_then_write(database: Database, between: Between) -> bool:
    """Look in one transaction, write what remains in the next: somebody else comes in between."""
    left = database.run(lambda connection: int(connection.execute(LEFT).scalar_one()))
    between()
    if left:
        database.run(lambda connection: connection.execute(update(COUPONS).values(left=left - 1)))
    return left > 0


def count_then_look(database: Database, between: Between) -> bool:
    """Take one off, whatever is left, and look afterwards: the number is right, and below zero."""
    between()

    def work(connection: Connection) -> bool:
        connection.execute(update(COUPONS).values(left=COUPONS.c.left - 1))
        return True

    return database.run(work)


def take_if_any(database: Database, between: Between) -> bool:
    """Take one off *where* one is left, in one statement: the database tells how many it found."""
    between()
    return database.run(take)


def take(connection: Connection) -> bool:
    """Return whether there was one to take."""
    one_less = update(COUPONS).where(COUPONS.c.left > 0).values(left=COUPONS.c.left - 1)
    return connection.execute(one_less).rowcount == 1


WAYS = {"look, then write": look_then_write, "count, then look": count_then_look,
        "take it if there is one": take_if_any}  # fmt: skip


def rush(database: Database, way: Callable[[Database, Between], bool], customers: int) -> int:
    """Return how many customers got a coupon, each coming in the middle of the one before."""
    got: list[bool] = []

    def come(left: int) -> None:
        if left:
            got.append(way(database, lambda: come(left - 1)))

    come(customers)
    return sum(got)


def demo(*, coupons: int = 2, customers: int = 4) -> None:
    """Show how many coupons each way gives away, and what the database says is left."""
    at_least(0, coupons=coupons)
    at_least(1, customers=customers)
    print(f"{coupons} coupons, {customers} customers, each in the middle of the one before\n")
    print(f"  {'':26}given away   left in the database")
    with TemporaryDirectory() as folder:
        for number, (name, way) in enumerate(WAYS.items()):
            database = open_database(f"sqlite:///{Path(folder) / f'{number}.db'}", tables)
            database.run(lambda c: c.execute(insert(COUPONS).values(id=1, left=coupons)))
            given = rush(database, way, customers)
            left = database.run(lambda c: c.execute(LEFT).scalar_one())
            print(f"  {name:26}{given:10}   {left:8}")
            database.close()


if __name__ == "__main__":
    demo()
