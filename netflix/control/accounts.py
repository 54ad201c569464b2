"""Who pays for what: plans, accounts, and the people behind one account.

Page: docs/netflix/play.md
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NewType

from netflix.catalogue import Profile

AccountId = NewType("AccountId", str)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an account has bought: how many screens at once, and how sharp."""

    name: str
    streams: int
    height_max: int  # pixels


@dataclass(frozen=True, slots=True)
class Account:
    """One who pays. Each profile has the highest age rating that it may watch."""

    id: AccountId
    plan: Plan
    territory: str  # ISO 3166, two letters
    profiles: Mapping[Profile, int]


BASIC = Plan("Basic", 1, 240)
STANDARD = Plan("Standard", 2, 1080)
PREMIUM = Plan("Premium", 4, 2160)

ACCOUNTS = tuple(
    Account(AccountId(name), plan, territory, {Profile(who): age for who, age in profiles.items()})
    for name, plan, territory, profiles in (
        ("hopper", STANDARD, "US", {"grace": 18, "vincent": 18, "kid": 6}),
        ("lovelace", PREMIUM, "GB", {"ada": 18}),
        ("turing", BASIC, "GB", {"alan": 18}),
    )
)


def account_of(profile: str) -> Account | None:
    """Return the account that a profile belongs to, or None."""
    return next((each for each in ACCOUNTS if profile in each.profiles), None)
