"""Machines that are wrong: each makes one mistake that somebody has made in earnest.

They are there to test the test. An invariant that has never caught anything may be unable to; each of these
must be caught within a thousand rounds. Page: docs/exchange/standby.md
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from chapters.sim.disk import Disk
from chapters.sim.mistakes import Mistake, Patch
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


BROKEN: dict[str, Mistake] = {
    "own-disk": Mistake(
        "an order is acknowledged once it is on the primary's disk",
        [Patch(Copies, "_advance", _own_disk_is_enough)],
    ),
    "drops-untold": Mistake(
        "a silent standby is dropped, and the giver does not hear of it",
        [Patch(Primary, "_propose", _drop_untold)],
    ),
    "any-disk": Mistake(
        "whoever asks first is primary, whatever is on its disk",
        [Patch(Giver, "_why_not", _any_disk)],
    ),
    "no-fence": Mistake(
        "a standby confirms to any primary, and the giver records what any says",
        [
            Patch(Member, "_append", _confirm_to_anybody),
            Patch(Giver, "_proposed", _take_any_proposal),
        ],
    ),
    "keeps-tail": Mistake(
        "an old primary keeps what it wrote and nobody confirmed",
        [Patch(Journal, "take", _keep_the_tail)],
    ),
    "confirms-unsynced": Mistake(
        "a standby confirms what is not on its disk yet", [Patch(Journal, "take", _sync_next_time)]
    ),
    "cuts-late": Mistake(
        "a message that comes late cuts off what came after it",
        [Patch(Journal, "take", _cut_what_is_behind)],
    ),
    "unwritten": Mistake(
        "an epoch begins without a record of it", [Patch(Primary, "begin", _begin_unwritten)]
    ),
    "counts-early": Mistake(
        "a standby counts as soon as it is heard of",
        [Patch(Copies, "may_join", _count_whoever_is_there)],
    ),
    "applies-all": Mistake(
        "a standby applies what is not committed", [Patch(Member, "_append", _apply_all)]
    ),
    "loses-stops": Mistake(
        "a standby loses stop orders that wait beside its book",
        [Patch(Member, "_apply", _lose_a_stop)],
    ),
    "forgets-names": Mistake(
        "a standby forgets under which client id an order was entered",
        [Patch(Member, "_apply", _forget_a_name)],
    ),
    "same-name": Mistake(
        "a machine with an empty disk is taken for what it was",
        [Patch(member, "identity", _the_machines_name)],
    ),
    "new-name": Mistake(
        "a client sends its order again under another id",
        [Patch(Trader, "_ask", _under_a_new_name)],
    ),
}
