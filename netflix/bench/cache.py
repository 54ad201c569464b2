"""The cache policies beside those of libcachesim: hit ratios, and requests a second.

Both replay the same requests from memory. The library is called once a request, as its Python interface has
it: the ratio is about replaying from Python, not about its C++. Page: docs/chapters/cache.md
"""

import lzma
from array import array
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from chapters.cache.policies import POLICIES
from chapters.cache.story import zipf
from chapters.measure.findings import Figure, Finding, Missing
from chapters.measure.ratio import compare
from chapters.sim.chance import Chance
from netflix.abr.reference import folder

PEER = "libcachesim"
PEERS = {
    "fifo": "FIFO",
    "lru": "LRU",
    "lfu": "LFU",
    "arc": "ARC",
    "s3-fifo": "S3FIFO",
    "w-tinylfu": "WTinyLFU",
}
SHARES = (0.01, 0.1)  # of all keys that fit
APART = 0.005  # hit ratios, at most
TRACES = ("web07", "web12")
KEYS, REQUESTS = 20_000, 200_000


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield the greatest difference of each policy's hit ratio, and the ratio of speeds."""
    if find_spec(PEER) is None:
        yield Missing("cache policies beside libcachesim", f"pip install {PEER}")
        return
    traces = dict(_traces())
    for policy in POLICIES:
        on_progress(f"cache policy {policy}")
        apart = [_apart(policy, trace, share) for trace in traces.values() for share in SHARES]
        worst = max(apart, key=abs)
        name = f"{policy}'s hit ratio less {PEER}'s, the worst of {len(apart)}"
        yield Figure(name, worst, most=APART, least=-APART)
    trace = traces["zipf"][: 20_000 if quick else REQUESTS]
    for policy in ("lru", "s3-fifo"):
        yield compare(
            lambda policy=policy: _ours(policy, trace, KEYS // 10),  # type: ignore[misc]
            lambda policy=policy: _theirs(policy, trace, KEYS // 10),  # type: ignore[misc]
            rounds=1 if quick else 5,
            names=(f"{policy}, replayed in Python", f"{PEER}'s"),
        )


def _traces() -> Iterator[tuple[str, Sequence[int]]]:
    yield "zipf", zipf(Chance(1).stream("trace"), KEYS, REQUESTS)
    data = folder()
    for name in TRACES:
        path = data / "cache" / f"{name}.trace.xz" if data else None
        if path and path.is_file():
            keys = array("i", lzma.decompress(path.read_bytes()))
            keys.byteswap()
            yield name, keys.tolist()


def _apart(policy: str, trace: Sequence[int], share: float) -> float:
    capacity = max(1, int(len(set(trace)) * share))
    return (_ours(policy, trace, capacity) - _theirs(policy, trace, capacity)) / len(trace)


def _ours(policy: str, trace: Sequence[int], capacity: int) -> int:
    cache = POLICIES[policy](capacity)
    return sum(map(cache.request, trace))


def _theirs(policy: str, trace: Sequence[int], capacity: int) -> int:
    library: Any = import_module(PEER)
    cache, request = getattr(library, PEERS[policy])(capacity), library.Request()
    request.obj_size = 1
    hits = 0
    for key in trace:
        request.obj_id = key
        hits += cache.get(request)
    return hits
