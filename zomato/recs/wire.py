"""HTTP of the first page: restaurants for a customer, or for somebody new at a place, at an hour.

    GET /api/home?customer=17&at=sun+10:30        {"at", "restaurants": [{"id", "name", "why", …}]}
    GET /api/home?x=4.5&y=5.0&at=tue+20:15+rain   for somebody new; km east and north

Page: docs/zomato/recs.md
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from flask import Blueprint, Response, request

from chapters.errors import Refused
from chapters.portal.answers import answered
from zomato.recs.desk import Desk
from zomato.recs.moment import parse

KM_MAX = 1_000.0
DIGITS_MAX = 9


def blueprint(desk: Callable[[], Desk], turn: AbstractContextManager[object]) -> Blueprint:
    """Return the route; `desk` is asked for when it is needed, and `turn` held while a list is made."""
    routes = Blueprint("recs", __name__)
    routes.add_url_rule("/api/home", "home", lambda: _home(desk, turn))
    return routes


def _home(desk: Callable[[], Desk], turn: AbstractContextManager[object]) -> tuple[Response, int]:
    return answered(lambda: _asked(desk()), turn)


def _asked(desk: Desk) -> Any:
    words, moment = request.args, parse(request.args.get("at", ""))
    if "customer" in words:
        if not words["customer"].isdecimal() or len(words["customer"]) > DIGITS_MAX:
            raise Refused(400, f"customer is {words['customer'][:40]!r}; it must be a number")
        return desk.home(int(words["customer"]), moment)
    if "x" in words and "y" in words:
        return desk.home(None, moment, np.array([_km("x"), _km("y")]))
    return desk.home(None, moment)


def _km(name: str) -> float:
    said = request.args[name]
    try:
        found = float(said)
    except ValueError:
        found = KM_MAX * 2
    if not abs(found) <= KM_MAX:
        raise Refused(400, f"{name} is {said[:40]!r}; it must be km, -{KM_MAX:g} to {KM_MAX:g}")
    return found
