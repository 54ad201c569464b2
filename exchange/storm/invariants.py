"""What must be true whatever happens to the machines: some of it at every step, the rest when all is quiet.

    1  an acknowledged order has one number, and one place in the history, for ever
    2  all machines that apply a record get the same state from it
    3  nobody acknowledges, in an earlier epoch, a record behind the one with which a later epoch began
    4  the market's time never goes back
    5  in the end every order is answered, is in the history once, and all machines have one state
    6  no machine stops, and none raises what is not its disk's fault

Page: docs/exchange/standby.md
"""

from collections.abc import Iterable

from exchange.orders import New
from exchange.sequencer import Sequenced
from exchange.standby.member import Member
from exchange.standby.messages import Done


class Watch:
    """Sees every acknowledgement and everything that is applied; `broken` is what was wrong."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self.acknowledged: dict[tuple[int, str], Done] = {}
        self._hashes: dict[int, bytes] = {}  # by sequence: what the first machine there got
        self._times: dict[str, int] = {}
        self._begun: dict[int, int] = {}  # epoch → its first record, as far as it is acknowledged

    def done(self, order: New, answer: Done) -> None:
        """Look at an acknowledgement that a client has heard."""
        self.acknowledged[order.account, order.client_id] = answer

    def said(self, member: Member, answer: Done) -> None:
        """Look at an acknowledgement as it leaves the machine."""
        if not answer.order_id:
            return
        for mark in member.journal.history.marks:
            if mark.first <= answer.sequence:
                self._begun.setdefault(mark.epoch, mark.first)
        later = [first for epoch, first in self._begun.items() if epoch > answer.epoch]
        if any(first <= answer.sequence for first in later):
            self.broken.append(
                f"3: {member.name} acknowledges record {answer.sequence} in epoch {answer.epoch}, "
                f"when epoch {max(self._begun)} had begun at {min(later)}"
            )

    def applied(self, member: Member, done: Sequenced) -> None:
        """Look at what a machine has applied."""
        ours = member.replica.state_hash
        theirs = self._hashes.setdefault(done.sequence, ours)
        if ours != theirs:
            self.broken.append(f"2: {member.name} has another state after record {done.sequence}")
        now_ns = member.replica.engine.now_ns
        if now_ns < self._times.get(member.name, 0):
            self.broken.append(f"4: time went back on {member.name} at record {done.sequence}")
        self._times[member.name] = now_ns

    @property
    def time_ns(self) -> int:
        """The market's latest time, on any machine."""
        return max(self._times.values(), default=0)

    def forget(self, name: str) -> None:
        """A machine starts again, and goes through the history once more."""
        self._times.pop(name, None)

    def at_the_end(self, members: Iterable[Member], wanted: int, left: int) -> None:
        """Look at all machines when the weather is over and nobody asks any more."""
        members = list(members)
        self.broken += [f"6: {member.stopped}" for member in members if member.stopped]
        if left:
            self.broken.append(f"5: {left} of {wanted} orders were never acknowledged")
        states = {(each.replica.sequence, each.replica.state_hash) for each in members}
        if len(states) > 1:
            self.broken.append(f"5: the machines end in {len(states)} states")
        for member in members:  # whichever of them goes on, its history is the market's
            self._compare(member)
        entered = max(each.replica.engine.last_order_id for each in members)
        if entered > wanted:
            self.broken.append(f"5: {entered} orders entered, {wanted} were wanted")

    def _compare(self, member: Member) -> None:
        """Hold what was acknowledged against what a machine knows."""
        for (account, client_id), answer in self.acknowledged.items():
            found = member.replica.engine.order_id(account, client_id)
            if found != answer.order_id:
                self.broken.append(
                    f"1: order {client_id} of {account} was acknowledged as {answer.order_id}, "
                    f"and is {found or 'lost'} on {member.name}"
                )
