"""The exchange's counter for FIX: messages become commands, and what comes of them becomes messages.

    35=D F G q ──► request ──► noted, synced ──► exchange.enter_soon ──► journal, engine
                                                                            │ all that happened, in order
    35=8 9 r   ◄── session ◄── store, synced ◄── tracker ◄──────────────────┘

Reports come from the journal alone, also those about orders that came by another door: so a maker hears of
its fill whoever took it, and hears of it at its next logon if it was away. A message counts as dealt with
only once its command is journalled: until then the client is asked for it again after a crash.

Invariant: the reports of a session are a function of the journal, each is sent under one number, and none
twice. Page: docs/exchange/fix-orders.md
"""

from collections.abc import Callable, Iterable, Mapping

from exchange.fix import tags
from exchange.fix.entry import check_account, lots, read_name, read_order, read_side, ticks
from exchange.fix.errors import BusinessReason, BusinessReject
from exchange.fix.mass import mass_report, read_mass
from exchange.fix.message import Message
from exchange.fix.once import Entry, entry
from exchange.fix.pending import Mass, Naming, Pending, Request
from exchange.fix.reports import (
    NO_EXECUTION,
    Exec,
    cancel_rejection,
    report,
    unknown_status,
)
from exchange.fix.session import Session
from exchange.fix.told import told_names
from exchange.fix.tracker import Tracker
from exchange.fix.waiting import Waiting
from exchange.fix.working import Working, correction
from exchange.orders import Cancel, CancelAll, Canceled, Command, New, Replace
from exchange.sequencer import Sequenced

_UNKNOWN, _DUPLICATE, _OTHER = 1, 6, 99  # of tag 102
_FOR_CANCEL, _FOR_REPLACE = "1", "2"  # of tag 434


