"""The tables of ordering, and its statements, each written once.

Page: docs/zomato/ordering.md
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from chapters.idempotency import tables as key_tables
from chapters.outbox import tables as outbox_tables

tables = MetaData()
ORDERS = Table(
    "orders",
    tables,
    Column("id", String(40), primary_key=True),
    Column("cart", String, nullable=False),
    Column("bill", String, nullable=False),
    Column("state", String(12), nullable=False),
    Column("at_step", Integer, nullable=False),
    Column("phase", String(12), nullable=False),
    Column("rider", String(80), nullable=False),
    Column("trip", Integer, nullable=False),
    Column("reason", String, nullable=False),
    Column("placed_ns", BigInteger, nullable=False),
    Column("due_ns", BigInteger, nullable=False, index=True),
)
COUPONS = Table(
    "coupons",
    tables,
    Column("code", String(80), primary_key=True),
    Column("basis_points", Integer, nullable=False),
    Column("discount_max", BigInteger, nullable=False),
    Column("food_min", BigInteger, nullable=False),
    Column("uses_max", Integer, nullable=False),
    Column("used", Integer, nullable=False),
    Column("until_ns", BigInteger, nullable=False),
)
USES = Table(
    "coupon_uses",
    tables,
    Column("code", String(80), primary_key=True),
    Column("customer", String(80), primary_key=True),
    Column("order_id", String(40), nullable=False, index=True),
)
REFUNDS = Table(
    "refunds",
    tables,
    Column("order_id", String(40), primary_key=True),
    Column("reason", String(100), primary_key=True),
    Column("paise", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),
)
for others in (key_tables, outbox_tables):
    for table in others.tables.values():
        table.to_metadata(tables)

ADD_ORDER = insert(ORDERS)
ONE_ORDER = select(ORDERS).where(ORDERS.c.id == bindparam("id"))
LOCKED_ORDER = ONE_ORDER.with_for_update()
MOVE_ORDER = (
    update(ORDERS)
    .where(ORDERS.c.id == bindparam("b_id"))
    .values(
        state=bindparam("state"),
        at_step=bindparam("at_step"),
        phase=bindparam("phase"),
        rider=bindparam("rider"),
        trip=bindparam("trip"),
        reason=bindparam("reason"),
    )
)
_COUNT = select(ORDERS.c.state, func.count().label("orders"))
BY_STATE = _COUNT.group_by(ORDERS.c.state).order_by(ORDERS.c.state)
OVERDUE = (
    select(ORDERS.c.id)
    .where(ORDERS.c.due_ns <= bindparam("now_ns"), ORDERS.c.phase == "forward")
    .order_by(ORDERS.c.due_ns)
    .limit(100)
)

ADD_COUPON = insert(COUPONS)
ONE_COUPON = select(COUPONS).where(COUPONS.c.code == bindparam("code"))
TAKE_COUPON = (
    update(COUPONS)
    .where(COUPONS.c.code == bindparam("b_code"), COUPONS.c.used < COUPONS.c.uses_max)
    .values(used=COUPONS.c.used + 1)
)
RETURN_COUPON = (
    update(COUPONS).where(COUPONS.c.code == bindparam("b_code")).values(used=COUPONS.c.used - 1)
)
NOTE_USE = text(
    "INSERT INTO coupon_uses (code, customer, order_id) VALUES (:code, :customer, :order_id) "
    "ON CONFLICT DO NOTHING"
)
ONE_USE = select(USES.c.code).where(USES.c.order_id == bindparam("order_id"))
FORGET_USE = delete(USES).where(USES.c.order_id == bindparam("order_id"))

NOTE_REFUND = text(
    "INSERT INTO refunds (order_id, reason, paise, state) VALUES (:order_id, :reason, :paise, 'asked') "
    "ON CONFLICT DO NOTHING"
)
END_REFUND = (
    update(REFUNDS)
    .where(
        REFUNDS.c.order_id == bindparam("b_order"),
        REFUNDS.c.reason == bindparam("b_reason"),
        REFUNDS.c.state == "asked",
    )
    .values(state="done")
)
ONE_REFUND = select(REFUNDS.c.paise).where(
    REFUNDS.c.order_id == bindparam("order_id"), REFUNDS.c.reason == bindparam("reason")
)
