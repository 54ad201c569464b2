"""What the exercises on FIX check: a message's envelope, the order of messages, resends, and entry once.

Page: docs/exchange/fix.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.errors import Unsolved
from chapters.sim.clock import MS
from exchange.fix.errors import Garbled
from exchange.fix.framing import Framer, checksum, encode, opened
from exchange.fix.inbox import Inbox, Verdict
from exchange.fix.message import Message
from exchange.fix.once import entry
from exchange.fix.resend import plan
from exchange.fix.working import Working
from exchange.fix.world import SYMBOL, World
from exchange.orders import BUY, New

BEGIN = b"FIX.4.4"
BODY = "35=0|34=2|49=TW|56=ISLD|"
ROUNDS = 14


def _bytes(text: str) -> bytes:
    return text.replace("|", "\x01").encode("latin-1")


def _text(data: bytes) -> str:
    return data.decode("latin-1").replace("\x01", "|")


# The envelope.


def sums(texts: list[str]) -> JSON:
    """Return the sum of each text."""
    return [checksum(_bytes(text)) for text in texts]


def written(bodies: list[str]) -> JSON:
    """Return each body as a whole message."""
    return [_text(encode(BEGIN, _bytes(body))) for body in bodies]


def believed(frames: list[str]) -> JSON:
    """Return what is in each frame, or that it is garbled."""
    return [_opened(_bytes(frame)) for frame in frames]


def _opened(frame: bytes) -> str:
    try:
        return _text(opened(frame))
    except Garbled:
        return "garbled"


def stream(pieces: list[str]) -> JSON:
    """Feed a stream piece by piece; return what came out of each."""
    framer = Framer()
    return [[_opened(frame) for frame in framer.feed(_bytes(piece))] for piece in pieces]


def plain_sums(rng: Random) -> Iterator[Case]:
    yield (["", "A", "8=FIX.4.4|9=5|35=0|", "|"],)
    yield (["ÿÿ", "ÿ" * 300],)
    yield (["".join(chr(rng.randrange(256)) for _ in range(rng.randrange(80))) for _ in range(5)],)


def bodies(rng: Random) -> Iterator[Case]:
    yield (["35=0|", BODY],)
    yield ([f"35=D|58={'x' * rng.randrange(200)}|" for _ in range(4)],)


def _message(body: str, length: int | None = None, total: int | None = None) -> str:
    head = f"8=FIX.4.4|9={len(body) if length is None else length}|{body}"
    summed = sum(_bytes(head)) % 256 if total is None else total
    return f"{head}10={summed:03d}|"


def frames(rng: Random) -> Iterator[Case]:
    yield ([_message(BODY), _message("35=0|")],)
    yield ([_message(BODY, len(BODY) + 1), _message(BODY, len(BODY) - 1), _message(BODY, 0)],)
    right = int(_message(BODY)[-4:-1])
    yield ([_message(BODY, total=(right + 1) % 256), _message(BODY)[:-4] + "ab|"],)
    yield ([_message("34=2|35=0|"), f"8=FIX.4.4|35=0|9=5|10={rng.randrange(256):03d}|"],)
    yield ([_message(BODY).replace("|9=", "|9=+"), _message(BODY).replace("|9=", "|8=")],)


def flipped(rng: Random) -> Iterator[Case]:
    found = []
    for _ in range(12):
        whole = bytearray(_bytes(_message(BODY)))
        whole[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        found.append(_text(bytes(whole)))
    yield (found,)


def streams(rng: Random) -> Iterator[Case]:
    whole = _message(BODY) + _message(BODY, total=0) + _message("35=5|")
    yield ([whole],)
    cut = rng.randrange(1, len(whole))
    yield ([whole[:cut], whole[cut:]],)


# The order of messages.


def taken(arrivals: list[list[JSON]]) -> JSON:
    """Let messages arrive, as [number, is it a duplicate]; return each verdict and what was taken by it."""
    inbox, found = Inbox(1), list[JSON]()
    for number, is_duplicate in arrivals:
        assert isinstance(number, int)
        verdict = inbox.judge(number, is_duplicate=bool(is_duplicate))
        numbers: list[JSON] = []
        if verdict is Verdict.IN_TURN:
            numbers.append(number)
            inbox.advance(number + 1)
            while (held := inbox.following()) is not None:
                numbers.append(held.number)
                inbox.advance(held.number + 1)
        elif verdict in (Verdict.GAP, Verdict.EARLY):
            inbox.hold(number, Message("0", [(34, str(number))]))
        found.append([verdict.value, numbers])
    return found


def served_early(held: list[JSON]) -> JSON:
    """Hold messages, None for one that was served already; return which come out, and what is expected."""
    inbox, found = Inbox(2), list[JSON]()
    for number, kind in enumerate(held, start=2):
        inbox.hold(number, Message(str(kind), [(34, str(number))]) if kind is not None else None)
    while (message := inbox.following()) is not None:
        found.append(message.number)
        inbox.advance(message.number + 1)
    return [found, inbox.expected]


def in_turn(rng: Random) -> Iterator[Case]:
    yield ([[1, False], [2, False], [3, True], [4, False]],)


def used_before(rng: Random) -> Iterator[Case]:
    yield ([[1, False], [2, False], [1, True], [3, False], [2, False]],)
    yield ([[1, False], [1, False]],)


def gaps(rng: Random) -> Iterator[Case]:
    yield ([[1, False], [5, False], [6, False], [7, False]],)
    yield ([[3, False], [4, False], [1, True], [5, False], [2, True], [6, False]],)
    last = rng.randrange(5, 9)
    yield ([[last, False], *([number, True] for number in range(1, last)), [last + 1, False]],)


def holes(rng: Random) -> Iterator[Case]:
    yield ([[9, False], [1, True], [2, True], [4, True], [5, True], [3, True], [6, True]],)
    yield ([[4, False], [1, True], [3, True], [5, False], [2, True]],)
    yield ([[3, False], [1, False], [2, False], [7, False], [4, True]],)


def in_between(rng: Random) -> Iterator[Case]:
    yield (["0", None, "1", None, None],)
    yield ([None, None],)
    yield ([rng.choice(["0", "1", None]) for _ in range(8)],)


# What is sent again.


def planned(sent: list[int], first: int, last: int) -> JSON:
    """Return the steps, a fill as [number, following], a message as [number]."""
    return [list(step) for step in plan(set(sent), first, last)]


def reports_only(rng: Random) -> Iterator[Case]:
    yield [1, 2, 3], 1, 3
    yield [1, 2, 3, 4, 5], 2, 3


def administration_only(rng: Random) -> Iterator[Case]:
    yield [], 1, 1
    yield [], 1, 9
    yield [1, 9], 2, 8


def mixed(rng: Random) -> Iterator[Case]:
    yield [3, 4, 7], 1, 7
    yield [3, 4, 7], 1, 9
    yield [2], 2, 4
    yield sorted(rng.sample(range(1, 30), 12)), rng.randrange(1, 8), rng.randrange(20, 30)


def nothing_asked(rng: Random) -> Iterator[Case]:
    yield [1, 2], 5, 4


# An order, once.


def entered(cases: list[list[JSON]]) -> JSON:
    """Return what to do with an order: [lots known under the name or 0, lots wished, is dup, is resent]."""
    found = list[JSON]()
    for known_lots, lots, is_duplicate, is_resent in cases:
        known = Working.of(1, _order(known_lots)) if known_lots else None
        flags = {"is_duplicate": bool(is_duplicate), "is_resent": bool(is_resent)}
        found.append(entry(_order(lots), known, **flags).value)
    return found


def _order(lots: JSON) -> New:
    assert isinstance(lots, int)
    return New(7, "a", SYMBOL, BUY, lots, 1000)


def new_orders(rng: Random) -> Iterator[Case]:
    yield ([[0, 10, False, False]],)


def unknown_again(rng: Random) -> Iterator[Case]:
    yield ([[0, 10, False, True], [0, 10, True, False], [0, 10, True, True]],)


def known_again(rng: Random) -> Iterator[Case]:
    yield ([[10, 10, False, True]],)
    yield ([[10, 10, True, False]],)
    yield ([[10, 10, True, True]],)


def another_order(rng: Random) -> Iterator[Case]:
    yield ([[10, 11, False, True], [10, 11, True, False]],)
    yield ([[10, 10, False, False]],)


# All of it.


def damaged(seed: int) -> JSON:
    """Trade over a line that damages every eighth message, with a crash; return what came of it."""
    world = World(seed, damage=0.125)
    try:
        for number in range(ROUNDS):
            world.trade(number)
            if number == ROUNDS // 2:
                world.crash()
        world.damage = 0
        world.run(15_000 * MS)
    except Unsolved:
        raise
    except Exception as error:  # whatever breaks on a learner's code is the answer
        return [f"{type(error).__name__}: {error}"]
    engine = world.exchange.sequencer.replica.engine
    told = [sorted(set(trader.exec_ids)) for trader in world.traders]
    repeated = sum(len(trader.exec_ids) for trader in world.traders) - sum(map(len, told))
    return [engine.last_order_id, sum(map(len, told)), repeated]


def some_day(rng: Random) -> Iterator[Case]:
    yield (rng.randrange(1_000_000),)


def told_of(args: Case, got: JSON) -> str:
    """Say how it went on the learner's code."""
    assert isinstance(got, list)
    return f"sessions on your code: {got[0]} orders, {got[1]} reports, {got[2]} heard twice"


