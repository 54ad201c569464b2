"""The tables of the records, and their statements, each written once.

    trades       an execution, by its id            positions   what an account has bought and not sold
    settlement   an obligation on one day           places      how far each of these has read

They can be thrown away and made again from the journal: they decide nothing. Lots and ticks are whole
numbers, money is in millionths, days are text. Page: docs/exchange/records.md
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    select,
    text,
    update,
)

tables = MetaData()
TRADES = Table(
    "trades",
    tables,
    Column("execution_id", String(40), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("time_ns", BigInteger, nullable=False),
    Column("symbol", String(64), nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("lots", BigInteger, nullable=False),
    Column("buyer", BigInteger, nullable=False),
    Column("seller", BigInteger, nullable=False),
    Column("taker_side", Integer, nullable=False),
)
POSITIONS = Table(
    "positions",
    tables,
    Column("account", BigInteger, primary_key=True, autoincrement=False),
    Column("symbol", String(64), primary_key=True),
    Column("lots", BigInteger, nullable=False),
    Column("ticks", BigInteger, nullable=False),
    Column("trades", BigInteger, nullable=False),
)
SETTLEMENT = Table(
    "settlement",
    tables,
    Column("day", String(10), primary_key=True),
    Column("obligation", String(120), primary_key=True),
    Column("due", String(10), nullable=False),
    Column("account", BigInteger, nullable=False, index=True),
    Column("symbol", String(64), nullable=False),
    Column("shares", BigInteger, nullable=False),
    Column("cash", BigInteger, nullable=False),
    Column("settled", BigInteger, nullable=False),
    Column("left", BigInteger, nullable=False),
    Column("fine", BigInteger, nullable=False),
)
PLACES = Table(
    "places",
    tables,
    Column("reader", String(20), primary_key=True),
    Column("place", BigInteger, nullable=False),
)

BEGIN = text("INSERT INTO places (reader, place) VALUES (:reader, 0) ON CONFLICT DO NOTHING")
ONE_PLACE = select(PLACES.c.place).where(PLACES.c.reader == bindparam("reader"))
LOCKED_PLACE = ONE_PLACE.with_for_update()
MOVE_PLACE = (
    update(PLACES).where(PLACES.c.reader == bindparam("b_reader")).values(place=bindparam("place"))
)

ADD_TRADE = insert(TRADES)
ADD_POSITION = text(
    "INSERT INTO positions (account, symbol, lots, ticks, trades) "
    "VALUES (:account, :symbol, :lots, :ticks, 1) ON CONFLICT (account, symbol) DO UPDATE SET "
    "lots = positions.lots + excluded.lots, ticks = positions.ticks + excluded.ticks, "
    "trades = positions.trades + 1"
)
ADD_LINE = insert(SETTLEMENT)

TRADES_BETWEEN = (
    select(TRADES)
    .where(
        TRADES.c.symbol == bindparam("symbol"),
        TRADES.c.time_ns >= bindparam("from_ns"),
        TRADES.c.time_ns < bindparam("until_ns"),
    )
    .order_by(TRADES.c.time_ns, TRADES.c.execution_id)
    .limit(bindparam("limit"))
)
POSITIONS_OF = (
    select(POSITIONS)
    .where(POSITIONS.c.account == bindparam("account"))
    .order_by(POSITIONS.c.symbol)
)
FAILS_OF = (
    select(SETTLEMENT)
    .where(SETTLEMENT.c.day == bindparam("day"), SETTLEMENT.c.left > 0)
    .order_by(SETTLEMENT.c.due, SETTLEMENT.c.account, SETTLEMENT.c.symbol)
)
SETTLED_OF = (
    select(SETTLEMENT)
    .where(SETTLEMENT.c.account == bindparam("account"))
    .order_by(SETTLEMENT.c.day, SETTLEMENT.c.symbol)
)
