"""The running town: the one place where real time, threads, ports and folders are chosen.

Page: docs/zomato/serve.md
"""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from json import dumps, loads
from pathlib import Path
from random import Random

from flask import Flask

from chapters.portal import serving
from zomato import wire
from zomato.days import Days
from zomato.dispatch import files
from zomato.dispatch.day import Day
from zomato.dispatch.policies import policy as named
from zomato.live import Live
from zomato.scene.imagined import imagined

SETTINGS = "KIT_ZOMATO"
TICK_S = 0.1
STEP_S_MAX = 1.0  # of real time that passes at once: a machine that slept does not race


@dataclass(frozen=True, slots=True)
class Settings:
    """What the server's process is told, through the environment."""

    folder: str  # a published day; "" for imagined ones
    orders: int
    riders: int
    policy: str
    seed: int


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 9400,
    folder: Path | None = None,
    orders: int = 240,
    riders: int = 45,
    policy: str = "rolling",
    seed: int = 7,
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve a town with a map at `port`, until told to stop.

    Its days are imagined, with so many `orders` and `riders`, or the published one of `folder`.
    Raises `PortInUse`, `UsageError`, `BadFile`.
    """
    settings = Settings(str(folder.resolve()) if folder else "", orders, riders, policy, seed)
    day(settings, 0)  # what is wrong with it is said before anything is started
    os.environ[SETTINGS] = dumps(asdict(settings))
    serving.serve("zomato.app:web", host, port, on_ready=on_ready)


def day(settings: Settings, number: int) -> Day:
    """Return the day of that number. Raises `BadFile`, `UsageError`."""
    rng = Random(settings.seed + number)
    if settings.folder:
        instance = files.read(Path(settings.folder))
    else:
        instance = imagined(rng, orders=settings.orders, riders=settings.riders)
    return Day(instance, named(settings.policy, rng))


def web() -> Flask:
    """Return the application, with a thread that lets the time pass."""
    settings = Settings(**loads(os.environ[SETTINGS]))
    days = Days(lambda number: day(settings, number), threading.Lock(), Live(day(settings, 0)))

    def pass_time() -> None:
        last = time.monotonic()
        while True:
            time.sleep(TICK_S)
            now = time.monotonic()
            with days.turn:
                days.pass_s(min(now - last, STEP_S_MAX))
            last = now

    threading.Thread(target=pass_time, name="time", daemon=True).start()
    return wire.create(days)
