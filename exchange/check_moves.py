"""Moves for the exchange's checks: commands in few words, played on a real engine, told in plain ones.

Page: docs/exchange/matching.md
"""

from typing import Any

from chapters.checking import JSON, Case
from exchange.engine import Engine
from exchange.market_data import depth_of
from exchange.order_json import price_text
from exchange.orders import BUY, SELL, Cancel, Command, Event, Life, New, Replace, SelfTrade

SYMBOL = "ACME"

Move = list[Any]  # ["new", owner, "buy", lots, ticks, life, self-trade] · ["cancel", #] · …


def new(
    owner: str, side: str, lots: int, ticks: int, life: str = "day", own: str = "cancel-taker"
) -> Move:
    """An order of `owner` (a letter)."""
    return ["new", owner, side, lots, ticks, life, own]


def play(moves: list[Move]) -> JSON:
    """Return what each move did, in words, and the book after it."""
    engine = Engine([SYMBOL])
    owners: list[str] = ["?"]
    said: list[JSON] = []
    for move in moves:
        if move[0] == "new":
            owners.append(f"{move[1]}{sum(each[0] == move[1] for each in owners) or ''}")
        events = engine.apply(_command(move, len(said), owners))
        engine.books[SYMBOL].check()
        said.append([*(_words(event, owners) for event in events), _book_words(engine)])
    return said


def _command(move: Move, number: int, owners: list[str]) -> Command:
    if move[0] == "new":
        _, owner, side, lots, ticks, life, own = move
        way = BUY if side == "buy" else SELL
        price = ticks or None
        options = (Life(life), False, SelfTrade(own))
        return New(ord(owner), str(number), SYMBOL, way, lots, price, *options)
    account = ord(owners[move[1]][0])
    if move[0] == "cancel":
        return Cancel(account, SYMBOL, move[1])
    return Replace(account, SYMBOL, *move[1:])


def _words(event: Event, owners: list[str]) -> str:
    """Say an event briefly, with owners for numbers: `A 60 @ 10.00`."""
    match type(event).__name__:
        case "Accepted":
            return "accepted"
        case "Filled":
            fill: Any = event
            return f"{owners[fill.maker_id]} {fill.quantity} @ {price_text(fill.price)}"
        case "Canceled":
            gone: Any = event
            return f"{owners[gone.order_id]} canceled {gone.quantity} ({gone.reason.word})"
        case "Replaced":
            now: Any = event
            kept = "in its place" if now.kept else "at the back"
            return f"{owners[now.order_id]} now {now.quantity} @ {price_text(now.price)}, {kept}"
    refused: Any = event
    return f"refused ({refused.reason.word})"


def _book_words(engine: Engine) -> str:
    sides = []
    for name, side in (("bids", BUY), ("asks", SELL)):
        levels = depth_of(engine.books[SYMBOL], side, 20)
        shown = ", ".join(f"{level.quantity} @ {price_text(level.price)}" for level in levels)
        sides.append(f"{name} {shown or 'none'}")
    return "book: " + "; ".join(sides)


def explain(args: Case, got: JSON, expected: JSON) -> str:
    """Tell the moves up to the first that went wrong, then both answers."""
    moves: Any = args[0]
    mine: Any = got if isinstance(got, list) else []
    ours: Any = expected
    wrong = next((n for n, each in enumerate(ours) if n >= len(mine) or mine[n] != each), 0)
    told = [f"  {_move_words(move)}" for move in moves[:wrong]]
    first = "\n".join(["after" if told else "on an empty book,", *told])
    found = mine[wrong] if wrong < len(mine) else got
    return (
        f"{first}\n{_move_words(moves[wrong])}\n"
        f"came back  {_answer_words(found)}\nexpected   {_answer_words(ours[wrong])}"
    )


def _answer_words(answer: Any) -> str:
    return "; ".join(answer) if isinstance(answer, list) else str(answer)


def _move_words(move: Move) -> str:
    if move[0] == "new":
        _, owner, side, lots, ticks, life, own = move
        price = price_text(ticks) if ticks else "the market"
        extra = "" if life == "day" else f", {life}"
        extra += "" if own == "cancel-taker" else f", own orders: {own}"
        return f"{owner}: {side} {lots} @ {price}{extra}"
    if move[0] == "cancel":
        return f"cancel order {move[1]}"
    return f"replace order {move[1]} by {move[2]} @ {price_text(move[3])}"
