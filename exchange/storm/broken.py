"""Machines that are wrong: each makes one mistake that somebody has made in earnest.

They are there to test the test. An invariant that has never caught anything may be unable to; each of these
must be caught within a thousand rounds. Page: docs/exchange/standby.md
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from chapters.sim.disk import Disk
from exchange.orders import New
from exchange.sequencer import Sequenced
from exchange.standby import member
from exchange.standby.copies import Copies
from exchange.standby.giver import Giver
from exchange.standby.history import Place
from exchange.standby.journal import Journal
from exchange.standby.member import Member
from exchange.standby.messages import Append, Claim, Propose, Recorded
from exchange.standby.primary import Primary
from exchange.storm.trader import SYMBOL, Trader


@dataclass(frozen=True, slots=True)
class Broken:
    """A mistake in a sentence, and what is replaced to make it: (owner, name, replacement) each."""

    mistake: str
    patches: tuple[tuple[Any, str, Any], ...]


@contextmanager
def making(name: str) -> Iterator[None]:
    """Make this mistake for a while."""
    patches = BROKEN[name].patches
    right = [(owner, attribute, getattr(owner, attribute)) for owner, attribute, _ in patches]
    try:
        for owner, attribute, wrong in patches:
            setattr(owner, attribute, wrong)
        yield
    finally:
        for owner, attribute, value in right:
            setattr(owner, attribute, value)


def _own_disk_is_enough(self: Copies) -> int:
    self.committed = max(self.committed, self.held(self.own))
    return self.committed


_propose = Primary._propose


def _drop_untold(self: Primary, disks: frozenset[str]) -> None:
    if disks < self.copies.recorded:
        self.copies.recorded = disks
    else:
        _propose(self, disks)


def _any_disk(self: Giver, claim: Claim) -> str:
    return ""


_append = Member._append


def _confirm_to_anybody(self: Member, source: str, message: Append) -> None:
    before, self.epoch = self.epoch, min(self.epoch, message.epoch)
    _append(self, source, message)
    self.epoch = max(before, self.epoch)


def _take_any_proposal(self: Giver, wish: Propose) -> Recorded:
    self._keep(Recorded(wish.epoch, wish.version, wish.disks))
    return self._record


def _keep_the_tail(self: Journal, previous: Place, payloads: Sequence[bytes]) -> int:
    up_to = previous.sequence + len(payloads)
    if self.last < up_to:
        self.append(payloads[self.last - previous.sequence :])
        self.sync()
    return up_to


def _sync_next_time(self: Journal, previous: Place, payloads: Sequence[bytes]) -> int:
    self.sync()
    sync, self.sync = self.sync, lambda: 0  # type: ignore[method-assign]
    try:
        return _take(self, previous, payloads)
    finally:
        self.sync = sync  # type: ignore[method-assign]


_take = Journal.take


def _cut_what_is_behind(self: Journal, previous: Place, payloads: Sequence[bytes]) -> int:
    if previous.sequence < self.last:
        self.cut(max(previous.sequence, self.applied) + 1)
        payloads = payloads[max(self.last - previous.sequence, 0) :]
        previous = self.end
    return _take(self, previous, payloads)


def _begin_unwritten(self: Primary, suspects: Any = ()) -> None:
    _propose(self, self.copies.recorded - set(suspects))
    self._beat()


def _count_whoever_is_there(self: Copies, disk: str) -> bool:
    return True


def _apply_all(self: Member, source: str, message: Append) -> None:
    _append(self, source, replace(message, committed=self.journal.last + len(message.payloads)))


def _lose_a_stop(self: Member, up_to: int) -> list[Sequenced]:
    found = _apply(self, up_to)
    stops = self.replica.engine.markets[SYMBOL].stops
    if self.primary is None and stops.orders:
        stops.remove(min(stops.orders.values(), key=lambda order: order.id))
    return found


def _forget_a_name(self: Member, up_to: int) -> list[Sequenced]:
    found = _apply(self, up_to)
    if self.primary is None and found and isinstance(wish := found[-1].command, New):
        self.replica.engine.client_ids.get(wish.account, {}).pop(wish.client_id, None)
    return found


_apply = Member._apply


def _the_machines_name(disk: Disk, machine: str, rng: Random) -> str:
    return machine


_ask = Trader._ask


def _under_a_new_name(self: Trader) -> None:
    if self.left and not self._is_first:
        self.left[0] = self.left[0]._replace(client_id=f"{self.left[0].client_id}+")
    _ask(self)


def _one(owner: Any, name: str, wrong: Callable[..., Any]) -> tuple[tuple[Any, str, Any], ...]:
    return ((owner, name, wrong),)


BROKEN: dict[str, Broken] = {
    "own-disk": Broken(
        "an order is acknowledged once it is on the primary's disk",
        _one(Copies, "_advance", _own_disk_is_enough),
    ),
    "drops-untold": Broken(
        "a silent standby is dropped, and the giver does not hear of it",
        _one(Primary, "_propose", _drop_untold),
    ),
    "any-disk": Broken(
        "whoever asks first is primary, whatever is on its disk", _one(Giver, "_why_not", _any_disk)
    ),
    "no-fence": Broken(
        "a standby confirms to any primary, and the giver records what any says",
        (
            (Member, "_append", _confirm_to_anybody),
            (Giver, "_proposed", _take_any_proposal),
        ),
    ),
    "keeps-tail": Broken(
        "an old primary keeps what it wrote and nobody confirmed",
        _one(Journal, "take", _keep_the_tail),
    ),
    "confirms-unsynced": Broken(
        "a standby confirms what is not on its disk yet", _one(Journal, "take", _sync_next_time)
    ),
    "cuts-late": Broken(
        "a message that comes late cuts off what came after it",
        _one(Journal, "take", _cut_what_is_behind),
    ),
    "unwritten": Broken(
        "an epoch begins without a record of it", _one(Primary, "begin", _begin_unwritten)
    ),
    "counts-early": Broken(
        "a standby counts as soon as it is heard of",
        _one(Copies, "may_join", _count_whoever_is_there),
    ),
    "applies-all": Broken(
        "a standby applies what is not committed", _one(Member, "_append", _apply_all)
    ),
    "loses-stops": Broken(
        "a standby loses stop orders that wait beside its book",
        _one(Member, "_apply", _lose_a_stop),
    ),
    "forgets-names": Broken(
        "a standby forgets under which client id an order was entered",
        _one(Member, "_apply", _forget_a_name),
    ),
    "same-name": Broken(
        "a machine with an empty disk is taken for what it was",
        _one(member, "identity", _the_machines_name),
    ),
    "new-name": Broken(
        "a client sends its order again under another id", _one(Trader, "_ask", _under_a_new_name)
    ),
}
