"""Ten thousand who follow an order each: what one gateway costs, and what is lost when it is killed.

Page: docs/zomato/speed.md
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec

from chapters.errors import Indefinite
from chapters.measure.findings import Figure, Finding, Missing

SESSIONS, PEER_SESSIONS, ROUNDS = 10_000, 2_000, 12
QUICK = 20  # times fewer
KB_MOST = 8
LIGHTER_LEAST = 3
RUN_S_MAX = 180


class GaveUp(Indefinite):
    """The crowd could not do what it was to do."""


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield memory a session, messages a CPU-second, and changes lost."""
    size = QUICK if quick else 1
    on_progress(f"{SESSIONS // size:,} sessions at one gateway")
    try:
        found = _crowd(SESSIONS // size)
        yield from _ours(found, SESSIONS // size)
        if not find_spec("gevent"):
            yield Missing("tracking beside Flask on gevent", "pip install gevent")
            return
        on_progress(f"{PEER_SESSIONS // size:,} sessions at Flask on gevent")
        peer = _crowd(PEER_SESSIONS // size, "peer")
    except GaveUp as error:
        yield Missing("tracking", str(error))
        return
    name = "tracking, Flask on gevent"
    lighter = peer["session_bytes"] / found["session_bytes"]
    yield Figure(f"{name}: memory a session, times ours", lighter, least=LIGHTER_LEAST)
    yield Figure(f"{name}: CPU a message, times ours", _cpu_s(peer) / _cpu_s(found))


def _ours(found: dict[str, float], wanted: int) -> Iterator[Finding]:
    if found["sessions"] < wanted:
        yield Missing(f"tracking: {wanted:,} sessions", "raise the limit of open files (ulimit -n)")
    name = f"tracking: {found['sessions']:,} sessions"
    yield Figure(f"{name}, each with its order", found["session_bytes"] / 1024, "KB", most=KB_MOST)
    yield Figure(f"{name}, when all have been told", found["busy_bytes"] / 1024, "KB", most=KB_MOST)
    yield Figure("tracking: messages a CPU-second", 1 / _cpu_s(found))
    changes = f"tracking: of {found['changes']:,} changes"
    yield Figure(f"{changes}, lost when the gateway was killed", found["lost"], most=0)
    yield Figure(f"{changes}, told twice", found["twice"], most=0)


def _cpu_s(found: dict[str, float]) -> float:
    """CPU time of the gateway for each message."""
    return found["cpu_s"] / found["sent"]


def _crowd(sessions: int, *which: str) -> dict[str, float]:
    """Return what the crowd found out. Raises `GaveUp`."""
    command = [sys.executable, "-m", "zomato.bench.wire", str(sessions), str(ROUNDS), *which]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=RUN_S_MAX
        )
    except subprocess.TimeoutExpired:
        raise GaveUp(
            f"the crowd was not done in {RUN_S_MAX} s; try again on a quiet machine"
        ) from None
    if done.returncode:
        raise GaveUp(f"the crowd gave up: {' '.join(done.stderr.strip().splitlines()[-1:])}")
    found: dict[str, float] = json.loads(done.stdout)
    return found
