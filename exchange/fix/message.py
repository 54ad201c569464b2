"""A message as what it is: a type, and fields in their order.

    35=D␁34=2␁49=TW␁…  ──► parse ──►  Message("D", [(34, "2"), (49, "TW"), …])  ──► text ──► the same

Nothing is lost: order, repeated tags and empty values are there for the validation to see. Values stay
text (Latin-1, a byte a character), so what is echoed is what came. Page: docs/exchange/fix.md
"""

from collections.abc import Iterable, Sequence

from exchange.fix import tags
from exchange.fix.errors import Garbled
from exchange.fix.framing import opened

Field = tuple[int, str]

TAG_DIGITS_MAX = 9
_TAGS = {str(tag): tag for tag in range(1, 1_000)}  # looking one up is half the cost of reading it

HEADER = frozenset((
    *(tags.MSG_TYPE, tags.SENDER, tags.TARGET, tags.MSG_SEQ_NUM, tags.SENDING_TIME),
    *(tags.POSS_DUP, tags.POSS_RESEND, tags.ORIG_SENDING_TIME),
    *(tags.ON_BEHALF_OF, tags.ON_BEHALF_OF_SUB, tags.ON_BEHALF_OF_LOCATION),
    *(tags.DELIVER_TO, tags.DELIVER_TO_SUB, tags.DELIVER_TO_LOCATION),
    *(50, 57, 142, 143, 90, 91, 212, 213, 347, 369, 627, 628, 629, 630),
))  # fmt: skip
TRAILER = frozenset((89, 93))
ENVELOPE = HEADER | TRAILER


class Message:
    """A message without its envelope: of tags 8, 9 and 10 only the version is left."""

    __slots__ = ("_first", "fields", "type", "version")

    def __init__(self, kind: str, fields: Sequence[Field], version: str = tags.VERSION) -> None:
        self.version = version
        self.type = kind
        self.fields = fields
        # The first of a repeated tag counts: dict() would keep the last.
        self._first = dict(reversed(fields))

    def get(self, tag: int, default: str = "") -> str:
        """Return the first value of `tag`."""
        return self._first.get(tag, default)

    def __contains__(self, tag: int) -> bool:
        return tag in self._first

    def is_set(self, tag: int) -> bool:
        """Return whether the flag `tag` is Y."""
        return self._first.get(tag) == "Y"

    @property
    def number(self) -> int:
        """Its MsgSeqNum. Raises `Garbled` when that is no number."""
        digits = self._first.get(tags.MSG_SEQ_NUM, "")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
            raise Garbled(f"MsgSeqNum {digits!r} is no number")
        return int(digits)

    def body(self) -> list[Field]:
        """Return the fields that are neither header nor trailer."""
        return [each for each in self.fields if each[0] not in ENVELOPE]

    def group(self, count: int, members: Iterable[int]) -> list["Message"]:
        """Return the entries of the repeating group that the tag `count` counts.

        Each entry begins with the first tag of `members`; it ends with the first field that is none of
        them.
        """
        first, *_ = members = tuple(members)
        entries: list[list[Field]] = []
        is_inside = False
        for tag, value in self.fields:
            if is_inside and tag not in members:
                break
            if is_inside and tag == first:
                entries.append([])
            if is_inside and entries:
                entries[-1].append((tag, value))
            is_inside |= tag == count
        return [Message(self.type, entry) for entry in entries]

    def __str__(self) -> str:
        return " ".join([f"35={self.type}", *(f"{tag}={value}" for tag, value in self.fields)])


def read(frame: bytes) -> Message:
    """Return the message in a whole frame. Raises `Garbled`."""
    body = opened(frame)
    return parse(body, frame[2 : frame.find(b"\x01")].decode("latin-1"))


def parse(body: bytes, version: str = tags.VERSION) -> Message:
    """Return the message in `body`, which begins with `35=`. Raises `Garbled`."""
    pieces = body.decode("latin-1").split("\x01")
    if pieces.pop():
        raise Garbled("the last field is not ended")
    fields = []
    for piece in pieces:
        digits, equals, value = piece.partition("=")
        tag = _TAGS.get(digits)
        if tag is None or not equals:
            tag = _unusual(digits, equals)
        fields.append((tag, value))
    (_, kind), *rest = fields
    return Message(kind, rest, version)


def _unusual(digits: str, equals: str) -> int:
    """Return a tag that is none of the standard's. Raises `Garbled` if it is no number at all."""
    # int() takes more than tags are made of: spaces, a plus, underscores.
    bare = digits.removeprefix("-")
    if not equals or not (bare.isascii() and bare.isdigit()) or len(bare) > TAG_DIGITS_MAX:
        raise Garbled("a field is not of the form number=value")
    return int(digits)


def text(kind: str, fields: Iterable[Field]) -> bytes:
    """Return type and fields as bytes, each field ended."""
    lines = [f"35={kind}", *[f"{tag}={value}" for tag, value in fields], ""]
    return "\x01".join(lines).encode("latin-1", "replace")
