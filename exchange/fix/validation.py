"""Whether a message keeps the rules of the dictionary; the first rule that it breaks, in a fixed order.

    order of header and body ─► type ─► required tags ─► each field: once, not empty, format, value, known,
    allowed in this message ─► each group: as many entries as its count says, each begun by its first tag

The order matters, as only one reason is given back. Header fields come first, so that a message that is
not even addressed to us is not refused for its price. Cost: O(fields).
Source: FIX 4.4, volume 2, "Session rejects", and what common engines do. Page: docs/exchange/fix.md
"""

from collections.abc import Sequence

from exchange.fix.dictionary import TAG_MAX, Content, Dictionary
from exchange.fix.errors import Reason, SessionReject
from exchange.fix.message import HEADER, TRAILER, Field, Message


def validate(message: Message, dictionary: Dictionary) -> None:
    """Return if `message` keeps all rules. Raises `SessionReject` with the first that it breaks."""
    split = _body_begins(message.fields)
    content = dictionary.messages.get(message.type)
    if content is None:
        raise SessionReject(Reason.INVALID_TYPE)
    for required in (dictionary.header.required, content.required):
        for tag in required:
            if tag not in message and tag != 35:
                raise SessionReject(Reason.REQUIRED_TAG_MISSING, tag)
    fields = message.fields
    for part, allowed in ((fields[:split], dictionary.header), (fields[split:], content)):
        check_fields(part, dictionary)
        once = {tag for tag, _ in part}
        if len(once) < len(part) or not once <= allowed.plain:
            _entries(part, 0, allowed, is_top=True)


def _body_begins(fields: Sequence[Field]) -> int:
    """Return where the body begins. Raises `SessionReject` for a field that is in the wrong part."""
    place, count = 0, len(fields)
    while place < count and fields[place][0] in HEADER:
        place += 1
    has_ended = False
    for tag, _ in fields[place:]:
        if tag in HEADER or (has_ended and tag not in TRAILER):
            raise SessionReject(Reason.OUT_OF_ORDER, tag)
        has_ended |= tag in TRAILER
    return place


def check_fields(fields: Sequence[Field], dictionary: Dictionary) -> None:
    """Return if each field, seen alone, may be. Raises `SessionReject` with the first that may not."""
    rules = dictionary.fields
    for tag, value in fields:
        rule = rules.get(tag)
        if not value:
            raise SessionReject(Reason.NO_VALUE, tag)
        if not 0 < tag <= TAG_MAX:
            raise SessionReject(Reason.INVALID_TAG, tag)
        if rule is not None and not rule.fits(value):
            is_written_well = rule.has_format(value)
            raise SessionReject(
                Reason.INCORRECT_VALUE if is_written_well else Reason.BAD_FORMAT, tag
            )


def _entries(fields: Sequence[Field], start: int, content: Content, *, is_top: bool) -> int:
    """Check the fields from `start` on as one entry of `content`; return where it ends.

    The entry of a group ends with a field that it may not hold, or that begins the next entry. At the
    top nothing may be left.
    """
    seen: set[int] = set()
    place = start
    while place < len(fields):
        tag, value = fields[place]
        if tag not in content.tags and tag not in TRAILER:
            if is_top:
                raise SessionReject(Reason.TAG_NOT_DEFINED, tag)
            return place
        if tag in seen:
            if not is_top and tag == content.first:
                return place
            raise SessionReject(Reason.REPEATED_TAG, tag)
        seen.add(tag)
        place += 1
        if (entry := content.tags.get(tag)) is not None:
            place = _group(fields, place, tag, int(value), entry)
    return place


def _group(fields: Sequence[Field], place: int, count_tag: int, count: int, entry: Content) -> int:
    """Check the entries of a group; return where the last one ends."""
    found = 0
    while place < len(fields) and fields[place][0] == entry.first:
        place = _entries(fields, place, entry, is_top=False)
        found += 1
    if found != count:
        is_begun = place < len(fields) and fields[place][0] in entry.tags
        reason = Reason.GROUP_ORDER if not found and is_begun and count else Reason.GROUP_COUNT
        raise SessionReject(reason, count_tag if reason is Reason.GROUP_COUNT else fields[place][0])
    return place
