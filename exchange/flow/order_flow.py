"""A day's order flow: read from a file, or drawn from a seed when there is no file.

    header  magic u64 │ version u32 │ count u32
    record  kind u8 │ side u8 │ ioc u8 │ pad u8 │ quantity u32 │ sequence u64 │ order u64 │ price i64 │ pad

The layout is that of the public matching-engine-benchmark (flash1-dev, MIT), so its files replay here
and ours replay there; `.xz` files are read through lzma. The generator follows what was measured on
real books: prices at a power-law distance from the touch (Bouchaud, Mézard & Potters 2002: exponent
near 1.6; 1.1 here, which is harsher on a book), about half of all messages cancels, one in ten
marketable. Cost: one pass, constant memory. Page: docs/exchange/order-flow.md
"""

import lzma
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from struct import Struct
from typing import IO, NamedTuple

from chapters.new_file import written_whole
from exchange.book import Book, Order
from exchange.errors import BadFlow
from exchange.matching import enter
from exchange.orders import (
    BUY,
    DAY,
    IMMEDIATE_OR_CANCEL,
    SELL,
    Event,
    Filled,
    Life,
    SelfTrade,
    Side,
)

NEW, CANCEL, MODIFY = 0, 1, 2

_MAGIC, _VERSION = 5567929457340067889, 1
_XZ_MAGIC = b"\xfd7zXZ\0"
_HEADER = Struct("<QII")
_RECORD = Struct("<BBBBIQQqq")
_RECORDS_AT_ONCE = 4096
SIDES = (BUY, SELL)  # by the number that stands in the file

START_PRICE = 33_700  # ticks
DISTANCE_EXPONENT = 1.1
DISTANCE_MAX = 5_000  # ticks; a power law has no largest value, a market has
CANCEL_SHARE, CANCEL_SHARE_CROWDED = 0.30, 0.52  # of all messages; real markets cancel about half
LIVE_USUAL = 1_500  # orders; with more than that in the market, more are canceled than sent
MODIFY_SHARE = 0.02
MARKETABLE_SHARE = 0.09  # of new orders
IOC_SHARE = 0.5  # of marketable orders
HURRY_EXPONENT, HURRY_MAX = 2.0, 100  # times the usual quantity: a power law too
ALLOW = SelfTrade.ALLOW


class Message(NamedTuple):
    """One record: what somebody asked for; `order_id` is the sender's own number."""

    kind: int
    side: Side
    ioc: int
    quantity: int
    sequence: int
    order_id: int
    price: int

    @property
    def life(self) -> Life:
        """Return how long the order waits."""
        return IMMEDIATE_OR_CANCEL if self.ioc else DAY


def generate(rng: Random, count: int) -> Iterator[Message]:
    """Yield `count` messages of a plausible market, the same ones for the same `rng`."""
    market = Shadow()
    next_id = 1
    for sequence in range(count):
        cancels = CANCEL_SHARE if len(market.live) < LIVE_USUAL else CANCEL_SHARE_CROWDED
        draw = rng.random()
        if market.live and draw < cancels + MODIFY_SHARE:
            order = market.take(rng)
            kind = CANCEL if draw < cancels else MODIFY
            ioc, price = 0, order.price + (rng.choice((-1, 1)) if kind == MODIFY else 0)
            side, order_id, quantity = order.side, order.id, order.quantity
        else:
            side = rng.choice((BUY, SELL))
            kind, order_id = NEW, next_id
            quantity, price = _wish(rng, touch := market.touch(side), side)
            ioc = int(side * price >= side * touch and rng.random() < IOC_SHARE)
            next_id += 1
        if kind != CANCEL:
            market.enter(Order(order_id, 0, side, quantity, price, ALLOW), ioc)
        yield Message(kind, side, ioc, quantity, sequence, order_id, price)


class Shadow:
    """A book of its own, so that the flow cancels and modifies only what is still there."""

    def __init__(self) -> None:
        self.live: list[Order] = []
        self._index: dict[int, int] = {}  # order id → its place in `live`
        self._book = Book()

    def enter(self, order: Order, ioc: int) -> None:
        """Match the order as an exchange will, and keep track of who is left."""
        events: list[Event] = []
        enter(self._book, order, IMMEDIATE_OR_CANCEL if ioc else DAY, events)
        for event in events:
            if isinstance(event, Filled) and event.maker_id not in self._book.orders:
                self._forget(event.maker_id)
        if order.id in self._book.orders:
            self._index[order.id] = len(self.live)
            self.live.append(order)

    def touch(self, side: Side) -> int:
        """Return the best price on the other side of `side`."""
        best = self.best(Side(-side))
        return START_PRICE if best is None else best

    def best(self, side: Side) -> int | None:
        """Return the best price of `side`, or None when nobody waits there."""
        best = (self._book.bids if side == BUY else self._book.asks).best()
        return None if best is None else best.price

    def take(self, rng: Random) -> Order:
        """Remove a random resting order and return it."""
        order = self.pick(rng)
        self.drop(order.id)
        return order

    def pick(self, rng: Random) -> Order:
        """Return a random resting order, which stays."""
        return self.live[rng.randrange(len(self.live))]

    def drop(self, order_id: int) -> bool:
        """Remove a resting order; return whether it was there."""
        if (order := self._book.orders.get(order_id)) is None:
            return False
        self._book.remove(order)
        self._forget(order_id)
        return True

    def resting(self) -> int:
        """Return how many orders wait."""
        return len(self.live)

    def _forget(self, order_id: int) -> None:
        # The last one moves into the gap: O(1), and the order of `live` means nothing.
        index, last = self._index.pop(order_id), self.live.pop()
        if last.id != order_id:
            self.live[index] = last
            self._index[last.id] = index


