"""What a message may hold: fields with formats and values, messages with fields, groups within groups.

The rules are data. They are written down in a small language (fix44.py is 4.4 in it), a line a field and a
line a message:

    54 CHAR 1 2 5              tag, format, and the values that it may have, if these are listed
    F  41! 11! 54!             message type, then its tags; ! means that one is required
    E  73!(11! 67 78(79 80))   a repeating group: the tag that counts, then what an entry holds

An entry of a group begins with the first tag that is listed. Source: FIX 4.4, volumes 1 and 6.
Page: docs/exchange/fix.md
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from exchange.fix.message import HEADER

TAG_MAX = 956  # the last that 4.4 defines; beyond 5000 are those that two firms agree on
_NUMBER = r"-?(\d{1,16}(\.\d{0,8})?|\.\d{1,8})"  # no sign +, no exponent, no NaN
_DATE = r"[12]\d{3}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{3}(\d{3}){0,2})?"

FORMATS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.ASCII)
    for name, pattern in {
        "INT": r"-?\d{1,18}",
        "COUNT": r"\d{1,9}",
        "SEQ": r"\d{1,18}",
        "NUMBER": _NUMBER,
        "CHAR": r"[^\s]",
        "FLAG": r"[YN]",
        "TIME": f"{_DATE}-{_TIME}",
        "DATE": _DATE,
        "MONTH": r"\d{6}(\d{2}|w[1-5])?",
        "TEXT": r"[^\x00]*",
    }.items()
}


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How a field is written; `values` is empty where any of the format will do."""

    format: str
    values: frozenset[str]
    is_many: bool  # several of the values, with a space between
    fits: Callable[[str], re.Match[str] | None]  # format and values, in one look

    def has_format(self, value: str) -> bool:
        """Return whether `value` is written as its format wants it."""
        form = FORMATS["TEXT" if self.is_many else self.format]
        return form.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class Content:
    """The tags of a message, or of one entry of a group."""

    tags: Mapping[int, "Content | None"]  # the content of an entry, where the tag counts a group
    required: tuple[int, ...]  # ascending
    plain: frozenset[int]  # the tags that count no group

    @property
    def first(self) -> int:
        """The tag that every entry begins with."""
        return next(iter(self.tags))


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The fields and messages of one version."""

    fields: Mapping[int, FieldRule]
    messages: Mapping[str, Content]
    header: Content

    @classmethod
    def read(cls, fields: str, messages: str, header: str) -> "Dictionary":
        """Return the dictionary that the lines write down."""
        rules = dict(_field(line) for line in fields.strip().splitlines())
        contents = {}
        for line in messages.strip().splitlines():
            kind, rest = line.split(maxsplit=1)
            contents[kind] = _content(_words(rest))
        found = cls(rules, contents, _content(_words(header)))
        assert set(found.header.tags) <= HEADER
        return found


def _field(line: str) -> tuple[int, FieldRule]:
    tag, form, *values = line.split()
    is_many, form = form.endswith("*"), form.rstrip("*")
    one = "|".join(map(re.escape, values)) if values else FORMATS[form].pattern
    whole = re.compile(f"(?:{one})(?: (?:{one}))*" if is_many else f"(?:{one})", re.ASCII)
    return int(tag), FieldRule(form, frozenset(values), is_many, whole.fullmatch)


def _words(line: str) -> Iterator[str]:
    return iter(re.findall(r"\d+!?|[()]", line))


def _content(words: Iterator[str]) -> Content:
    """Return what `words` list, up to the bracket that closes it."""
    tags: dict[int, Content | None] = {}
    required: list[int] = []
    last = 0
    for word in words:
        if word == ")":
            break
        if word == "(":
            tags[last] = _content(words)
            continue
        last = int(word.rstrip("!"))
        tags[last] = None
        required += [last] * word.endswith("!")
    plain = frozenset(tag for tag, entry in tags.items() if entry is None)
    return Content(tags, tuple(sorted(required)), plain)
