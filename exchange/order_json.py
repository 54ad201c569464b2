"""An order's words as JSON: read strictly on the way in, written plainly on the way out.

Prices travel as decimal text and quantities as whole numbers: a JSON float is refused, as it may be
another number than the one that was meant. What cannot be read raises `BadOrder` naming the field;
what can be read and is not allowed is for the engine to refuse. Page: docs/exchange/gateway.md
"""

from collections.abc import Mapping
from typing import Any

from chapters.sim.clock import S
from exchange.book import Order
from exchange.candles import Candle
from exchange.control import BandsMoved, ControlEvent, PhaseChanged, Uncrossed
from exchange.engine import Engine
from exchange.errors import BadOrder
from exchange.json_fields import (
    TERM_FIELDS,
    TICKS_PER_UNIT,
    must_be_fields,
    read_account,
    read_choice,
    read_client_id,
    read_flag,
    read_id,
    read_price,
    read_symbol,
    read_terms,
    read_whole,
)
from exchange.market import Market
from exchange.market_data import DepthLevel, Trade
from exchange.orders import (
    BUY,
    SELL,
    Accepted,
    Cancel,
    Canceled,
    CancelRejected,
    Event,
    Filled,
    Life,
    New,
    Reason,
    Refreshed,
    Rejected,
    Replace,
    Replaced,
    Repriced,
    SelfTrade,
    Transferred,
    Triggered,
)
from exchange.sequencer import Sequenced
from exchange.sessions.phases import GATHERING

Json = dict[str, Any]

_FIELDS = {
    *("account", "client_id", "symbol", "side", "quantity", "type", "price"),
    *("time_in_force", "post_only", "self_trade", "resend", *TERM_FIELDS),
}
_REPLACE_FIELDS = {"account", "symbol", "quantity", "price"}
_SIDES = {"buy": BUY, "sell": SELL}
_TAKERS = {BUY: "buy", SELL: "sell", None: "auction"}


def parse_order(body: Mapping[str, Any]) -> tuple[New, bool]:
    """Return the order that `body` asks for, and whether it was sent before. Raises `BadOrder`."""
    must_be_fields(body, _FIELDS)
    return _read_order(body), read_flag(body, "resend")


def parse_replace(order_id: int, body: Mapping[str, Any]) -> Replace:
    """Return how `body` asks to change that order. Raises `BadOrder`."""
    must_be_fields(body, _REPLACE_FIELDS)
    price = read_price(body, "price")
    if price is None:
        raise BadOrder("price: a replaced order needs one, such as 10.05")
    names = (read_account(body), read_symbol(body), read_id(order_id))
    return Replace(*names, read_whole(body, "quantity"), price)


def _read_order(body: Mapping[str, Any]) -> New:
    price = (
        read_price(body, "price")
        if read_choice(body, "type", ("limit", "market"), default="limit") == "limit"
        else None
    )
    terms = read_terms(body)
    if price is None and terms.peg is None and body.get("type", "limit") == "limit":
        raise BadOrder("price: a limit order needs one, such as 10.05")
    return New(
        account=read_account(body),
        client_id=read_client_id(body),
        symbol=read_symbol(body),
        side=_SIDES[read_choice(body, "side", tuple(_SIDES))],
        quantity=read_whole(body, "quantity"),
        price=price,
        life=Life(read_choice(
            body, "time_in_force", tuple(life.value for life in Life), default="day"
        )),
        post_only=read_flag(body, "post_only"),
        self_trade=SelfTrade(read_choice(
            body, "self_trade", tuple(mode.value for mode in SelfTrade), default="cancel-taker"
        )),
        terms=terms,
    )  # fmt: skip


def report_json(done: Sequenced) -> Json:
    """Return what a command did, as its sender is told."""
    reports = [_event_json(event) for event in done.events]
    refusal = next(
        (e.reason for e in done.events if isinstance(e, Rejected | CancelRejected)), None
    )
    answer: Json = {"sequence": done.sequence, "status": _status(done), "reports": reports}
    order_id = next((report["order_id"] for report in reports if "order_id" in report), None)
    if order_id is not None:
        answer["order_id"] = order_id
    return answer | (_reason_json(refusal) if refusal else {})


def known_json(engine: Engine, account: int, client_id: str) -> Json | None:
    """Return what became of an order, or None when it was never accepted."""
    order_id = engine.order_id(account, client_id)
    if order_id is None:
        return None
    answer: Json = {"order_id": order_id, "account": account, "client_id": client_id}
    for market in engine.markets.values():
        if (order := market.find(order_id)) is not None:
            lots = order.quantity + order.reserve
            return {**answer, "status": _place(market, order), "open": lots}
    return {**answer, "status": "closed"}


def _place(market: Market, order: Order) -> str:
    if order.id in market.book.orders:
        return "resting"
    if order.id in market.parked:
        return "waiting-for-close"
    return "waiting-for-price" if order.id in market.stops.orders else "waiting-for-reference"


def _status(done: Sequenced) -> str:
    """Return the order's state right after the command: FIX tag 39 in words."""
    command = done.command
    if not isinstance(command, New | Cancel | Replace):
        return "done"
    first, *rest = done.events
    if isinstance(first, Rejected | CancelRejected):
        return "rejected"
    if not isinstance(first, Accepted | Replaced) or isinstance(command, Cancel):
        return "canceled"
    ours = first.order_id
    gone = sum(e.quantity for e in rest if isinstance(e, Canceled) and e.order_id == ours)
    filled = sum(_filled(event, ours) for event in rest)
    if gone and gone + filled >= command.quantity:
        return "canceled"
    if filled:
        return "filled" if filled == command.quantity else "partially-filled"
    return "accepted" if isinstance(first, Accepted) else "replaced"


