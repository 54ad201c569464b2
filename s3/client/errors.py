"""What the client says when the store does not do it.

    KitError
    ├── Definite
    │   ├── Refused       the store answered with an error code, and nothing was changed
    │   │   ├── NotThere  404: no such bucket, object or version
    │   │   └── Busy      429, 503: nothing was done; the one refusal that is always worth another try
    │   ├── NobodyThere   no connection could be made at all
    │   └── Stopped       given up because something else failed, or at Ctrl-C
    ├── Indefinite
    │   └── Unconfirmed   5xx, or the connection broke after the request was sent
    └── UsageError
        └── BadPlace      no s3:// address, or a key that can be no file

Page: docs/s3/client.md
"""

from chapters.errors import Definite, Indefinite, UsageError


class Refused(Definite):
    """The store's own words, and its error code."""

    def __init__(self, status: int, code: str, message: str, about: str) -> None:
        super().__init__(f"{about}: {code}: {message}" if message else f"{about}: {code}")
        self.status = status
        self.code = code


class NotThere(Refused):
    """There is no such bucket, object or version."""


class Busy(Refused):
    """The store has too much to do, or too few nodes; it did nothing."""


class NobodyThere(Definite):
    """Nothing was sent: nobody listens at the endpoint."""


class Stopped(Definite):
    """It was given up half-way: the upload is aborted, the draft is gone."""


class Unconfirmed(Indefinite):
    """The request was sent and no good answer came: it may have been done or not."""


class BadPlace(UsageError):
    """Words that name no place where an object or a file can be."""
