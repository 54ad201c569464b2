"""A month that is paid out on a disk that crashes, and a machine that wants its part of it.

Page: docs/spotify/royalties.md
"""

from chapters.ledger import MICRO, Ledger, open_ledger
from chapters.sim.chance import Chance
from chapters.sim.clock import VirtualClock
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed, at_least
from chapters.sim.promises import Outcome, Verdict
from spotify.royalties.books import SUBSCRIBERS, pay
from spotify.royalties.imagined import LISTENERS, MACHINE, month
from spotify.royalties.shares import pro_rata, user_centric

MONTHS = ("2026-01", "2026-02", "2026-03")


def payout_crash(*, seed: int = 7, pool: int = 10_000, crashes: int = 200) -> Outcome:
    """Pay three months, crash after every few writes, open the books again, and go on."""
    at_least(1, pool=pool, crashes=crashes)
    chance, clock, happened = Chance(seed), VirtualClock(), 0
    rng, disk = chance.stream("crashes"), SimDisk(rng=chance.stream("disk"))
    micro = pool * MICRO + 1  # a millionth more than can be divided evenly
    shares = {each: user_centric(micro, month(chance.stream(each))) for each in MONTHS}
    oracle: dict[str, int] = {}
    for own in shares.values():
        for payee, amount in own.items():
            oracle[payee] = oracle.get(payee, 0) + amount
    ledger: Ledger | None = None
    while ledger is None:
        if happened < crashes:
            disk.crash_after(rng.randrange(1, 40))
        try:
            books = open_ledger(clock=clock, disk=disk)
            for each in MONTHS:
                pay(books, each, micro, shares[each])
            ledger = books
        except Crashed:
            happened += 1
            disk.crash()
    ledger.check()
    paid = {payee: ledger.balance(payee) for payee in oracle}
    left = sum(ledger.balance(f"pool {each}") for each in MONTHS)
    return Outcome(
        title=f"{len(MONTHS)} months are paid to {len(oracle)} payees, with {happened} crashes",
        verdicts=(
            Verdict(
                "everybody has what they would have had",
                paid == oracle,
                f"{sum(paid.values()):,} millionths",
            ),
            Verdict("each pool was paid out to the last millionth", left == 0, f"{left} left"),
            Verdict(
                "nothing was made and nothing lost",
                ledger.balance(SUBSCRIBERS) == -len(MONTHS) * micro,
                f"{-ledger.balance(SUBSCRIBERS):,} came in",
            ),
        ),
        lines=(
            "a month is paid again from the start after a crash; its entries have the same ids",
        ),
        next_commands=("kit run spotify/royalties", "kit start ledger/double-entry"),
        replay=f"kit break spotify payout-crash --pool {pool} --crashes {crashes} --seed {seed}",
    )


def bot_farm(*, seed: int = 7, pool: int = 10_000) -> Outcome:
    """Let one account play one song day and night, and see what it gets, both ways."""
    at_least(1, pool=pool)
    micro = pool * MICRO
    plays = month(Chance(seed).stream("month"))
    gets = {way.__name__: way(micro, plays)[MACHINE] for way in (pro_rata, user_centric)}
    fair = micro // len(plays)
    return Outcome(
        title=f"one of {LISTENERS:,} accounts plays one song all month",
        verdicts=(
            Verdict(
                "it can give away no more than its own fee, with a pot for each listener",
                gets["user_centric"] <= fair + 1,
                f"{gets['user_centric'] / micro:.2%} of the pool",
            ),
        ),
        lines=(
            f"out of one pot it takes {gets['pro_rata'] / micro:.1%}, {gets['pro_rata'] // fair} fees",
        ),
        next_commands=("kit run spotify/royalties", "kit start spotify/user-centric"),
        replay=f"kit break spotify bot-farm --pool {pool} --seed {seed}",
    )
