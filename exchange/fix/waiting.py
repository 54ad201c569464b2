"""Messages about a request that is not back yet: they wait for it, and are then served in their order.

    new "a" ─► handed in │ replace "b" of "a" ─► waits for "a" │ cancel "c" of "b" ─► waits for "b"

A program that sends an order and cancels it in the same millisecond does nothing wrong. Invariant: whoever
waits is served, once, right after what it has waited for. Page: docs/exchange/fix-orders.md
"""

from exchange.fix.message import Message
from exchange.fix.session import Session

Waiter = tuple[Session, Message]


class Waiting:
    """Names, each of an account, whose request is on its way; and who waits for it."""

    def __init__(self) -> None:
        self._waiters: dict[tuple[int, str], list[Waiter]] = {}
        self._claims: dict[tuple[int, str], Message] = {}  # who waits, and has its name already

    def begin(self, account: int, name: str) -> None:
        """Note that the request of that name is on its way."""
        self._waiters.setdefault((account, name), [])

    def joins(
        self, account: int, name: str, session: Session, message: Message, *, own: str = ""
    ) -> bool:
        """Return whether `message` has to wait for the request called `name`; then it does.

        Under its `own` name it is on its way itself, and others may wait for it: first of all the same
        request, sent once more.
        """
        again = self._waiters.get((account, own)) if own else None
        if again is not None and self._claims.get((account, own)) is not message:
            again.append((session, message))
            return True
        waiters = self._waiters.get((account, name))
        if waiters is None:
            return False
        waiters.append((session, message))
        if own:
            self.begin(account, own)
            self._claims[account, own] = message
        return True

    def end(self, account: int, name: str) -> list[Waiter]:
        """Return who has waited for that request, which is back."""
        self._claims.pop((account, name), None)
        return self._waiters.pop((account, name), [])
