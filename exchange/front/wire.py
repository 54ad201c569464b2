"""HTTP for whoever wants to see the machines behind the page, or one of them dead.

    GET  /api/machines          who is primary, and how is the other; the last takeover
    POST /api/machines/<name>   {"do": "kill"}, or {"do": "stop", "seconds": 3}

Nobody asks who calls, as with the operator's other words. Page: docs/exchange/page.md
"""

from dataclasses import asdict
from typing import Protocol

from flask import Blueprint, Response, current_app, jsonify

from chapters.sim.clock import MS
from exchange.errors import BadOrder, NotRunning
from exchange.front.courier import Courier
from exchange.front.machines import Machines
from exchange.json_fields import must_be_fields, read_choice, read_whole
from exchange.order_json import Json
from exchange.request import read_body
from exchange.standby.messages import PRIMARY
from exchange.standby.primary import GIVER

SILENT_NS = 300 * MS  # what a machine said longer ago is not what it is
SECONDS_MAX = 30  # that a machine may be stopped for

machines = Blueprint("machines", __name__)


class Behind(Protocol):
    """An exchange with machines behind it."""

    courier: Courier


@machines.get("/api/machines")
def get_machines() -> Response:
    """How the machines are."""
    exchange: Behind = current_app.config["EXCHANGE"]
    return jsonify(machines_json(exchange.courier, _machines().states()))


@machines.post("/api/machines/<name>")
def post_machine(name: str) -> Response:
    """Kill a machine's process, or stop it for a while."""
    if name not in _machines().states():
        raise BadOrder(f"{name!r} is no machine; there are {', '.join(_machines().states())}")
    what, seconds = read_wish(read_body())
    if what == "kill":
        _machines().kill(name)
        return jsonify(status="killed")
    _machines().stop(name, seconds)
    return jsonify(status="stopped")


@machines.errorhandler(NotRunning)
def not_running(error: NotRunning) -> tuple[Response, int]:
    """What can be done to a process that runs cannot be done to this one now."""
    return jsonify(status="error", code="not-running", reason=str(error)), 409


def read_wish(body: Json) -> tuple[str, int]:
    """Return what shall be done to a machine, and for how many seconds. Raises `BadOrder`."""
    what = read_choice(body, "do", ("kill", "stop"))
    must_be_fields(body, {"do", "seconds"})
    if what == "kill" and "seconds" not in body:
        return what, 0
    if isinstance(body.get("seconds"), str):  # digits are for queries
        raise BadOrder(f"seconds: {body['seconds']!r} is no whole number")
    seconds = read_whole(body, "seconds")
    if not 1 <= seconds <= SECONDS_MAX:
        raise BadOrder(f"seconds: {seconds} is not between 1 and {SECONDS_MAX}")
    return what, seconds


def machines_json(courier: Courier, states: dict[str, tuple[str, int]]) -> Json:
    """Return what is known of the machines: of the processes, and from what they say."""
    takeover = courier.takeover
    found = [
        {"name": name, "process": state, "pid": pid} | _said(courier, name, state)
        for name, (state, pid) in states.items()
    ]
    primary = next((each["name"] for each in found if each["role"] == PRIMARY), None)
    return {
        "primary": primary,
        "why": None if primary else courier.why() or None,
        "epoch": courier.epoch,
        "committed": courier.last,
        "under_way": len(courier.pending),
        "takeover": asdict(takeover) | {"took_ms": takeover.took_ns // MS} if takeover else None,
        "machines": found,
    }


def _said(courier: Courier, name: str, state: str) -> Json:
    """Return what a machine said of itself, and what that is worth now."""
    if name == GIVER:
        return {"role": "giver"}
    _, said = courier.said[name]
    if said is None or state != "running" or courier.age_ns(name) > SILENT_NS:
        return {"role": "silent"}
    role = said.role if name == courier.primary or said.role != PRIMARY else "was primary"
    copies = {"copies": said.copies} if role == PRIMARY else {}
    return {
        "role": role,
        "epoch": said.epoch,
        "last": said.last,
        "committed": said.committed,
    } | copies


def _machines() -> Machines:
    behind: Machines = current_app.config["MACHINES"]
    return behind
