"""An application that says everything back: what test suites for FIX sessions expect to speak with.

    NewOrderSingle, SecurityDefinition ──► the same message, sorted by tags
    the same order again, with PossResend ──► nothing: it was served
    anything else ──► 35=j, unsupported

It knows nothing of an exchange, which is its point: what works here, works in the session layer.
Page: docs/exchange/fix.md
"""

from collections.abc import Sequence
from operator import itemgetter

from exchange.fix import tags
from exchange.fix.dictionary import Content
from exchange.fix.errors import BusinessReason, BusinessReject
from exchange.fix.fix44 import FIX44
from exchange.fix.message import Field, Message
from exchange.fix.session import Session


class Echo:
    """Remembers the orders' ids of this logon, to know a repetition."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def logged_on(self, session: Session) -> None:
        """Begin with no order known."""
        self._forget(session)

    def logged_out(self, session: Session) -> None:
        """Forget the orders: the session may begin anew."""
        self._forget(session)

    def _forget(self, session: Session) -> None:
        name = str(session.identity)
        self._seen = {each for each in self._seen if each[0] != name}

    def received(self, session: Session, message: Message) -> bool:
        """Say `message` back. Raises `BusinessReject` for one that is neither order nor definition."""
        if message.type not in (tags.NEW_ORDER, tags.SECURITY_DEFINITION):
            raise BusinessReject(BusinessReason.UNSUPPORTED_TYPE)
        order = (str(session.identity), message.get(tags.CL_ORD_ID))
        is_resent = message.is_set(tags.POSS_RESEND)
        if message.type == tags.NEW_ORDER and is_resent and order in self._seen:
            return True
        self._seen.add(order)
        marks = [(tags.POSS_RESEND, "Y")] if is_resent else []
        content = FIX44.messages[message.type]
        session.outbox.send(message.type, ordered(message.body(), content), marks)
        return True


def ordered(fields: Sequence[Field], content: Content) -> list[Field]:
    """Return the fields by their tags; the entries of a group stay behind the tag that counts them."""
    if content.plain.issuperset([tag for tag, _ in fields]):
        return sorted(fields, key=itemgetter(0))  # no group in it
    units: list[list[Field]] = []
    members: set[int] = set()
    for field in fields:
        if units and field[0] in members:
            units[-1].append(field)
            continue
        units.append([field])
        members = _members(content.tags.get(field[0]))
    units.sort(key=lambda unit: unit[0][0])
    return [field for unit in units for field in unit]


def _members(content: Content | None) -> set[int]:
    """Return the tags that may be in an entry, those of groups within it too."""
    if content is None:
        return set()
    return {*content.tags, *(tag for each in content.tags.values() for tag in _members(each))}