def _filled(event: Event, order_id: int) -> int:
    """Return the lots that the event moved to or from the order, which may take, then wait and make."""
    if isinstance(event, Filled | Transferred) and order_id in (event.maker_id, event.taker_id):
        return event.quantity
    return 0


def _event_json(event: Event) -> Json:
    match event:
        case Accepted(order_id) | Triggered(order_id):
            return {"event": type(event).__name__.lower(), "order_id": order_id}
        case Filled(price, quantity, maker_id, taker_id):
            return {"event": "filled", **_moved(price, quantity, maker_id, taker_id)}
        case Transferred(price, quantity, maker_id, taker_id):
            return {"event": "transferred", **_moved(price, quantity, maker_id, taker_id)}
        case Canceled(order_id, quantity, reason):
            gone = {"order_id": order_id, "quantity": quantity}
            return {"event": "canceled", **gone, **_reason_json(reason)}
        case Replaced(order_id, quantity, price, kept):
            now = {"order_id": order_id, "quantity": quantity, "price": price_text(price)}
            return {"event": "replaced", **now, "kept_priority": kept}
        case Refreshed(order_id, quantity):
            return {"event": "refreshed", "order_id": order_id, "quantity": quantity}
        case Repriced(order_id, price):
            return {"event": "repriced", "order_id": order_id, "price": price_text(price)}
        case CancelRejected(_, order_id, reason):
            return {"event": "cancel-rejected", "order_id": order_id, **_reason_json(reason)}
        case Rejected(_, reason):
            return {"event": "rejected", **_reason_json(reason)}
    return control_json(event)


def _moved(price: int, quantity: int, maker_id: int, taker_id: int) -> Json:
    ids = {"maker_id": maker_id, "taker_id": taker_id}
    return {"price": price_text(price), "quantity": quantity, **ids}


def control_json(event: ControlEvent) -> Json:
    """Return what happened to a market or an account, as the page and the feed show it."""
    match event:
        case PhaseChanged(symbol, phase, why):
            said = {"event": "phase-changed", "symbol": symbol}
            return {**said, "phase": phase.value, "why": why.value}
        case Uncrossed(symbol, price, quantity):
            said = {"event": "uncrossed", "symbol": symbol}
            return {**said, "price": price_text(price), "quantity": quantity}
        case BandsMoved(symbol, lower, upper):
            said = {"event": "bands-moved", "symbol": symbol}
            return {**said, "lower": price_text(lower), "upper": price_text(upper)}
    return {"event": "noted", "account": event.account}


def markets_json(engine: Engine) -> Json:
    """Return what a monitor would ask of each market."""
    return {market.symbol: market_json(market) for market in engine.markets.values()}


def market_json(market: Market) -> Json:
    """Return a market's phase, its bands, and, while orders gather, what an auction would come to."""
    said: Json = {"phase": market.phase.value}
    if (bands := market.bands) is not None and bands.reference:
        said["bands"] = {"lower": price_text(bands.lower), "upper": price_text(bands.upper)}
    if market.phase in GATHERING and (found := market.indication()) is not None:
        price, quantity, imbalance = found
        said["indicative"] = {
            "price": price_text(price),
            "quantity": quantity,
            "imbalance": imbalance,
        }
    return said


def _reason_json(reason: Reason) -> Json:
    return {"reason": reason.word, "code": reason.fix_code}


def depth_json(symbol: str, sequence: int, bids: list[DepthLevel], asks: list[DepthLevel]) -> Json:
    """Return both sides of a book as the page and the feed show them."""
    sides = {
        name: [(price_text(level.price), level.quantity, level.orders) for level in levels]
        for name, levels in (("bids", bids), ("asks", asks))
    }
    return {"symbol": symbol, "sequence": sequence, **sides}


def quote_json(symbol: str, sequence: int, bids: list[DepthLevel], asks: list[DepthLevel]) -> Json:
    """Return the best bid and the best ask (L1), each as price and lots; None where nobody waits."""
    best = {
        name: (price_text(levels[0].price), levels[0].quantity) if levels else None
        for name, levels in (("bid", bids), ("ask", asks))
    }
    return {"symbol": symbol, "sequence": sequence, **best}


def trade_json(symbol: str, trade: Trade) -> Json:
    """Return a trade as the page and the feed show it."""
    return {
        "symbol": symbol,
        "sequence": trade.sequence,
        "price": price_text(trade.price),
        "quantity": trade.quantity,
        "taker_side": _TAKERS[trade.taker_side],
    }


def candle_json(candle: Candle) -> Json:
    """Return a candle as the page and the feed show it."""
    prices = zip(("open", "high", "low", "close"), candle[1:5], strict=True)
    return {
        "start": candle.start_ns // S,
        **{name: price_text(ticks) for name, ticks in prices},
        "volume": candle.volume,
        "trades": candle.trades,
        "vwap": vwap_text(candle.notional, candle.volume),
    }


def vwap_text(notional: int, volume: int) -> str | None:
    """Return notional / volume in decimal text, half up to a hundredth of a tick; None without lots."""
    if not volume:
        return None
    hundredths = (2 * 100 * notional + volume) // (2 * volume)
    unit = 100 * TICKS_PER_UNIT
    return f"{hundredths // unit}.{hundredths % unit:04d}"


def price_text(ticks: int) -> str:
    """Return a price as decimal text: 1005 ticks are 10.05."""
    sign, ticks = ("-", -ticks) if ticks < 0 else ("", ticks)
    return f"{sign}{ticks // TICKS_PER_UNIT}.{ticks % TICKS_PER_UNIT:02d}"
