"""The three ways to dispatch, by name.

Page: docs/zomato/dispatch.md
"""

from random import Random

from chapters.errors import UsageError
from zomato.dispatch.day import Policy
from zomato.dispatch.greedy import Greedy
from zomato.dispatch.matching import Matching
from zomato.dispatch.rolling import Rolling

NAMES = ("greedy", "matching", "rolling")


def policy(name: str, rng: Random) -> Policy:
    """Return the policy of that name. Raises `UsageError`."""
    match name:
        case "greedy":
            return Greedy()
        case "matching":
            return Matching()
        case "rolling":
            return Rolling(rng=rng)
    raise UsageError(f"there is no policy {name!r}; there are {', '.join(NAMES)}")
