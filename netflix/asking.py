"""A question to a part of a running service: JSON there, JSON back, or one line why not.

Page: docs/netflix/serve.md
"""

import http.client
import json
import urllib.request
from collections.abc import Mapping
from typing import Any

from netflix.errors import Unreachable

ASK_S_MAX = 1.0


def ask(
    url: str, posted: Mapping[str, object] | None, within_s: float = ASK_S_MAX
) -> dict[str, Any]:
    """Return the JSON of an edge's answer. Raises `Unreachable`."""
    data = json.dumps(posted).encode() if posted is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=within_s) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Unreachable(f"{url} does not answer ({error}); is it down?") from None
