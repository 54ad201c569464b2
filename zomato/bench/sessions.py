"""Ten thousand who follow an order each: what one gateway costs, and what is lost when it is killed.

Page: docs/zomato/speed.md
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator

from chapters.measure.findings import Figure, Finding, Missing

SESSIONS, ROUNDS = 10_000, 12
QUICK = 20  # times fewer
KB_MOST = 8
RUN_S_MAX = 180


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield memory a session, messages a CPU-second, and changes lost."""
    wanted = SESSIONS // QUICK if quick else SESSIONS
    on_progress(f"{wanted:,} sessions at one gateway")
    command = [sys.executable, "-m", "zomato.bench.wire", str(wanted), str(ROUNDS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=RUN_S_MAX)
    if done.returncode:
        yield Missing("tracking", f"the crowd gave up: {done.stderr.strip().splitlines()[-1:]}")
        return
    found = json.loads(done.stdout)
    if found["sessions"] < wanted:
        yield Missing(f"tracking: {wanted:,} sessions", "raise the limit of open files (ulimit -n)")
    name = f"tracking: {found['sessions']:,} sessions"
    yield Figure(f"{name}, each with its order", found["session_bytes"] / 1024, "KB", most=KB_MOST)
    yield Figure(f"{name}, when all have been told", found["busy_bytes"] / 1024, "KB", most=KB_MOST)
    yield Figure("tracking: messages a CPU-second", found["sent"] / found["cpu_s"])
    yield Figure(
        f"tracking: of {found['changes']:,} changes lost, gateway killed", found["lost"], most=0
    )
    yield Figure("tracking: changes that came twice", found["twice"], most=0)
