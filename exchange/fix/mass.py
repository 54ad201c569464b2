"""Cancel everything: the message for the day on which a trader's own program has gone wrong.

Page: docs/exchange/fix-orders.md
"""

from collections.abc import Sequence

from exchange.fix import tags
from exchange.fix.message import Field, Message

ALL, OF_SYMBOL = "7", "1"  # tag 530
_REFUSED = "0"  # tag 531
_NOT_SERVED, _UNKNOWN_SYMBOL = "0", "1"  # tag 532


def read_mass(message: Message, symbols: Sequence[str]) -> tuple[Sequence[str], str | None]:
    """Return the symbols in which all is to be canceled, or why not (tag 532)."""
    kind, symbol = message.get(tags.MASS_REQUEST), message.get(tags.SYMBOL)
    if kind == ALL:
        return symbols, None
    if kind != OF_SYMBOL:
        return (), _NOT_SERVED
    return ([symbol], None) if symbol in symbols else ((), _UNKNOWN_SYMBOL)


def mass_report(
    name: str, kind: str, *, affected: int = 0, refused: str | None = None
) -> list[Field]:
    """Return the body of a 35=r: all that was asked for is canceled, or nothing is."""
    answer = _REFUSED if refused is not None else kind
    reason = [(tags.MASS_REJECT_REASON, refused)] if refused is not None else []
    return [
        (tags.CL_ORD_ID, name),
        (tags.ORDER_ID, name),
        (tags.MASS_REQUEST, kind),
        (tags.MASS_RESPONSE, answer),
        *reason,
        (tags.MASS_AFFECTED, str(affected)),
    ]
