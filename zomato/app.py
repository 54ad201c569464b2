"""The running town: the one place where real time, threads, ports and folders are chosen.

Page: docs/zomato/serve.md
"""

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from pathlib import Path
from random import Random

import numpy
from flask import Flask

from chapters.portal import parts, serving
from chapters.portal.lifetime import end_with_parent
from chapters.sim.chance import Chance
from chapters.transaction import chosen_address, open_database
from zomato import wire
from zomato.days import Days
from zomato.dispatch import files
from zomato.dispatch.day import Day
from zomato.dispatch.policies import policy as named
from zomato.live import Live
from zomato.ordering.tables import tables
from zomato.recs.customers import world
from zomato.recs.desk import Desk, desk
from zomato.scene.imagined import imagined
from zomato.scene.paved import paved
from zomato.town.menus import Menus
from zomato.town.shop import Shop
from zomato.tracking.app import Outlet, gateway

SETTINGS = "KIT_ZOMATO"
NEIGHBOURS_EVERY = 4  # of the orders of a made-up day, one in so many has a bill
TICK_S = 0.1
TELL_TICKS = 3  # from one telling of orders to the next
STEP_S_MAX = 1.0  # of real time that passes at once: a machine that slept does not race


@dataclass(frozen=True, slots=True)
class Settings:
    """What the server's processes are told, through the environment."""

    folder: str  # a published day; "" for imagined ones
    orders: int
    riders: int
    policy: str
    seed: int
    host: str = "127.0.0.1"
    port: int = 0  # the page's; the gateway for those who follow an order has the next one
    town: str = ""  # the socket at which gateways hear the town; "" for none


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
    """Serve a town with a map at `port`, and who follows an order at `port + 1`, until told to stop.

    Its days are imagined, with so many `orders` and `riders`, or the published one of `folder`.
    Raises `PortInUse`, `UsageError`, `BadFile`, `BadAddress`.
    """
    place = str(folder.resolve()) if folder else ""
    day(Settings(place, orders, riders, policy, seed), 0)  # what is wrong is said before all else
    open_database(chosen_address(), tables).close()
    serving.must_be_free(host, port, ports=2)
    with tempfile.TemporaryDirectory(prefix="kit-zomato-") as temporary:
        town = f"{temporary}/town"
        settings = Settings(place, orders, riders, policy, seed, host, port, town)
        parts.tell(SETTINGS, settings)
        beside = [(sys.executable, "-m", "chapters.cli", "zomato", "track")]
        ready = parts.when_up([f"http://{host}:{port + 1}"], on_ready)
        serving.serve("zomato.app:web", host, port, beside=beside, on_ready=ready)


def track() -> None:
    """Be the gateway of `kit serve zomato`, for as long as its parent lives."""
    end_with_parent()
    settings = parts.told(SETTINGS, Settings, "kit serve zomato")
    gateway(settings.host, settings.port + 1, page_port=settings.port, town=settings.town)


def day(settings: Settings, number: int) -> Day:
    """Return the day of that number. Raises `BadFile`, `UsageError`."""
    rng = Random(settings.seed + number)
    if settings.folder:
        instance = files.read(Path(settings.folder))
    else:
        instance = imagined(rng, orders=settings.orders, riders=settings.riders)
        instance = replace(instance, travel=paved(rng, instance))
    return Day(instance, named(settings.policy, rng))


def town(settings: Settings, number: int) -> Shop:
    """Return the day of that number with its shop; every few of its orders are placed there, too."""
    made = day(settings, number)
    instance, seed = made.town.instance, settings.seed + number
    placed = sorted(instance.orders.values(), key=lambda each: (each.placed_min, each.id))
    neighbours = [] if settings.folder else placed[::NEIGHBOURS_EVERY]
    made.leave_out(each.id for each in neighbours)
    live = Live(made)
    menus = Menus(Random(seed), instance.restaurants.values(), lambda: live.minute)
    return Shop(live, menus, neighbours, seed=seed, address=chosen_address())


def tasted(seed: int) -> Desk:
    """Return what is known of people's tastes, from weeks of orders that are made up."""
    chance = Chance(seed)
    generator = numpy.random.default_rng(chance.stream("tastes").getrandbits(64))
    return desk(world(generator), rng=chance.stream("newcomers"))


def web() -> Flask:
    """Return the application, with a thread that lets the time pass."""
    settings = parts.told(SETTINGS, Settings, "kit serve zomato")
    days = Days(lambda number: town(settings, number), threading.Lock(), town(settings, 0))
    taste = cache(lambda: tasted(settings.seed))
    outlet = Outlet(settings.town, f"{time.time_ns() // 1_000_000:x}")

    def pass_time() -> None:
        last = time.monotonic()
        for tick in count():
            time.sleep(TICK_S)
            now = time.monotonic()
            with days.turn:
                days.pass_s(min(now - last, STEP_S_MAX))
            last = now
            if tick % TELL_TICKS == 0:
                outlet.tell_of(days)

    threading.Thread(target=pass_time, name="time", daemon=True).start()
    return wire.create(days, taste, tracking_port=settings.port + 1)
