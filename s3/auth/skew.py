"""When a request was sent, and whether that is now: a signature must not be good for ever.

    ───────────┬──────── now ────────┬───────────►   15 minutes either way; a captured request
          refused    accepted     refused            cannot be played again after that

Dates come in two spellings: 20130524T000000Z and that of HTTP, Fri, 24 May 2013 00:00:00 GMT.
Source: AWS, "Authenticating requests"; RFC 9110 §5.6.7. Page: docs/s3/auth.md
"""

from calendar import timegm
from collections.abc import Mapping
from email.utils import parsedate_tz

from s3.auth.signature import from_timestamp, to_timestamp
from s3.errors import Refused

SKEW_MAX_S = 15 * 60


def sent_at(headers: Mapping[str, str]) -> int:
    """Return the Unix time in x-amz-date, or else in Date. Raises `AccessDenied` for neither."""
    text = headers.get("x-amz-date", headers.get("date", ""))
    try:
        return from_timestamp(text)
    except ValueError:
        return _http_date(text)


def _http_date(text: str) -> int:
    fields = parsedate_tz(text)
    try:
        at = timegm((*fields[:6], 0, 1, 0)) - (fields[9] or 0) if fields else -1
    except (ValueError, OverflowError):
        at = -1
    if at < 0:
        raise Refused("AccessDenied", "Authentication needs a valid Date or x-amz-date header")
    return at


def check_skew(at: int, now: float) -> None:
    """Raise `RequestTimeTooSkewed` when `at` is more than 15 minutes from `now`."""
    if abs(now - at) > SKEW_MAX_S:
        raise Refused(
            "RequestTimeTooSkewed",
            RequestTime=to_timestamp(at) if at < 253402300800 else str(at),
            ServerTime=to_timestamp(now),
            MaxAllowedSkewMilliseconds=SKEW_MAX_S * 1000,
        )
