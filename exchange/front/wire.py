"""HTTP for whoever wants to see the machines behind the page, or one of them dead.

    GET  /api/machines          who is primary, and how is the other; the last takeover
    POST /api/machines/<name>   {"do": "kill"}, or {"do": "stop", "seconds": 3}

Nobody asks who calls, as with the operator's other words. Page: docs/exchange/page.md
"""

from dataclasses import asdict
from typing import Protocol

from flask import Blueprint, Response, current_app, jsonify

from chapters.sim.clock import MS
from exchange.errors import BadOrder
from exchange.front.courier import Courier
from exchange.front.machines import Machines
from exchange.json_fields import read_whole
from exchange.order_json import Json
from exchange.request import read_body
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
    body = read_body()
    if (what := body.get("do")) not in ("kill", "stop"):
        raise BadOrder('do: write {"do": "kill"}, or {"do": "stop", "seconds": 3}')
    if name not in _machines().states():
        raise BadOrder(f"{name!r} is no machine; there are {', '.join(_machines().states())}")
    if what == "kill":
        _machines().kill(name)
        return jsonify(status="killed")
    seconds = read_whole(body, "seconds")
    if not 1 <= seconds <= SECONDS_MAX:
        raise BadOrder(f"seconds: {seconds} is not between 1 and {SECONDS_MAX}")
    _machines().stop(name, seconds)
    return jsonify(status="stopped")


def machines_json(courier: Courier, states: dict[str, tuple[str, int]]) -> Json:
    """Return what is known of the machines: of the processes, and from what they say."""
    takeover = courier.takeover
    return {
        "primary": courier.primary or None,
        "epoch": courier.epoch,
        "committed": courier.last,
        "under_way": len(courier.pending),
        "takeover": asdict(takeover) | {"took_ms": takeover.took_ns // MS} if takeover else None,
        "machines": [
            {"name": name, "process": state, "pid": pid} | _said(courier, name, state)
            for name, (state, pid) in states.items()
        ],
    }


def _said(courier: Courier, name: str, state: str) -> Json:
    """Return what a machine said of itself, and what that is worth now."""
    if name == GIVER:
        return {"role": "giver"}
    _, said = courier.said[name]
    if said is None or state != "running" or courier.age_ns(name) > SILENT_NS:
        return {"role": "silent"}
    role = said.role if name == courier.primary or said.role != "primary" else "was primary"
    copies = {"copies": said.copies} if role == "primary" else {}
    return {
        "role": role,
        "epoch": said.epoch,
        "last": said.last,
        "committed": said.committed,
    } | copies


def _machines() -> Machines:
    behind: Machines = current_app.config["MACHINES"]
    return behind
