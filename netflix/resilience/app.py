"""Chaos in a running service: edges that are killed by chance, and come back.

Page: docs/netflix/chaos.md
"""

import time
from collections.abc import Iterator
from typing import Any

from chapters.portal.parts import ask
from chapters.sim.chance import Chance

LIVES_S = 3.0  # an edge that was heard so lately lives


def rampage(url: str, *, kills: int, every_s: float, dead_s: float, seed: int) -> Iterator[str]:
    """Kill so many edges, one after the other, and revive each; yield a line for each step.

    Never the last one that lives. What was killed is revived even if this is stopped half-way.
    Raises `Unreachable` when no service is there.
    """
    rng, down = Chance(seed).stream("chaos"), ""
    try:
        for number in range(kills):
            alive = _alive(url)
            if len(alive) < 2:
                yield f"only {', '.join(alive) or 'nobody'} lives: nobody is killed this time"
            else:
                down = rng.choice(alive)
                _switch(url, down, up=False)
                others = ", ".join(name for name in alive if name != down)
                yield f"{number + 1} of {kills}: {down} is killed; {others} live"
                time.sleep(dead_s)
                _switch(url, down, up=True)
                down = ""
            if number + 1 < kills:
                time.sleep(max(0.0, every_s - dead_s))
    finally:
        if down:
            _switch(url, down, up=True)
    yield "all are back; what did the player show?"


def _alive(url: str) -> list[str]:
    edges: Any = ask(f"{url.rstrip('/')}/api/edges", None)
    return [each["name"] for each in edges if not each["is_down"] and each["age_s"] < LIVES_S]


def _switch(url: str, name: str, *, up: bool) -> None:
    ask(f"{url.rstrip('/')}/api/edges/{name}", {"up": up})
