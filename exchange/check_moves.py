"""Moves for the exchange's checks: commands in few words, played on a real engine, told in plain ones.

Page: docs/exchange/matching.md
"""

from functools import partial
from itertools import accumulate
from pathlib import Path
from traceback import extract_tb
from typing import Any

from chapters.checking import JSON, Case
from chapters.errors import Unsolved
from exchange.control import Matching, Rules
from exchange.engine import Engine
from exchange.market_data import depth_of
from exchange.order_json import price_text
from exchange.orders import (
    BUY,
    PLAIN,
    SELL,
    Cancel,
    Command,
    Life,
    New,
    Peg,
    Replace,
    SelfTrade,
    Terms,
)
from exchange.saying import words

SYMBOL = "ACME"

Move = list[Any]  # ["new", owner, "buy", lots, ticks, life, self-trade] · ["cancel", #] · …


def new(
    owner: str,
    side: str,
    lots: int,
    ticks: int,
    life: str = "day",
    own: str = "cancel-taker",
    **terms: int | str,
) -> Move:
    """An order of `owner` (a letter), its `terms` by their names; 0 ticks make it a market order."""
    return ["new", owner, side, lots, ticks, life, own, *([terms] if terms else [])]


def play(moves: list[Move], matching: str = "fifo") -> JSON:
    """Return what each move did, in words, and the book after it; the last one may be an error."""
    engine = Engine({SYMBOL: Rules(matching=Matching(matching))})
    owners: list[str] = ["?"]
    said: list[JSON] = []
    for move in moves:
        if move[0] == "new":
            owners.append(f"{move[1]} (#{len(owners)})")
        try:
            events = engine.apply(_command(move, len(said), owners))
            told = (words(event, partial(_name, owners)) for event in events)
            said_now = [*told, _book_words(engine)]
            engine.books[SYMBOL].check()
        except Unsolved:
            raise
        except Exception as error:
            _say_where(error)
            return [*said, [f"{type(error).__name__}: {error}"]]
        said.append(said_now)
    return said


def _say_where(error: Exception) -> None:
    """Print the place in the code: it goes to the learner beside the answer, not into it."""
    *_, place = extract_tb(error.__traceback__)
    print(f"{type(error).__name__} at {'/'.join(Path(place.filename).parts[-2:])}:{place.lineno}")


def _command(move: Move, number: int, owners: list[str]) -> Command:
    if move[0] == "new":
        _, owner, side, lots, ticks, life, own, *terms = move
        way = BUY if side == "buy" else SELL
        price = ticks or None
        is_post_only, asked = _terms(*terms)
        options = (Life(life), is_post_only, SelfTrade(own), asked)
        return New(ord(owner), str(number), SYMBOL, way, lots, price, *options)
    account = ord(owners[move[1]][0])
    if move[0] == "cancel":
        return Cancel(account, SYMBOL, move[1])
    return Replace(account, SYMBOL, *move[1:])


def _terms(said: dict[str, Any] | None = None) -> tuple[bool, Terms]:
    """Return whether the order is post-only, and its terms."""
    if said is None:
        return False, PLAIN
    terms = {name: value for name, value in said.items() if name != "post_only"}
    if "peg" in terms:
        terms["peg"] = Peg(terms["peg"])
    return bool(said.get("post_only")), Terms(**terms)


def _name(owners: list[str], order_id: int) -> str:
    return owners[order_id] if 0 < order_id < len(owners) else f"no order (#{order_id})"


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
    if not isinstance(got, list):  # it never came to an answer, so nobody knows which move it was
        wrong = len(moves) - 1
    numbers = accumulate(int(move[0] == "new") for move in moves)
    told = [_move_words(move, number) for move, number in zip(moves, numbers, strict=True)]
    first = "\n".join(
        ["after" if wrong else "on an empty book,", *(f"  {each}" for each in told[:wrong])]
    )
    found = mine[wrong] if wrong < len(mine) else got
    return (
        f"{first}\n{told[wrong]}\n"
        f"came back  {_answer_words(found)}\nexpected   {_answer_words(ours[wrong])}"
    )


def _answer_words(answer: Any) -> str:
    return "\n           ".join(answer) if isinstance(answer, list) else str(answer)


def _move_words(move: Move, number: int) -> str:
    if move[0] == "new":
        _, owner, side, lots, ticks, life, own, *terms = move
        price = price_text(ticks) if ticks else "the market"
        extra = "" if life == "day" else f", {life}"
        extra += "" if own == "cancel-taker" else f", own orders: {own}"
        for name, value in terms[0].items() if terms else ():
            shown = price_text(value) if name in ("stop_price", "trail") else value
            extra += f", {name.replace('_', ' ')} {shown}"
        return f"{owner} (#{number}): {side} {lots} @ {price}{extra}"
    if move[0] == "cancel":
        return f"cancel #{move[1]}"
    return f"replace #{move[1]} by {move[2]} @ {price_text(move[3])}"
