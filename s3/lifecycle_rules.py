"""A lifecycle document, read strictly: rules that make no sense are refused when they are put.

    <Rule><ID>tmp</ID><Status>Enabled</Status><Filter><Prefix>tmp/</Prefix></Filter>
          <Expiration><Days>7</Days></Expiration></Rule>         ──►  Rule("tmp", …, expire=Wait(7))

Source: Amazon S3 API reference, PutBucketLifecycleConfiguration. Page: docs/s3/lifecycle.md
"""

from datetime import UTC, datetime
from functools import lru_cache
from xml.etree.ElementTree import Element

from s3.errors import Refused
from s3.http import is_number
from s3.lifecycle import DAY_MS, DAY_S, Filter, Move, Rule, Wait
from s3.markup import parse, raw_text, text_of

RULES_MAX = 1_000
ID_MAX = 255
NEWER_MAX = 100
MOVE_BYTES_MIN = 128 * 1024  # what S3 leaves where it is, unless a rule's filter names sizes
_ACTIONS = ("Expiration", "Transition", "NoncurrentVersionExpiration",
            "NoncurrentVersionTransition", "AbortIncompleteMultipartUpload")  # fmt: skip
_INFREQUENT_DAYS_MIN = {"STANDARD_IA": 30, "ONEZONE_IA": 30}


class Manner:
    """Where profiles differ: what classes there are, how strict to be, how long a day is."""

    __slots__ = ("classes", "day_s", "is_aws")

    def __init__(self, classes: tuple[str, ...], profile: str, day_s: float) -> None:
        self.classes = classes
        self.is_aws = profile == "aws"
        self.day_s = day_s


@lru_cache(maxsize=256)
def rules_from(text: str, classes: tuple[str, ...], profile: str, day_s: float) -> list[Rule]:
    """Return the rules of a document that was kept."""
    document = parse(text.encode(), "LifecycleConfiguration")
    return read_rules(document, Manner(classes, profile, day_s))


def read_rules(document: Element, manner: Manner) -> list[Rule]:
    """Return the rules. Raises `MalformedXML`, `InvalidArgument`, `InvalidRequest`."""
    elements = document.findall("Rule")
    if not elements:
        raise Refused("MalformedXML", "A lifecycle configuration has at least one Rule")
    if len(elements) > RULES_MAX:
        raise Refused(
            "InvalidRequest", f"{len(elements)} rules; a bucket may have {RULES_MAX} of them"
        )
    rules = [_rule(each, manner) for each in elements]
    named = [rule.id for rule in rules if rule.id]
    if len({*named}) != len(named):
        raise Refused("InvalidArgument", "Rule ID must be unique")
    return rules


def _rule(element: Element, manner: Manner) -> Rule:
    id = text_of(element, "ID", "")
    if len(id) > ID_MAX:
        raise Refused("InvalidArgument", f"A rule's ID may have {ID_MAX} characters, not {len(id)}")
    status = text_of(element, "Status")
    if status not in ("Enabled", "Disabled"):
        raise Refused("MalformedXML", f"Status is {status!r}; it must be Enabled or Disabled")
    if all(element.find(each) is None for each in _ACTIONS):
        raise Refused("InvalidRequest", "At least one action needs to be specified in a rule")
    chosen = _filter(element, manner)
    expire, drops_markers = _expiration(element.find("Expiration"))
    moves = [_move(each, manner) for each in element.findall("Transition")]
    later = [
        _noncurrent_move(each, manner) for each in element.findall("NoncurrentVersionTransition")
    ]
    rule = Rule(
        id, status == "Enabled", chosen, expire, drops_markers,
        noncurrent=_noncurrent(element.find("NoncurrentVersionExpiration")),
        moves=tuple(moves),
        noncurrent_moves=tuple(later),
        move_bytes_min=_move_bytes_min(chosen, manner),
        abort_days=_abort_days(element.find("AbortIncompleteMultipartUpload")),
    )  # fmt: skip
    _check_together(rule)
    return rule


def _filter(element: Element, manner: Manner) -> Filter:
    """Return the conditions: a Filter with one of them, or And with several; or the old Prefix."""
    old, new = element.find("Prefix"), element.find("Filter")
    if (old is None) == (new is None) and (manner.is_aws or new is not None):
        raise Refused("MalformedXML", "A rule has a Filter, or a Prefix as in former times")
    if new is None:
        return Filter(raw_text(element, "Prefix") if old is not None else "")
    if manner.is_aws and len(new) > 1:
        raise Refused("MalformedXML", "A Filter has one condition; And combines several")
    both = new.find("And")
    places = [new] if both is None else [new, both]
    prefixes = [raw_text(place, "Prefix") for place in places if place.find("Prefix") is not None]
    tags = [(raw_text(tag, "Key"), raw_text(tag, "Value"))
            for place in places for tag in place.findall("Tag")]  # fmt: skip
    if len(dict(tags)) != len(tags):
        raise Refused("InvalidRequest", "A Filter names a tag twice")
    above = _size(places, "ObjectSizeGreaterThan")
    below = _size(places, "ObjectSizeLessThan")
    if above is not None and below is not None and above + 1 >= below:
        raise Refused("InvalidRequest", f"No size is above {above} and below {below}")
    return Filter(max(prefixes, key=len, default=""), tuple(tags), above, below)


