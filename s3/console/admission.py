"""Who may use the console: whoever sits at this machine, and who knows the keys.

    from       at a name of        may
    loopback   loopback            look and change; it is the machine's own user
    anywhere   anything else       only with the first user's keys, by HTTP Basic

Three attacks, and what stops them. Another page posts here: its `Origin` is not ours. Another name is
made to resolve to 127.0.0.1 (DNS rebinding): the name asked for is not a loopback one. An object that is
HTML is opened in the browser, at our own origin: the store sends such pages with a sandbox, which
gives them an origin of their own. Page: docs/s3/console.md
"""

import hmac
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from s3.auth.users import User

SANDBOX = "sandbox allow-scripts allow-forms allow-popups allow-downloads allow-modals"
FRAMES = {"document", "iframe", "frame", "object", "embed"}  # Sec-Fetch-Dest of what becomes a page


def is_at_home(remote: str, host: str) -> bool:
    """Return whether a request comes from this machine, to a name that only this machine has."""
    return _is_loopback(remote) and _is_loopback(urlsplit(f"//{host}").hostname or "")


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def knows_keys(user: User, name: str | None, secret: str | None) -> bool:
    """Return whether these are the user's keys."""
    return any(
        hmac.compare_digest(pair.access_key.encode(), (name or "").encode())
        and hmac.compare_digest(pair.secret_key.encode(), (secret or "").encode())
        for pair in user.credentials
    )


def is_own_page(origin: str | None, host: str) -> bool:
    """Return whether a change is asked for by a page of this very host."""
    return bool(origin) and urlsplit(origin or "").netloc == host


def becomes_page(environ: Mapping[str, object]) -> bool:
    """Return whether a browser is about to show the answer as a page of its own."""
    return environ.get("HTTP_SEC_FETCH_DEST") in FRAMES
