"""Whether two machines have the same state: a hash of it, taken behind the same record on each.

    at each audit      all events so far │ who waits beside the books │ phases, bands, limits, accounts
    and of the rest    how many there are, and a slice     resting orders · reservations · client ids
                       next time the next slice            ▓▓░░░░░░░░    ░▓▓░░░░░░░    ░░░░▓░░░░░

A day has millions of client ids, and an audit that reads all of them stops the market while it does. So the
large tables are gone through in turns, as memory and disks are scrubbed: what is missing shows at once, by
the count; what is wrong within one round of slices. What is derived (heaps, dates, totals of levels) is not
hashed. Invariant: a function of state and turn alone, whether the state was computed or loaded.
Cost: a slice of each table, a glance at each resting order, and all stops, pegs and accounts.
Page: docs/exchange/standby.md
"""

import json
from collections.abc import Collection, Iterator
from hashlib import blake2b
from itertools import islice
from typing import Any

from exchange.engine import Engine
from exchange.market import Market
from exchange.rows import Row, dump_beside, dump_order
from exchange.sequencer import HASH_BYTES, Replica

SLICE = 1_024  # rows of a table in one audit: a millisecond


def audit(replica: Replica, turn: int) -> bytes:
    """Return a hash of all that has happened, and of the state it led to; `turn` says which slices."""
    engine = replica.engine
    digest = blake2b(replica.state_hash, digest_size=HASH_BYTES)
    for part in (*_markets(engine, turn), _risk(engine, turn), _names(engine, turn)):
        digest.update(json.dumps(part, sort_keys=True).encode())
    return digest.digest()


def _markets(engine: Engine, turn: int) -> Iterator[Any]:
    for symbol, market in sorted(engine.markets.items()):
        yield symbol, dump_beside(market), len(market.book.orders), _resting(market, turn)
    yield engine.last_order_id, engine.now_ns if engine.watched else 0


def _resting(market: Market, turn: int) -> list[Row]:
    """Return the turn's resting orders, each with the number of the one ahead of it in its queue."""
    orders = market.book.orders
    mine = [orders[number] for number in _numbers(orders, turn)]
    return [[*dump_order(order), order.ahead.id if order.ahead else 0] for order in mine]


def _risk(engine: Engine, turn: int) -> Any:
    reserved = engine.risk.open
    return len(reserved), engine.risk.dump(_numbers(reserved, turn))


def _numbers(orders: Collection[int], turn: int) -> list[int]:
    """Return the order numbers whose turn it is; a slice, and a glance at each of them all."""
    parts = len(orders) // SLICE + 1
    mine = turn % parts
    return sorted([number for number in orders if number % parts == mine])


def _names(engine: Engine, turn: int) -> Any:
    """Return how many client ids there are, and a slice of one account's, in the order of their numbers."""
    known = engine.client_ids
    count = sum(map(len, known.values()))
    if not known:
        return count
    around, which = divmod(turn, len(known))
    account = sorted(known)[which]
    ids = known[account]
    first = around % (len(ids) // SLICE + 1) * SLICE
    return count, account, list(islice(ids.items(), first, first + SLICE))