def _size(places: list[Element], tag: str) -> int | None:
    sizes = [_whole(place, tag, 0) for place in places if place.find(tag) is not None]
    return sizes[0] if sizes else None


def _whole(element: Element, tag: str, low: int, high: int = 2**53) -> int:
    """Return a child's whole number. Raises `InvalidArgument` outside of its bounds."""
    text = text_of(element, tag)
    if not is_number(text.removeprefix("-")):
        raise Refused("MalformedXML", f"{tag} is {text!r}: no whole number")
    if not low <= int(text) <= high:
        raise Refused(
            "InvalidArgument", f"{tag} for {element.tag} is {text}; at least {low}, please"
        )
    return int(text)


def _date(element: Element) -> int:
    """Return midnight of a date, in milliseconds since 1970."""
    text = text_of(element, "Date")
    try:
        found = datetime.fromisoformat(text) if "-" in text else None
    except ValueError:
        found = None
    if found is None:
        raise Refused("MalformedXML", f"Date is {text!r}: no date as in 2026-11-24T00:00:00Z")
    at_ms = round(found.replace(tzinfo=found.tzinfo or UTC).timestamp() * 1_000)
    if at_ms % DAY_MS:
        raise Refused("InvalidArgument", f"'Date' must be at midnight GMT; this is {text}")
    return at_ms


def _wait(element: Element, low: int) -> Wait:
    """Return Days or Date, of which there must be one."""
    if (element.find("Days") is None) == (element.find("Date") is None):
        raise Refused("MalformedXML", f"{element.tag} has Days or a Date")
    if element.find("Date") is not None:
        return Wait(at_ms=_date(element))
    return Wait(_whole(element, "Days", low))


def _expiration(element: Element | None) -> tuple[Wait | None, bool]:
    if element is None:
        return None, False
    if element.find("ExpiredObjectDeleteMarker") is None:
        return _wait(element, 1), False
    if len(element) > 1:
        raise Refused("MalformedXML", "ExpiredObjectDeleteMarker goes with neither Days nor Date")
    return None, text_of(element, "ExpiredObjectDeleteMarker").lower() == "true"


def _noncurrent(element: Element | None) -> Wait | None:
    return None if element is None else _noncurrent_wait(element)


def _noncurrent_wait(element: Element) -> Wait:
    has_keep = element.find("NewerNoncurrentVersions") is not None
    keep = _whole(element, "NewerNoncurrentVersions", 1, NEWER_MAX) if has_keep else 0
    return Wait(_whole(element, "NoncurrentDays", 1), keep=keep)


def _move(element: Element, manner: Manner) -> Move:
    return _checked(Move(_wait(element, 0), text_of(element, "StorageClass")), manner)


def _noncurrent_move(element: Element, manner: Manner) -> Move:
    return _checked(Move(_noncurrent_wait(element), text_of(element, "StorageClass")), manner)


def _checked(move: Move, manner: Manner) -> Move:
    name, wait = move.storage_class, move.wait
    is_warmest = manner.is_aws and name in ("STANDARD", "REDUCED_REDUNDANCY")
    if name not in manner.classes or is_warmest:
        raise Refused("MalformedXML", f"No transition leads to the storage class {name!r}")
    least = _INFREQUENT_DAYS_MIN.get(name, 0) if manner.is_aws and manner.day_s == DAY_S else 0
    if wait.at_ms is None and wait.days < least:
        raise Refused("InvalidArgument", f"An object must be {least} days old to become {name}")
    return move


def _move_bytes_min(chosen: Filter, manner: Manner) -> int:
    names_sizes = chosen.above_bytes is not None or chosen.below_bytes is not None
    return MOVE_BYTES_MIN if manner.is_aws and not names_sizes else 0


def _abort_days(element: Element | None) -> int | None:
    return None if element is None else _whole(element, "DaysAfterInitiation", 1)


def _check_together(rule: Rule) -> None:
    """Refuse what is well-formed by itself but not in one rule."""
    chosen = rule.filter
    is_narrow = (
        bool(chosen.tags) or chosen.above_bytes is not None or chosen.below_bytes is not None
    )
    if is_narrow and (rule.abort_days is not None or rule.drops_markers):
        raise Refused(
            "InvalidRequest", "Uploads and delete markers have neither tags nor sizes to filter by"
        )
    for moves, end in ((rule.moves, rule.expire), (rule.noncurrent_moves, rule.noncurrent)):
        names = [move.storage_class for move in moves]
        if len({*names}) != len(names):
            raise Refused("InvalidArgument", "Two transitions of a rule lead to the same class")
        waits = [move.wait for move in moves] + ([end] if end else [])
        if len({wait.at_ms is None for wait in waits}) > 1:
            raise Refused("InvalidRequest", "Days and Date cannot be mixed in one rule")
        if end and any(_is_later(move.wait, end) for move in moves):
            raise Refused("InvalidArgument", "An object must expire after its last transition")


def _is_later(move: Wait, end: Wait) -> bool:
    if end.at_ms is not None and move.at_ms is not None:
        return move.at_ms >= end.at_ms
    return move.days >= end.days
