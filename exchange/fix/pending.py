"""Requests that were handed to the exchange and have not come back yet.

    request "c-7": cancel order 17  ──►  journal  ──►  what it did, without a name  ──►  whose was it?

The journal knows commands, not the names that clients give to cancels. So a request is found again by its
command: whichever equal one was handed in first is answered first. After a crash the same holds: what is
in the journal and was not reported yet is matched with what the store remembers of requests.
Page: docs/exchange/fix-orders.md
"""

import json
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from exchange.codec import decode, encode
from exchange.fix.message import Message
from exchange.fix.session import Receipt, Session
from exchange.orders import Command

NO_RECEIPT = Receipt(-1, 0)  # of a request that an earlier life of this process took in


@dataclass(slots=True)
class Mass:
    """A cancel of all orders: one request, a command for each symbol."""

    kind: str  # tag 530
    left: int  # commands that have not come back
    affected: int = 0


class Naming(NamedTuple):
    """How a client calls a request."""

    name: str
    former: str = ""  # the name of the order that it is about
    total: int = 0  # of a replace: all lots, the filled ones too

    def said(self) -> str:
        """Return it as words that may stand beside a command."""
        return json.dumps(self)

    @classmethod
    def heard(cls, words: str) -> "Naming | None":
        """Return what `said` wrote; None for the words of somebody who does not speak FIX."""
        try:
            name, former, total = json.loads(words)
            return cls(str(name), str(former), int(total))
        except (ValueError, TypeError):
            return None


@dataclass(slots=True)
class Request:
    """A command that a client has asked for."""

    session: Session
    command: Command
    naming: Naming
    mass: Mass | None = None
    message: Message | None = None  # not there any more after a crash
    receipt: Receipt = NO_RECEIPT

    def remembered(self) -> bytes:
        """Return what the store must know to name the request after a crash."""
        return self.naming.said().encode() + b"\n" + encode(0, self.command)

    @classmethod
    def recalled(cls, session: Session, saved: bytes) -> "Request":
        """Return the request that `remembered` wrote."""
        head, _, payload = saved.partition(b"\n")
        return cls(session, decode(payload)[1], Naming(*json.loads(head)))


@dataclass(slots=True)
class Pending:
    """Requests by their commands, the oldest first."""

    _waiting: dict[Command, deque[Request]] = field(default_factory=dict)

    def add(self, request: Request) -> None:
        """Expect `request.command` to come back."""
        self._waiting.setdefault(request.command, deque()).append(request)

    def match(self, command: Command) -> Request | None:
        """Return the oldest request of that command, which is then no longer waited for."""
        waiting = self._waiting.get(command)
        if not waiting:
            return None
        request = waiting.popleft()
        if not waiting:
            del self._waiting[command]
        return request

    def clear(self) -> None:
        """Expect nothing any more."""
        self._waiting.clear()
