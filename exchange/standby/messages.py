"""What machines say to each other: to the giver of the lease, to the standbys, to clients.

    member ──Claim──► giver ──Verdict──► member          who begins the next epoch?
    primary ──Propose──► giver ──Recorded──► primary     whose disks count from now on?
    primary ──Append──► standby ──Confirm──► primary     or Behind, or Over
    client ──Enter──► member ──Done──► client            or Elsewhere
    client ──Watch──► member ──Shown──► client           how are you, and what is committed?

Any of them may be lost, late, repeated, or overtaken by a later one. Page: docs/exchange/standby.md
"""

from dataclasses import dataclass

from chapters.lease import Answer, Ask
from exchange.orders import Command
from exchange.standby.history import Mark, Place


@dataclass(frozen=True, slots=True)
class Claim:
    """A question of a lease's holder, with the disk that it speaks for and the last epoch on that."""

    ask: Ask
    disk: str
    epoch_seen: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The giver's answer; with a lease come the disks that hold all that was acknowledged."""

    answer: Answer
    disks: tuple[str, ...]
    barred: str = ""  # why this machine may begin no epoch, though the lease were free


@dataclass(frozen=True, slots=True)
class Propose:
    """From now on these disks shall count; of two proposals the later version does."""

    epoch: int
    version: int
    disks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the giver has on record."""

    epoch: int
    version: int
    disks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Append:
    """The primary's records behind `previous`; none, and it only says that it is there."""

    epoch: int
    disk: str  # the primary's
    previous: Place
    payloads: tuple[bytes, ...]
    committed: int  # up to here, all disks that count have it
    audit: tuple[
        int, bytes
    ]  # a sequence, and the hash of the primary's state there; (0, b"") for none


@dataclass(frozen=True, slots=True)
class Confirm:
    """My journal is the primary's up to `up_to`, and that is on my disk."""

    epoch: int
    disk: str
    up_to: int


@dataclass(frozen=True, slots=True)
class Behind:
    """I do not have `previous`: this is what I have."""

    epoch: int
    disk: str
    marks: tuple[Mark, ...]
    last: int


@dataclass(frozen=True, slots=True)
class Over:
    """Your epoch is over: I have seen this one."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Enter:
    """A client's order; it will know the answer by its `number`. `is_resent`: it may be here already.

    Its `words` go into the journal with it: the next primary shall know how the client calls it.
    With an `epoch` only the primary of that epoch takes it, once, and only right behind the number before
    it; the client's numbers in that epoch begin with `first`. It gets no answer: such a client watches.
    """

    number: int
    command: Command
    is_resent: bool = False
    words: str = ""
    epoch: int = 0
    first: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """The order is in the history for good, on so many disks; order 0 when it was refused."""

    number: int
    order_id: int
    sequence: int
    epoch: int
    copies: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """How are you? And if you are primary, show me what is committed behind record `after`."""

    after: int


@dataclass(frozen=True, slots=True)
class Shown:
    """How a machine is; of a primary also the committed records behind `previous`."""

    role: str
    epoch: int
    last: int
    committed: int
    copies: int = 0  # of the last committed record, on disks that count
    previous: int = 0
    payloads: tuple[bytes, ...] = ()
    why: str = ""  # it has stopped, or may not become primary


PRIMARY, STANDBY, STOPPED = "primary", "standby", "stopped"  # roles
SHORT = "short"  # a primary that lacks what it is asked to go on from


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Nobody acknowledges orders here; ask that machine, or any when it is not known."""

    number: int
    primary: str


Message = (
    Claim
    | Verdict
    | Propose
    | Recorded
    | Append
    | Confirm
    | Behind
    | Over
    | Enter
    | Done
    | Elsewhere
    | Watch
    | Shown
)
