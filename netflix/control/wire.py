"""HTTP of the control plane, as a Flask blueprint. Refusals are {"error": one line} with their status.

    GET  /api/titles                                  what there is, and what to continue, for ?profile=
    POST /api/play       {title, profile, device?}    ──► session, edges (ranked, signed), rungs, resume_s …
    POST /api/advice     {session, rule, segment, buffer_s, now_s, downloads}  ──► {rung, wait_s, problem}
    POST /api/progress   {session, rung, size_bits, came_bits, …}  ──► {rung} to break it off for, or null
    POST /api/licence?session=…                       a Clear Key request ──► a JWK set
    POST /api/heartbeat  {session, position_ms?}      ──► {lease_s, bookmarked}
    POST /api/stop       {session}

Page: docs/netflix/play.md
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request

from chapters.portal.answers import answered, posted_object
from netflix.control.accounts import ACCOUNTS, account_of
from netflix.control.advice import number
from netflix.control.entitlement import Device
from netflix.control.service import Control
from netflix.errors import Refused
from netflix.package.published import Published

Json = dict[str, Any]


def blueprint(control: Control) -> Blueprint:
    """Return the routes of a control plane; one request at a time is inside it."""
    routes, turn = Blueprint("control", __name__), threading.Lock()

    def answer(operation: Callable[[], object]) -> tuple[Response, int]:
        return answered(operation, turn)

    @routes.get("/api/titles")
    def titles() -> tuple[Response, int]:
        return answer(lambda: _titles(control, request.args.get("profile", "")))

    @routes.post("/api/play")
    def play() -> tuple[Response, int]:
        return answer(lambda: _play(control, posted_object()))

    @routes.post("/api/advice")
    def advice() -> tuple[Response, int]:
        return answer(lambda: _advice(control, posted_object()))

    @routes.post("/api/progress")
    def progress() -> tuple[Response, int]:
        return answer(lambda: _progress(control, posted_object()))

    @routes.post("/api/licence")
    def licence() -> tuple[Response, int]:
        return answer(lambda: control.licence(request.args.get("session", ""), posted_object()))

    @routes.post("/api/heartbeat")
    def heartbeat() -> tuple[Response, int]:
        return answer(lambda: _heartbeat(control, posted_object()))

    @routes.post("/api/stop")
    def stop() -> tuple[Response, int]:
        return answer(lambda: control.stop(_text(posted_object(), "session")))

    return routes


def _titles(control: Control, profile: str) -> Json:
    known = control.library()
    account = account_of(profile)
    begun = control.bookmarks.continue_watching(profile)
    return {
        "titles": [_shown(each) for each in known],
        "continue": [
            {"title": each.title, "share": each.position_ms / each.duration_ms} for each in begun
        ],
        "profiles": [who for each in ACCOUNTS for who in each.profiles],
        "plan": account.plan.name if account else "",
    }


def _shown(title: Published) -> Json:
    return {
        "title": title.title,
        "name": title.name,
        "genres": list(title.genres),
        "duration_s": title.duration_s,
        "encrypted": bool(title.key_id),
        "heights": [track.height for track in title.video],
    }


def _play(control: Control, facts: Json) -> object:
    device = facts.get("device", {})
    if not isinstance(device, Mapping):
        raise Refused(
            400, '"device" is an object: {"height_max": 1080, "codecs": ["avc1"], "has_keys": true}'
        )
    return asdict(control.play(_text(facts, "title"), _text(facts, "profile"), _device(device)))


def _device(facts: Mapping[str, object]) -> Device:
    codecs = facts.get("codecs", list(Device().codecs))
    if not isinstance(codecs, list) or not all(isinstance(each, str) for each in codecs):
        raise Refused(400, '"codecs" is a list of names such as "avc1"')
    height = number(facts, "height_max") if "height_max" in facts else Device().height_max
    return Device(int(height), tuple(codecs), facts.get("has_keys", True) is True)


def _advice(control: Control, facts: Json) -> Json:
    return asdict(control.advice(_text(facts, "session"), facts))


def _progress(control: Control, facts: Json) -> Json:
    return {"rung": control.progress(_text(facts, "session"), facts)}


def _heartbeat(control: Control, facts: Json) -> object:
    place = facts.get("position_ms")
    if place is not None and (isinstance(place, bool) or not isinstance(place, int)):
        raise Refused(400, f"'position_ms' is {place!r}; it must be a whole number")
    at_ms = int(number(facts, "at_ms")) if "at_ms" in facts else int(control.now_s * 1000)
    return control.heartbeat(_text(facts, "session"), place, at_ms)


def _text(facts: Json, name: str) -> str:
    value = facts.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(400, f"{name!r} is {value!r}; it must be a name")
    return value
