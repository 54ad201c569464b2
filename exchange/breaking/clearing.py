"""The clearing house killed after every write, and sellers and buyers who do not come up with their side.

Page: docs/exchange/settlement.md
"""

from collections.abc import Iterable

from chapters.ledger import Entry, Ledger, Leg, open_ledger, spell
from chapters.sim import Chance, Crashed, Outcome, SimDisk, Verdict, VirtualClock
from chapters.sim.errors import at_least
from exchange.clearing import accounts
from exchange.clearing.accounts import shares_of
from exchange.clearing.fails import Terms
from exchange.clearing.netting import HOUSE
from exchange.clearing.settlement import BOUGHT_IN, DELIVERED
from exchange.clearing.story import SYMBOL, TRADED, settle

Books = tuple[list[Entry], dict[str, int]]


def clearing_crash(*, seed: int = 7) -> Outcome:
    """Cut the power after each single write of five days of clearing, come back, and go on."""
    undisturbed, writes = _until_the_end(seed)
    different = uncounted = again = 0
    for cut in range(writes):
        disk = SimDisk(rng=Chance(seed).stream(f"disk/{cut}"))
        disk.crash_after(cut)
        try:
            _settle_all(disk)
        except Crashed:
            again += 1
        disk.crash()
        ledger = _settle_all(disk)
        different += _books(ledger) != undisturbed
        uncounted += accounts.inside(ledger) != accounts.outside(ledger)
    entries, _ = undisturbed
    return Outcome(
        title=f"a clearing house killed at each of its {writes} writes",
        verdicts=(
            Verdict(
                "nothing is done twice, and nothing left out",
                not different,
                f"{writes - different} of {writes} books are those of a house never killed",
            ),
            Verdict(
                "no share and no money is made or lost", not uncounted, f"{uncounted} do not add up"
            ),
        ),
        lines=(
            f"{again} deaths; {len(entries)} entries: deposits, fees, margins, deliveries, fines, "
            "buying in",
        ),
        next_commands=("kit run exchange/clearing", "kit break exchange settlement-fail"),
        replay=f"kit break exchange clearing-crash --seed {seed}",
    )


def _settle_all(disk: SimDisk) -> Ledger:
    ledger = open_ledger(clock=VirtualClock(), disk=disk)
    for house, _ in settle(ledger):
        house.check()
    return ledger


def _until_the_end(seed: int) -> tuple[Books, int]:
    disk = SimDisk(rng=Chance(seed).stream("disk"))
    ledger = _settle_all(disk)
    return _books(ledger), disk.operations


def _books(ledger: Ledger) -> Books:
    return [each.entry for each in ledger.postings()], ledger.balances()


def settlement_fail(*, buy_in: int = 3) -> Outcome:
    """Settle a day on which one seller has no shares, and one buyer no money.

    `buy_in`: after so many business days; the story ends three days after the first.
    """
    at_least(0, buy_in=buy_in)
    ledger = Ledger(clock=VirtualClock())
    lowest = 0
    days = []
    for _, lines in settle(ledger, Terms(buy_in_days=buy_in)):
        lowest = min(lowest, ledger.balance(shares_of(HOUSE, SYMBOL)))
        days.append(lines)
    alone = [entry.id for entry in _handed_over(ledger) if not _is_both(entry)]
    late = sum(line.left for line in days[0])
    fined = sum(line.fine for lines in days for line in lines)
    left = sum(line.left for line in days[-1])
    return Outcome(
        title="a seller without shares, a buyer without money",
        verdicts=(
            Verdict(
                "shares and money move together, or not at all",
                not alone,
                f"{sum(1 for _ in _handed_over(ledger))} entries, {len(alone)} with one side only",
            ),
            Verdict(
                "the house never delivers what it has not", lowest >= 0, f"lowest {lowest} lots"
            ),
            Verdict(
                "who is late pays for it", fined > 0, f"{late} lots late, {spell(fined)} of fines"
            ),
            Verdict("who waits is served in the end", not left, f"{left} lots open"),
            Verdict(
                "no share and no money is made or lost",
                accounts.inside(ledger) == accounts.outside(ledger),
                f"traded on {TRADED}, {len(days)} days",
            ),
        ),
        lines=("the shares that were there went to those who had waited longest",),
        next_commands=("kit run exchange/clearing --fine 10", "kit run exchange/day"),
        replay=f"kit break exchange settlement-fail --buy-in {buy_in}",
    )


def _handed_over(ledger: Ledger) -> Iterable[Entry]:
    for each in ledger.postings():
        if each.entry.id.startswith((DELIVERED, BOUGHT_IN)):
            yield each.entry


def _is_both(entry: Entry) -> bool:
    """Return whether shares go one way and money the other: for each side, from somebody to somebody."""
    shares = [leg for leg in entry.legs if "/shares/" in leg.account]
    money = [leg for leg in entry.legs if leg not in shares]
    return all(_moves(each) for each in (shares, money))


def _moves(legs: list[Leg]) -> bool:
    return len(legs) >= 2 and not sum(leg.amount for leg in legs)
