"""Every answer in one envelope, as XML unless asked otherwise; a refusal too, and with status 200.

    <subsonic-response status="failed" …><error code="70" message="…"/></subsonic-response>
    {"subsonic-response": {"status": "failed", …, "error": {"code": 70, "message": "…"}}}

One shape for both: what is a number, a text or a boolean is an attribute in XML; lists and objects are
elements. Source: the OpenSubsonic API, "subsonic-response"; http://www.subsonic.org/restapi.xsd.
Page: docs/spotify/subsonic.md
"""

import json
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from chapters.errors import Refused

VERSION = "1.16.1"  # of the protocol
SERVER = {"type": "system-design-kit", "serverVersion": "0.1", "openSubsonic": True}
NAMESPACE = "http://subsonic.org/restapi"
GENERIC, MISSING, WRONG_AUTH, NOT_AUTHORISED, NOT_FOUND = 0, 10, 40, 50, 70
NO_TOKEN_HERE, BOTH_GIVEN, BAD_KEY = 42, 43, 44
CODES = {400: GENERIC, 401: WRONG_AUTH, 403: NOT_AUTHORISED, 404: NOT_FOUND}  # from HTTP's
TEXTS = ("value",)  # what is an element's text in XML, not an attribute

Facts = Mapping[str, Any]


class Failure(Refused):
    """A refusal with a code of the protocol."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(200, message)
        self.code = code


def ok(facts: Facts) -> dict[str, Any]:
    """Return the answer of a call that succeeded."""
    return {"status": "ok", "version": VERSION, **SERVER, **facts}


def failed(refused: Refused) -> dict[str, Any]:
    """Return the answer of a call that was refused."""
    code = refused.code if isinstance(refused, Failure) else CODES.get(refused.status, GENERIC)
    error = {"code": code, "message": str(refused)}
    return {"status": "failed", "version": VERSION, **SERVER, "error": error}


def written(answer: Facts, kind: str, callback: str = "") -> tuple[bytes, str]:
    """Return an answer as `json`, `jsonp` or XML, with its media type."""
    if kind == "json":
        return json.dumps({"subsonic-response": answer}).encode(), "application/json"
    if kind == "jsonp" and callback.replace("_", "a").replace(".", "a").isalnum():
        text = json.dumps({"subsonic-response": answer})
        return f"{callback}({text});".encode(), "application/javascript"
    root = _element("subsonic-response", answer)
    root.set("xmlns", NAMESPACE)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root), "text/xml"


def _element(name: str, facts: Facts) -> Element:
    element = Element(name)
    for key, value in facts.items():
        _add(element, key, value)
    return element


def _add(element: Element, key: str, value: object) -> None:
    if isinstance(value, Mapping):
        element.append(_element(key, value))
    elif isinstance(value, list | tuple):
        for each in value:
            if isinstance(each, Mapping):
                element.append(_element(key, each))
            else:
                SubElement(element, key).text = _text(each)
    elif key in TEXTS:
        element.text = _text(value)
    else:
        element.set(key, _text(value))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