def _whole(*needs: int) -> Stage:
    title = "two traders, an exchange, a damaged line and a crash"
    return Stage(title, some_day, damaged, needs=needs, summary=told_of)


STAGES = {
    "fix-envelope": [
        Stage("the sum", plain_sums, sums),
        Stage("written: length, then sum", bodies, written),
        Stage("read: believed, or garbled", frames, believed, needs=(1,)),
        Stage("one bit is flipped", flipped, believed),
        Stage("out of a stream", streams, stream, needs=(2, 3)),
        _whole(4, 5),
    ],
    "fix-numbers": [
        Stage("one after the other", in_turn, taken),
        Stage("numbers that were used before", used_before, taken),
        Stage("a gap is asked for once", gaps, taken),
        Stage("a hole in what is resent", holes, taken),
        Stage("what was served early is stepped over", in_between, served_early, needs=(1,)),
        _whole(4, 5),
    ],
    "fix-gap-fill": [
        Stage("reports alone", reports_only, planned),
        Stage("administration alone", administration_only, planned),
        Stage("both, in runs", mixed, planned, needs=(1, 2)),
        Stage("nothing was asked for", nothing_asked, planned),
        _whole(3, 4),
    ],
    "fix-once": [
        Stage("an order that is new", new_orders, entered),
        Stage("sent again, and never entered", unknown_again, entered),
        Stage("sent again, and entered already", known_again, entered),
        Stage("the name of another order", another_order, entered),
        _whole(3, 4),
    ],
}
