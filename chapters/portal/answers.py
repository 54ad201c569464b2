"""An operation's result as HTTP: JSON, or a refusal with its status and one line.

Page: docs/chapters/portal.md
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from flask import Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from chapters.errors import KitError, Refused, UsageError

BODY_BYTES_MAX = 256 * 1024


def answered(
    operation: Callable[[], object], turn: AbstractContextManager[object] | None = None
) -> tuple[Response, int]:
    """Return what `operation` returns, as JSON, or its refusal with a status; `turn` is held meanwhile."""
    try:
        with turn or nullcontext():
            return jsonify(operation()), 200
    except Refused as refused:
        return jsonify(_facts(refused)), refused.status
    except UsageError as error:
        return jsonify({"error": str(error)}), 400
    except KitError as error:
        return jsonify({"error": str(error)}), 503


def _facts(refused: Refused) -> dict[str, str]:
    return {"error": str(refused)} | ({"reason": refused.reason} if refused.reason else {})


def posted() -> Any:
    """Return the JSON that was posted; None if it is none. Raises `Refused` with 413."""
    request.max_content_length = BODY_BYTES_MAX + 1  # in chunks, a body does not say how long it is
    try:
        is_long = len(request.get_data()) > BODY_BYTES_MAX
    except RequestEntityTooLarge:
        is_long = True
    if is_long:
        raise Refused(413, f"the body is over {BODY_BYTES_MAX} bytes; send less at once")
    return request.get_json(silent=True, force=True)


def posted_object() -> dict[str, Any]:
    """Return the JSON object that was posted. Raises `Refused`."""
    found = posted()
    if not isinstance(found, dict):
        raise Refused(400, "post a JSON object")
    return found
