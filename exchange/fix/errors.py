"""What is wrong with a message, and how much of it the sender is told.

    Definite
    ├── Garbled            it cannot be read: ignored, as even its number may be wrong
    ├── SessionReject      it can be read and breaks the rules: 35=3, its number is used up
    └── BusinessReject     it keeps the rules and cannot be served: 35=j

Nothing of such a message has happened. Source: FIX 4.4, volume 2, "Message Reject".
Page: docs/exchange/fix.md
"""

from enum import Enum

from chapters.errors import Definite


class _Coded(Enum):
    """A number of the standard, and the text that goes with it."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        self.text = text


class Reason(_Coded):
    """Why the session refuses a message: tag 373 and the text that goes with it."""

    INVALID_TAG = (0, "Invalid tag number")
    REQUIRED_TAG_MISSING = (1, "Required tag missing")
    TAG_NOT_DEFINED = (2, "Tag not defined for this message type")
    NO_VALUE = (4, "Tag specified without a value")
    INCORRECT_VALUE = (5, "Value is incorrect (out of range) for this tag")
    BAD_FORMAT = (6, "Incorrect data format for value")
    COMP_ID = (9, "CompID problem")
    SENDING_TIME = (10, "SendingTime accuracy problem")
    INVALID_TYPE = (11, "Invalid MsgType")
    REPEATED_TAG = (13, "Tag appears more than once")
    OUT_OF_ORDER = (14, "Tag specified out of required order")
    GROUP_ORDER = (15, "Repeating group fields out of order")
    GROUP_COUNT = (16, "Incorrect NumInGroup count for repeating group")


class BusinessReason(_Coded):
    """Why the application refuses a message: tag 380 and its text."""

    OTHER = (0, "Other")
    UNSUPPORTED_TYPE = (3, "Unsupported Message Type")
    NOT_AVAILABLE = (4, "Application not available")
    FIELD_MISSING = (5, "Conditionally Required Field Missing")


class Garbled(Definite):
    """Bytes that are no message; the standard says to ignore them and wait for the gap."""


class SessionReject(Definite):
    """A message that breaks the rules of the standard; `tag` is the field that does, if one does."""

    def __init__(self, reason: Reason, tag: int | None = None) -> None:
        super().__init__(f"{reason.text} ({tag})" if tag is not None else reason.text)
        self.reason = reason
        self.tag = tag


class BusinessReject(Definite):
    """A message that the application cannot serve; `ref_id` is the order that it speaks of."""

    def __init__(self, reason: BusinessReason, text: str = "", ref_id: str = "") -> None:
        super().__init__(text or reason.text)
        self.reason = reason
        self.ref_id = ref_id
