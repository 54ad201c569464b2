"""The same month, paid in two ways, and booked.

Page: docs/spotify/royalties.md
"""

from chapters.errors import UsageError
from chapters.ledger import MICRO, Ledger, spell
from chapters.sim.chance import Chance
from chapters.sim.clock import VirtualClock
from chapters.sim.errors import at_least
from spotify.royalties.books import pay
from spotify.royalties.imagined import MACHINE, NICHE, STARS, month
from spotify.royalties.shares import WAYS

TITLE = "Royalties: one pot, or a pot for each listener"


def demo(*, seed: int = 7, pool: int = 10_000, way: str = "user-centric") -> None:
    """Divide a month's pool in both ways, and book one of them."""
    at_least(1, pool=pool)
    if way not in WAYS:
        raise UsageError(f"no way {way!r}; there are {', '.join(WAYS)}")
    plays = month(Chance(seed).stream("month"))
    micro = pool * MICRO
    shares = {name: divide(micro, plays) for name, divide in WAYS.items()}
    heard = {who: sum(own.get(who, 0) for own in plays.values()) for who in shares["pro-rata"]}
    print(f"{len(plays):,} listeners, {sum(heard.values()):,} plays, a pool of {pool:,}\n")
    print(f"  {'':22} {'plays':>9}   {'pro-rata':>15}   {'user-centric':>15}")
    for who in (STARS, NICHE, MACHINE):
        cells = "   ".join(f"{spell(own[who]):>15}" for own in shares.values())
        print(f"  {who:22} {heard[who]:9,}   {cells}")
    others = [who for who in heard if who.startswith("artist")]
    cells = "   ".join(f"{spell(sum(own[who] for who in others)):>15}" for own in shares.values())
    print(f"  {f'{len(others)} others':22} {sum(heard[who] for who in others):9,}   {cells}")
    sums = "   ".join(f"{spell(sum(own.values())):>15}" for own in shares.values())
    print(f"  {'together':22} {'':9}   {sums}\n")
    ledger = Ledger(clock=VirtualClock())
    pay(ledger, "2026-01", micro, shares[way])
    ledger.check()
    left, owed = spell(ledger.balance("pool 2026-01")), spell(ledger.balance(STARS))
    print(f"booked {way}: {len(shares[way])} payees, the pool is at {left}, {STARS} has {owed};")
    print("all balances sum to 0")
