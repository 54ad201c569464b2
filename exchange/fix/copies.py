"""Who settles trades hears of each: a copy of the trader's report, in a session that only listens.

    tracker ──► 8: 150=F, 17=1841-3m, 1=7 ─┬──► the session of trader 7
                                           └──► 527=1841.0 added ──► each session that watches 7

A drop copy comes from the journal, by the same way as the trader's own report, whatever door the order
came by. So after a crash it is derived again, and what the session's log has already is left out. The
trade's name in tag 527 is the clearing house's: the same for buyer and seller, whoever makes the copy.
Invariant: each trade of a watched account once, in the journal's order; nothing that a watcher sends has
any effect. Source: FIX 4.4, volume 4, tags 17 and 527. Page: docs/exchange/clearing.md
"""

import re
from collections.abc import Callable, Iterator, Mapping

from chapters.errors import UsageError
from exchange.clearing.drop_copy import execution_id
from exchange.fix import tags
from exchange.fix.acceptor import SessionStore, sessions_of
from exchange.fix.desk import Desk
from exchange.fix.errors import BusinessReason, BusinessReject
from exchange.fix.message import Message
from exchange.fix.pending import Naming
from exchange.fix.reports import Exec
from exchange.fix.session import Session
from exchange.fix.tracker import Told, Tracker
from exchange.orders import Filled
from exchange.sequencer import Sequenced

COPY = "/copy"  # behind a CompID's accounts: it only listens to what they trade
ALL = "all"  # in place of accounts
_TRADE = (tags.EXEC_TYPE, Exec.TRADE.value)
_ACCOUNT = r"0*[1-9]\d{0,17}"
_SHOWN = (34, 1, 55, 54, 32, 31, 17, 527)  # by the demonstration

Watched = frozenset[int] | None  # accounts; None: everybody's


class Copying(Tracker):
    """A tracker that tells watchers too. Each goes by a number below 0, which no account has."""

    def __init__(self, trades_here: Callable[[int], bool], watched: Mapping[int, Watched]) -> None:
        super().__init__(lambda account: trades_here(account) or bool(self._watchers(account)))
        self._trades_here = trades_here
        self._watched = watched

    def apply(self, done: Sequenced, naming: Naming | None, now_ns: int) -> Iterator[Told]:
        """Yield what traders are told about what a command did, and copies of their trades."""
        names: dict[int, str] = {}
        for told in super().apply(done, naming, now_ns):
            if self._trades_here(told.account):
                yield told
            if told.type == tags.EXECUTION_REPORT and _TRADE in told.body:
                names = names or _names(done)
                copy = [*told.body, (tags.SECONDARY_EXEC_ID, names[_index(told)])]
                for watcher in self._watchers(told.account):
                    yield Told(watcher, told.type, copy)

    def _watchers(self, account: int) -> list[int]:
        return [
            watcher
            for watcher, accounts in self._watched.items()
            if accounts is None or account in accounts
        ]


def _names(done: Sequenced) -> dict[int, str]:
    """Return what the clearing house calls each trade of a command, by its place among the events."""
    trades = [index for index, event in enumerate(done.events) if type(event) is Filled]
    return {index: execution_id(done.sequence, place) for place, index in enumerate(trades)}


def _index(told: Told) -> int:
    exec_id = next(value for tag, value in told.body if tag == tags.EXEC_ID)
    return int(exec_id.removesuffix("m").partition("-")[2])


class Listener:
    """The application behind a watcher's session: there is nothing that it may ask for."""

    def logged_on(self, session: Session) -> None:
        """Do nothing: what they have missed, they will ask for."""

    def logged_out(self, session: Session) -> None:
        """Do nothing: they have no orders."""

    def received(self, session: Session, message: Message) -> bool:
        """Refuse it. Raises `BusinessReject`."""
        raise BusinessReject(BusinessReason.NOT_AUTHORIZED, "a drop copy only listens")


def watch(desk: Desk, watched: Mapping[str, Watched], *, ours: str, store: SessionStore) -> None:
    """Let the CompIDs of `watched` hear of what those accounts trade; before anything has happened."""
    if not watched:
        return
    numbers, traders = [-1 - n for n in range(len(watched))], set(desk.sessions)
    desk.tracker = Copying(traders.__contains__, dict(zip(numbers, watched.values(), strict=True)))
    listening = sessions_of(ours, watched, store, Listener())
    desk.sessions |= zip(numbers, listening, strict=True)


def read_copies(words: str) -> dict[str, Watched]:
    """Return who watches what, from the words of `--fix-accounts` that say /copy. Raises `UsageError`.

    Such as RISK=7+8/copy, CLEAR=all/copy.
    """
    found: dict[str, Watched] = {}
    for word in (each.strip() for each in words.split(",")):
        if not word.endswith(COPY):
            continue
        name, _, accounts = word.removesuffix(COPY).partition("=")
        numbers = accounts.split("+")
        is_all = accounts == ALL
        if not name or not (is_all or all(re.fullmatch(_ACCOUNT, each) for each in numbers)):
            raise UsageError(f"--fix-accounts {word}: write RISK=7+8/copy, or RISK=all/copy")
        found[name] = None if is_all else frozenset(map(int, numbers))
    return found


def demo() -> None:
    """Two accounts trade, one of them over no FIX at all; a risk desk hears of both sides."""
    from chapters.sim import Chance, SimDisk, VirtualClock
    from exchange.fix.local import Local
    from exchange.fix.message import parse
    from exchange.orders import BUY, SELL, New

    disk, watched = SimDisk(rng=Chance(7).stream("disk")), {"RISK": frozenset({7, 22})}
    clock, traders = VirtualClock(), {"ADA": 7}
    house = Local(clock=clock, disk=disk, symbols=["ACME"], accounts=traders, copies=watched)
    for account, side, lots in ((7, BUY, 60), (8, BUY, 60), (22, SELL, 100)):
        house.enter(New(account, "a", "ACME", side, lots, 1005))
    for body in house.desk.sessions[-1].log.sent.values():
        heard = parse(body)
        print("  RISK hears ", " ".join(f"{tag}={heard.get(tag)}" for tag in _SHOWN))
