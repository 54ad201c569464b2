"""What a holder asks the giver of leases, what it hears, and what the giver makes of it.

    Ask(acquire, printer, ada, asked at 17 s) ──►  Leases  ──►  Answer(lease, asked at 17 s)

An answer repeats when the question was asked, by the clock of who asked. So a late answer, or one to
a question that was sent twice, is worth as much as it says and no more, and nobody has to remember
which questions are open. Page: docs/chapters/lease.md
"""

from dataclasses import dataclass
from enum import Enum, auto

from chapters.errors import Definite
from chapters.lease.lease import Lease, Leases


class Kind(Enum):
    """What is wanted."""

    ACQUIRE = auto()
    TAKE_OVER = auto()
    RENEW = auto()
    RELEASE = auto()


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the giver; `epoch` matters for renewing and releasing."""

    kind: Kind
    name: str
    holder: str
    epoch: int
    ttl_s: float
    asked_ns: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A lease, or None and why not; `epoch` is that of the question."""

    lease: Lease | None
    why: str
    epoch: int
    asked_ns: int


def answer(leases: Leases, ask: Ask) -> Answer:
    """Return the giver's answer. Raises what is indefinite: then there is none to give."""
    try:
        return Answer(_granted(leases, ask), "", ask.epoch, ask.asked_ns)
    except Definite as error:
        return Answer(None, str(error), ask.epoch, ask.asked_ns)


def _granted(leases: Leases, ask: Ask) -> Lease | None:
    match ask.kind:
        case Kind.ACQUIRE:
            return leases.acquire(ask.name, ask.holder, ask.ttl_s)
        case Kind.TAKE_OVER:
            return leases.take_over(ask.name, ask.holder, ask.ttl_s)
        case Kind.RENEW:
            return leases.renew(ask.name, ask.epoch)
        case Kind.RELEASE:
            leases.release(ask.name, ask.epoch)
    return None
