"""Whether a message may be served at all: from whom, to whom, from when, and by the rules.

Page: docs/exchange/fix.md
"""

from chapters.sim.clock import S
from exchange.fix import tags
from exchange.fix.dictionary import Dictionary
from exchange.fix.errors import Reason, SessionReject
from exchange.fix.message import Field, Message
from exchange.fix.outbox import Identity
from exchange.fix.pulse import INTERVAL_S_MAX
from exchange.fix.timestamps import instant
from exchange.fix.validation import validate

CLOCKS_APART_NS_MAX = 120 * S  # a SendingTime further off than that is refused

_OTHER_WAY = {
    tags.ON_BEHALF_OF: tags.DELIVER_TO,
    tags.ON_BEHALF_OF_SUB: tags.DELIVER_TO_SUB,
    tags.ON_BEHALF_OF_LOCATION: tags.DELIVER_TO_LOCATION,
}
_OTHER_WAY |= {there: back for back, there in _OTHER_WAY.items()}


def admit(message: Message, identity: Identity, dictionary: Dictionary, now_ns: int | None) -> None:
    """Return if `message` may be served. Raises `SessionReject`.

    Without a `now_ns` its age does not count: it has waited here for its turn.
    """
    validate(message, dictionary)
    if now_ns is not None:
        sent_ns = instant(message.get(tags.SENDING_TIME))
        if abs(now_ns - sent_ns) > CLOCKS_APART_NS_MAX:
            raise SessionReject(Reason.SENDING_TIME)
    if (message.get(tags.TARGET), message.get(tags.SENDER)) != (identity.ours, identity.theirs):
        raise SessionReject(Reason.COMP_ID)
    if message.is_set(tags.POSS_DUP):
        check_times(message)


def check_times(message: Message) -> None:
    """Check that a possible duplicate was first sent before it was sent again. Raises `SessionReject`."""
    if message.type == tags.SEQUENCE_RESET:
        return
    original, again = message.get(tags.ORIG_SENDING_TIME), message.get(tags.SENDING_TIME)
    if not original:
        raise SessionReject(Reason.REQUIRED_TAG_MISSING, tags.ORIG_SENDING_TIME)
    try:
        is_later = instant(original) > instant(again)
    except ValueError:
        raise SessionReject(Reason.BAD_FORMAT, tags.ORIG_SENDING_TIME) from None
    if is_later:
        raise SessionReject(Reason.SENDING_TIME)


def refused_logon(message: Message) -> str:
    """Return why a well-written logon is refused; nothing if it is not."""
    if message.get(tags.ENCRYPT_METHOD) != "0":
        return "EncryptMethod must be 0"
    if not 0 <= int(message.get(tags.HEART_BT_INT)) <= INTERVAL_S_MAX:
        return f"HeartBtInt must be 0 to {INTERVAL_S_MAX}"
    if message.is_set(tags.RESET_SEQ_NUM) and message.number != 1:
        return "ResetSeqNumFlag needs MsgSeqNum 1"
    return ""


def reversed_route(message: Message) -> list[Field]:
    """Return the header fields that bring an answer back to who is behind the sender."""
    found = ((back, message.get(there)) for there, back in _OTHER_WAY.items())
    return [(tag, value) for tag, value in found if value]