def _wish(rng: Random, touch: int, side: Side) -> tuple[int, int]:
    """Return (lots, price) near the other side's best price: short of it, or through it and larger."""
    distance = min(int(4 * rng.paretovariate(DISTANCE_EXPONENT)) - 3, DISTANCE_MAX)
    lots = rng.randint(1, 100)
    if rng.random() >= MARKETABLE_SHARE:
        return lots, max(1, touch - side * distance)
    # Now and then somebody is in a hurry and takes several levels: that is what moves a price.
    times = min(int(rng.paretovariate(HURRY_EXPONENT)), HURRY_MAX)
    return lots * times, touch + side * distance


def recorded() -> Path | None:
    """Return the public benchmark's flow where the test data is (KIT_DATA), else None."""
    beside_the_project = Path(__file__).resolve().parents[3] / "shared" / "data"
    path = Path(os.environ.get("KIT_DATA", beside_the_project)) / "exchange/orders_normal.bin.xz"
    return path if path.is_file() else None


def write(path: Path, count: int, messages: Iterable[Message]) -> None:
    """Write a flow file, whole or not at all; a name that ends in .xz is compressed.

    Raises `BadFlow` when it cannot be written.
    """
    try:
        with written_whole(path) as draft, _open(path, draft, "wb") as file:
            file.write(_HEADER.pack(_MAGIC, _VERSION, count))
            for kind, side, ioc, *numbers in messages:
                file.write(_RECORD.pack(kind, SIDES.index(side), ioc, 0, *numbers, 0))
    except OSError as error:
        raise BadFlow(
            f"{path}: cannot be written ({error.strerror}); choose another place"
        ) from None


def read(path: Path) -> tuple[int, Iterator[Message]]:
    """Return (count, messages) of a flow file. Raises `BadFlow` when it is none or is damaged."""
    try:
        file = _open(path, path, "rb")
    except OSError as error:
        raise BadFlow(f"{path}: cannot be opened ({error.strerror})") from None
    try:
        magic, version, count = _HEADER.unpack(file.read(_HEADER.size))
    except (OSError, EOFError, lzma.LZMAError, struct.error) as error:
        file.close()
        raise BadFlow(f"{path}: cannot be read as an order flow ({error})") from None
    if (magic, version) != (_MAGIC, _VERSION) or not count:
        file.close()
        raise BadFlow(f"{path}: not an order-flow file; `kit exchange flow FILE` writes one")
    return count, _records(path, file, count)


def _records(path: Path, file: IO[bytes], count: int) -> Iterator[Message]:
    done = 0
    with file:
        while done < count:
            data = _read(path, file, min(count - done, _RECORDS_AT_ONCE) * _RECORD.size, done)
            if not data or len(data) % _RECORD.size:
                found = done + len(data) // _RECORD.size
                raise BadFlow(f"{path}: ends after {found} of {count} messages")
            for kind, side, ioc, _, quantity, sequence, order_id, price, _ in _RECORD.iter_unpack(
                data
            ):
                if kind > MODIFY or side >= len(SIDES):
                    raise BadFlow(f"{path}: message {sequence} is of kind {kind} and side {side}")
                yield Message(kind, SIDES[side], ioc, quantity, sequence, order_id, price)
            done += len(data) // _RECORD.size
        if _read(path, file, 1, done):
            raise BadFlow(f"{path}: goes on after its {count} messages")


def _read(path: Path, file: IO[bytes], size_bytes: int, done: int) -> bytes:
    try:
        return file.read(size_bytes)
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise BadFlow(f"{path}: damaged after {done} messages ({error})") from None


def _open(named: Path, path: Path, mode: str) -> IO[bytes]:
    """Open a flow; a new one is compressed by its name, an old one says it by its first bytes."""
    if mode == "rb":
        with path.open("rb") as file:
            is_compressed = file.read(len(_XZ_MAGIC)) == _XZ_MAGIC
    else:
        is_compressed = named.suffix == ".xz"
    return lzma.open(path, mode) if is_compressed else path.open(mode)  # type: ignore[return-value]


def demo(seed: int = 7, messages: int = 12) -> None:
    """The first messages of a seeded market."""
    for message in generate(Random(seed), messages):
        kind = ("new", "cancel", "modify")[message.kind]
        side = "buy" if message.side == BUY else "sell"
        what = f"#{message.order_id:<4} {message.quantity:>4} @ {message.price}"
        print(f"{message.sequence:>4}  {kind:<6} {side:<4} {what}")
