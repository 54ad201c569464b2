"""All policies by name.

Page: docs/chapters/cache.md
"""

from collections.abc import Iterable, Mapping

from chapters.cache.arc import Arc
from chapters.cache.fifo import Fifo
from chapters.cache.lfu import Lfu
from chapters.cache.lru import Lru
from chapters.cache.policy import Key, Policy
from chapters.cache.s3fifo import S3Fifo
from chapters.cache.tinylfu import WTinyLfu
from chapters.errors import UsageError

POLICIES: Mapping[str, type[Policy]] = {
    "fifo": Fifo,
    "lru": Lru,
    "lfu": Lfu,
    "arc": Arc,
    "s3-fifo": S3Fifo,
    "w-tinylfu": WTinyLfu,
}


def named(name: str) -> type[Policy]:
    """Return the policy of that name. Raises `UsageError`."""
    if name not in POLICIES:
        raise UsageError(f"no policy {name!r}; there are {', '.join(POLICIES)}")
    return POLICIES[name]


def hit_ratio(policy: Policy, trace: Iterable[Key]) -> float:
    """Return the share of a trace's requests, all of size 1, that were hits; 0 for an empty one."""
    answers = [policy.request(key) for key in trace]
    return sum(answers) / len(answers) if answers else 0.0