class Desk:
    """The application behind all sessions; `enter` hands in a command, and words that name it."""

    def __init__(
        self, accounts: Mapping[str, int], symbols: Iterable[str], *,
        enter: Callable[[Command, str], object], cancels_on_disconnect: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self.accounts = accounts  # by the client's CompID
        self.symbols = list(symbols)
        self.sessions: dict[int, Session] = {}
        self.tracker = Tracker(lambda account: account in self.sessions)
        self._cancels_on_disconnect = set(cancels_on_disconnect)
        self._enter = enter
        self._pending = Pending()
        self._to_enter: list[tuple[Command, str]] = []
        self._in_flight = Waiting()
        self._serve: dict[str, Callable[[Session, int, Message], bool]] = {
            tags.NEW_ORDER: self._new,
            tags.CANCEL: self._cancel,
            tags.REPLACE: self._replace,
            tags.STATUS: self._status,
            tags.MASS_CANCEL: self._mass_cancel,
        }

    def add(self, session: Session) -> None:
        """Serve `session`, whose CompID must have an account."""
        self.sessions[self._account(session)] = session

    def _account(self, session: Session) -> int:
        return self.accounts[session.identity.theirs]

    # What the sessions call.

    def logged_on(self, session: Session) -> None:
        """Do nothing: what they have missed, they will ask for."""

    def logged_out(self, session: Session) -> None:
        """Take the orders of a client who is gone out of the market, if that was agreed."""
        if session.identity.theirs not in self._cancels_on_disconnect:
            return
        account = self._account(session)
        working = {
            order.order.symbol
            for order in self.tracker.orders.values()
            if order.leaves and order.order.account == account
        }
        self._to_enter += [(CancelAll(account, symbol), "") for symbol in sorted(working)]

    def received(self, session: Session, message: Message) -> bool:
        """Serve `message`. Raises `BusinessReject`."""
        serve = self._serve.get(message.type)
        if serve is None:
            raise BusinessReject(BusinessReason.UNSUPPORTED_TYPE)
        account = self._account(session)
        check_account(message, account)
        return serve(session, account, message)

    # What the owner of the exchange calls.

    def release(self) -> None:
        """Hand in what was asked for; to be called once the requests are durable."""
        waiting, self._to_enter = self._to_enter, []
        for command, words in waiting:
            self._enter(command, words)

    def apply(self, results: Iterable[Sequenced], now_ns: int) -> None:
        """Tell the clients what the exchange has done."""
        for done in results:
            request = self._pending.match(done.command)
            naming = request.naming if request is not None else None
            for account, kind, body in self.tracker.apply(done, naming, now_ns):
                session = self.sessions[account]
                session.outbox.now_ns = now_ns
                session.outbox.send(kind, body, cause=done.sequence)
            if request is not None:
                self._came_back(request, done)
            if isinstance(done.command, Replace):
                self._correct(self.tracker.orders.get(done.command.order_id))

    def recover(self, history: Iterable[Sequenced], now_ns: int) -> None:
        """Learn all orders from the journal's `history`, and tell what was not told before a crash."""
        for session in self.sessions.values():
            for saved in session.log.requests.values():
                self._pending.add(Request.recalled(session, saved))
        told = {account: told_names(each.log) for account, each in self.sessions.items()}
        reported = {account: each.log.reported() for account, each in self.sessions.items()}
        for done in history:
            owner = getattr(done.command, "account", 0)
            naming = told.get(owner, {}).get(done.sequence)
            if naming is None and (request := self._pending.match(done.command)) is not None:
                naming = request.naming
            for account, kind, body in self.tracker.apply(done, naming, now_ns):
                session = self.sessions[account]
                if not reported[account].has(done.sequence):
                    session.outbox.now_ns = now_ns
                    session.outbox.send(kind, body, cause=done.sequence)
            if naming is not None:
                self.tracker.use_up(owner, naming.name, done.command)
        self._pending.clear()  # what is not in the journal will be asked for again
        self.correct()

    def correct(self) -> None:
        """Take back what replaces have asked for too much, when an earlier life was cut short."""
        for order in list(self.tracker.orders.values()):
            self._correct(order)

    def failed(self, command: Command, error: Exception) -> None:
        """Refuse a command that certainly did not happen."""
        request = self._pending.match(command)
        if request is not None and request.message is not None:
            wrong = BusinessReject(BusinessReason.NOT_AVAILABLE, str(error), request.naming.name)
            request.session.refuse(request.message, wrong)
            self._settle(request)

    # Orders.

    def _new(self, session: Session, account: int, message: Message) -> bool:
        wish = read_order(message, account)
        is_resent = message.is_set(tags.POSS_RESEND)
        is_duplicate = message.is_set(tags.POSS_DUP)
        if (is_resent or is_duplicate) and self._in_flight.joins(
            account, wish.client_id, session, message
        ):
            return False
        known = self.tracker.named(account, wish.client_id)
        what = entry(wish, known, is_duplicate=is_duplicate, is_resent=is_resent)
        if what is Entry.ENTER:
            self._hand_in(session, message, wish, Naming(wish.client_id))
            return False
        if what is Entry.ANSWER and known is not None:
            self._say_status(session, known, wish.client_id)
        return True

    def _cancel(self, session: Session, account: int, message: Message) -> bool:
        former = message.get(tags.ORIG_CL_ORD_ID)
        if self._in_flight.joins(account, former, session, message, own=read_name(message)):
            return False
        order = self._wanted(session, account, message, _FOR_CANCEL)
        if order is None:
            return True
        command = Cancel(account, order.order.symbol, order.number)
        self._hand_in(session, message, command, Naming(read_name(message), former))
        return False

    def _replace(self, session: Session, account: int, message: Message) -> bool:
        former = message.get(tags.ORIG_CL_ORD_ID)
        if self._in_flight.joins(account, former, session, message, own=read_name(message)):
            return False
        order = self._wanted(session, account, message, _FOR_REPLACE)
        if order is None:
            return True
        total = lots(message.get(tags.ORDER_QTY))
        if 0 < total <= order.filled:
            why = f"OrderQty {total}: {order.filled} are filled already; cancel the rest instead"
            self._refuse(session, message, order, _FOR_REPLACE, _OTHER, why)
            return True
        price = message.get(tags.PRICE)
        limit = ticks(price) if price else order.price or 0
        # The engine counts what is open, FIX what was ordered.
        wish = max(0, total - order.filled)
        command = Replace(account, order.order.symbol, order.number, wish, limit)
        self._hand_in(session, message, command, Naming(read_name(message), former, total))
        return False

    def _wanted(
        self, session: Session, account: int, message: Message, answers: str
    ) -> Working | None:
        """Return the order that a cancel or replace is about; None when it has been answered."""
        name, side = read_name(message), read_side(message)
        order = self.tracker.named(account, message.get(tags.ORIG_CL_ORD_ID))
        is_repeated = message.is_set(tags.POSS_DUP) or message.is_set(tags.POSS_RESEND)
        if (known := self.tracker.named(account, name)) is not None and is_repeated:
            if message.is_set(tags.POSS_RESEND):
                self._say_status(session, known, name)
        elif known is not None:
            self._refuse(session, message, order, answers, _DUPLICATE, "duplicate-client-id")
        elif order is None or (order.order.symbol, order.order.side) != (
            message.get(tags.SYMBOL),
            side,
        ):
            self._refuse(session, message, None, answers, _UNKNOWN, "unknown-order")
        else:
            return order
        return None

    def _status(self, session: Session, account: int, message: Message) -> bool:
        name = message.get(tags.CL_ORD_ID)
        if self._in_flight.joins(account, name, session, message):
            return False
        order = self.tracker.named(account, name)
        if order is not None:
            self._say_status(session, order)
        else:
            side = message.get(tags.SIDE)
            body = unknown_status(name, message.get(tags.SYMBOL), side)
            session.outbox.send(tags.EXECUTION_REPORT, body)
        return True

    def _mass_cancel(self, session: Session, account: int, message: Message) -> bool:
        symbols, why = read_mass(message, self.symbols)
        kind, name = message.get(tags.MASS_REQUEST), read_name(message)
        if why is not None:
            session.outbox.send(tags.MASS_REPORT, mass_report(name, kind, refused=why))
            return True
        mass, naming = Mass(kind, len(symbols)), Naming(name)
        for symbol in symbols:
            self._hand_in(session, message, CancelAll(account, symbol), naming, mass)
        return False

    # Answers that are not in the journal.

    def _say_status(self, session: Session, order: Working, asked: str = "") -> None:
        """Say how an order stands, under its own name; and which name was `asked` for, if another."""
        why = f"answer to {asked}" if asked not in ("", order.name) else ""
        body = report(order, Exec.STATUS, NO_EXECUTION, session.outbox.now_ns, why=why)
        session.outbox.send(tags.EXECUTION_REPORT, body)

    def _refuse(
        self, session: Session, message: Message, order: Working | None,
        answers: str, code: int, why: str,
    ) -> None:  # fmt: skip
        name, former = message.get(tags.CL_ORD_ID), message.get(tags.ORIG_CL_ORD_ID)
        body = cancel_rejection(order, name, former, answers=answers, code=code, why=why)
        session.outbox.send(tags.CANCEL_REJECT, body)

    # Requests on their way.

    def _hand_in(
        self, session: Session, message: Message, command: Command, naming: Naming,
        mass: Mass | None = None,
    ) -> None:  # fmt: skip
        """Enter `command` as soon as its name is durable; an order has its name in the command."""
        receipt = session.receipt(message)
        request = Request(session, command, naming, mass, message, receipt)
        self._pending.add(request)
        if not isinstance(command, New):
            session.log.note(message.number, request.remembered())
        self._in_flight.begin(self._account(session), naming.name)
        self._to_enter.append((command, "" if isinstance(command, New) else naming.said()))

    def _came_back(self, request: Request, done: Sequenced) -> None:
        mass = request.mass
        if mass is not None:
            mass.left -= 1
            mass.affected += sum(type(event) is Canceled for event in done.events)
            if mass.left:
                return
            body = mass_report(request.naming.name, mass.kind, affected=mass.affected)
            request.session.outbox.send(tags.MASS_REPORT, body, cause=done.sequence)
        account = self._account(request.session)
        self.tracker.use_up(account, request.naming.name, done.command)
        self._settle(request)

    def _settle(self, request: Request) -> None:
        request.session.settle(request.receipt)
        self._serve_waiting(self._account(request.session), request.naming.name)

    def _serve_waiting(self, account: int, name: str) -> None:
        for session, message in self._in_flight.end(account, name):
            self._serve_now(session, message)

    def _serve_now(self, session: Session, message: Message) -> None:
        """Serve a message that has waited for another's request."""
        try:
            is_settled = self.received(session, message)
        except BusinessReject as wrong:
            session.refuse(message, wrong)
            is_settled = True
        if is_settled:
            session.settle(session.receipt(message))
            self._serve_waiting(self._account(session), message.get(tags.CL_ORD_ID))

    def _correct(self, order: Working | None) -> None:
        wish = correction(order) if order is not None else None
        self._to_enter += [(wish, "")] if wish is not None else []
