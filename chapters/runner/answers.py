"""What a box answers, read with suspicion: bounded, finite, plain.

Everything here comes from a process that may lie. A line that is not the answer to the question
that was asked raises `BadAnswer`, and the box that sent it is closed. Page: docs/how-it-works.md
"""

import json
import math
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, get_args

from chapters.checking import JSON

Kind = Literal["returned", "raised", "unsolved", "timeout", "memory", "died"]

NESTING_MAX = 64
DIGITS_MAX = 4_000
DETAIL_CHARS_MAX = 4_000
TOLD_BY_THE_BOX: tuple[Kind, ...] = ("returned", "raised", "unsolved", "memory")


UNPRINTABLE = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], "�") | {9: "\t", 10: "\n"}


class BadAnswer(ValueError):
    """The box said something that is no answer; the message completes "its answer …"."""


class Forged(BadAnswer):
    """It said what the program inside never says: the learner's code spoke in its place."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call.

    `value` is what was returned, `detail` what happened otherwise (with the learner's own line),
    `printed` the first of what the call printed, `seconds` the wall time, taken outside.
    """

    kind: Kind
    value: JSON = None
    detail: str = ""
    printed: str = ""
    seconds: float = 0.0


def parse(line: bytes, number: int) -> tuple[Kind, JSON, str]:
    """Return kind, value and detail of the answer to call `number`; raises `BadAnswer`."""
    answer = plain(line)
    if not isinstance(answer, dict) or answer.get("id") != number:
        raise Forged("belongs to no call that was made")
    kind, detail = answer.get("kind"), answer.get("detail", "")
    if kind not in TOLD_BY_THE_BOX or not isinstance(detail, str):
        raise Forged("is of no known kind")
    assert kind in get_args(Kind)
    return kind, answer.get("value"), legible(detail.encode())[:DETAIL_CHARS_MAX]


def plain(line: bytes) -> Any:
    """Return the JSON in `line`; raises `BadAnswer` for what later code could stumble over."""
    try:
        value = json.loads(line, parse_float=finite, parse_int=whole, parse_constant=refuse)
    except BadAnswer:
        raise
    except RecursionError:
        raise BadAnswer(f"is nested deeper than {NESTING_MAX}") from None
    except ValueError:
        raise Forged("is not JSON") from None
    look_through(value)
    return value


def finite(text: str) -> float:
    """Return the number, which must be one: 1e999 would be read as infinity."""
    number = float(text)
    return number if math.isfinite(number) else refuse(text)


def whole(text: str) -> int:
    """Return the integer, if Python could print it again."""
    if len(text) > DIGITS_MAX:
        raise BadAnswer(f"holds a number of {len(text):,} digits, the limit is {DIGITS_MAX:,}")
    return int(text)


def refuse(text: str) -> NoReturn:
    """Refuse NaN: a check of the form `abs(a - b) > tolerance` would let it pass."""
    raise BadAnswer(f"holds {text[:20]}, which is no finite number")


def look_through(value: Any) -> None:
    """Raise `BadAnswer` for nesting that would exhaust a recursion, and text that is no Unicode."""
    level = [value]
    for _ in range(NESTING_MAX):
        below: list[Any] = []
        for each in level:
            if isinstance(each, str):
                check_text(each)
            elif isinstance(each, dict):
                below += each.keys()
                below += each.values()
            elif isinstance(each, list):
                below += each
        if not below:
            return
        level = below
    raise BadAnswer(f"is nested deeper than {NESTING_MAX}")


def check_text(text: str) -> None:
    """Raise `BadAnswer` for half a surrogate pair, which no terminal and no file would take."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise BadAnswer("holds text that is not Unicode") from None


def legible(said: bytes) -> str:
    """Return text without the control characters by which it could take over a terminal."""
    return said.decode(errors="replace").translate(UNPRINTABLE)
