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
from exchange.errors import BadFlow

NEW, CANCEL, MODIFY = 0, 1, 2
BUY_SIDE, SELL_SIDE = 0, 1

_MAGIC = 5567929457340067889
_HEADER = Struct("<QII")
_RECORD = Struct("<BBBBIQQqq")
_RECORDS_AT_ONCE = 4096

START_PRICE = 33_700  # ticks
DISTANCE_EXPONENT = 1.1
DISTANCE_MAX = 5_000  # ticks; a power law has no largest value, a market has
CANCEL_SHARE, CANCEL_SHARE_CROWDED = 0.40, 0.52  # of all messages; real markets cancel about half
LIVE_USUAL = 4_000  # orders; with more than that in the market, more are canceled than sent
MODIFY_SHARE = 0.05
MARKETABLE_SHARE = 0.12
DRIFT_TICKS = 0.05  # standard deviation of the price's step from one message to the next


class Message(NamedTuple):
    """One record: what somebody asked for; `order_id` is the sender's own number."""

    kind: int
    side: int
    ioc: int
    quantity: int
    sequence: int
    order_id: int
    price: int


def generate(rng: Random, count: int) -> Iterator[Message]:
    """Yield `count` messages of a plausible market, the same ones for the same `rng`."""
    live: list[tuple[int, int, int, int]] = []  # order id, side, quantity, price
    middle = float(START_PRICE)
    next_id = 1
    for sequence in range(count):
        middle += rng.gauss(0, DRIFT_TICKS)
        draw = rng.random()
        cancels = CANCEL_SHARE if len(live) < LIVE_USUAL else CANCEL_SHARE_CROWDED
        if live and draw < cancels + MODIFY_SHARE:
            order_id, side, quantity, price = _take(rng, live)
            if draw < cancels:
                yield Message(CANCEL, side, 0, quantity, sequence, order_id, price)
                continue
            kind, price = MODIFY, price + rng.choice((-1, 1))
        else:
            kind, order_id, side = NEW, next_id, rng.randrange(2)
            quantity, price = rng.randint(1, 100), _price(rng, middle, side)
            next_id += 1
        ioc = int(kind == NEW and rng.random() < MARKETABLE_SHARE / 2)
        if not ioc:
            live.append((order_id, side, quantity, price))
        yield Message(kind, side, ioc, quantity, sequence, order_id, price)


def _take(rng: Random, live: list[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    """Remove a random order, in O(1)."""
    index = rng.randrange(len(live))
    live[index], live[-1] = live[-1], live[index]
    return live.pop()


def _price(rng: Random, middle: float, side: int) -> int:
    """Return a price near the middle: mostly behind it, now and then through it."""
    distance = min(int(rng.paretovariate(DISTANCE_EXPONENT)), DISTANCE_MAX)
    if rng.random() < MARKETABLE_SHARE:
        distance = -min(distance, 10)
    return max(1, round(middle) + (distance if side == SELL_SIDE else -distance))


def recorded() -> Path | None:
    """Return the public benchmark's flow where the test data is (KIT_DATA), else None."""
    beside_the_project = Path(__file__).resolve().parents[2] / "shared" / "data"
    path = Path(os.environ.get("KIT_DATA", beside_the_project)) / "exchange/orders_normal.bin.xz"
    return path if path.is_file() else None


def write(path: Path, count: int, messages: Iterable[Message]) -> None:
    """Write a flow file, whole or not at all; a name that ends in .xz is compressed.

    Raises `BadFlow` when it cannot be written.
    """
    try:
        with written_whole(path) as draft, _open(path, draft, "wb") as file:
            file.write(_HEADER.pack(_MAGIC, 1, count))
            for kind, side, ioc, *numbers in messages:
                file.write(_RECORD.pack(kind, side, ioc, 0, *numbers, 0))
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
        magic, _, count = _HEADER.unpack(file.read(_HEADER.size))
    except (OSError, EOFError, lzma.LZMAError, struct.error) as error:
        file.close()
        raise BadFlow(f"{path}: cannot be read as an order flow ({error})") from None
    if magic != _MAGIC:
        file.close()
        raise BadFlow(f"{path}: not an order-flow file; `kit exchange flow FILE` writes one")
    return count, _records(path, file, count)


def _records(path: Path, file: IO[bytes], count: int) -> Iterator[Message]:
    left = count
    with file:
        while left:
            wanted = min(left, _RECORDS_AT_ONCE)
            try:
                data = file.read(wanted * _RECORD.size)
            except (EOFError, lzma.LZMAError) as error:
                raise BadFlow(f"{path}: damaged after {count - left} messages ({error})") from None
            if len(data) != wanted * _RECORD.size:
                found = count - left + len(data) // _RECORD.size
                raise BadFlow(f"{path}: ends after {found} of {count} messages")
            for kind, side, ioc, _, quantity, sequence, order_id, price, _ in _RECORD.iter_unpack(
                data
            ):
                yield Message(kind, side, ioc, quantity, sequence, order_id, price)
            left -= wanted


def _open(named: Path, path: Path, mode: str) -> IO[bytes]:
    return lzma.open(path, mode) if named.suffix == ".xz" else path.open(mode)  # type: ignore[return-value]


def demo(seed: int = 7, messages: int = 12) -> None:
    """The first messages of a seeded market."""
    for message in generate(Random(seed), messages):
        kind = ("new", "cancel", "modify")[message.kind]
        side = ("buy", "sell")[message.side]
        what = f"#{message.order_id:<4} {message.quantity:>4} @ {message.price}"
        print(f"{message.sequence:>4}  {kind:<6} {side:<4} {what}")
