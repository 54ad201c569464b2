"""If-Match and its relatives: is the object still the one that the client thinks it is?

    reading   If-Match, If-Unmodified-Since      412 unless it is
              If-None-Match, If-Modified-Since   304 if it is
    writing   If-Match: "etag"                   412 unless it is; 404 when there is none
              If-None-Match: *                   412 when there is one

An ETag condition goes before a date (RFC 9110, section 13.2.2). Page: docs/s3/objects.md
"""

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from s3.errors import NotModified, Refused
from s3.records import Version


def check_read(version: Version, headers: Mapping[str, str], shown: dict[str, str]) -> None:
    """Raise `PreconditionFailed`, or `NotModified` with the headers `shown`."""
    _must_match(version, headers, "")
    if (tags := headers.get("if-none-match")) is not None:
        if _names(tags, version):
            raise NotModified(shown)
    elif _is_unmodified_since(version, headers.get("if-modified-since")):
        raise NotModified(shown)


def check_copy(version: Version, headers: Mapping[str, str]) -> None:
    """Raise `PreconditionFailed` if the source of a copy is not as `x-amz-copy-source-if-…` says."""
    prefix = "x-amz-copy-source-"
    _must_match(version, headers, prefix)
    if (tags := headers.get(prefix + "if-none-match")) is not None:
        if _names(tags, version):
            raise _failed(prefix + "if-none-match")
    elif _is_unmodified_since(version, headers.get(prefix + "if-modified-since")):
        raise _failed(prefix + "if-modified-since")


def check_write(current: Version | None, headers: Mapping[str, str]) -> None:
    """Raise unless a write may replace `current`, which is None where no object is."""
    there = current is not None and not current.is_marker
    if (tags := headers.get("if-match")) is not None:
        if not there or current is None:
            raise Refused("NoSuchKey", "If-Match was sent, and there is no such object")
        if not _names(tags, current):
            raise _failed("If-Match")
    if (tags := headers.get("if-none-match")) is not None:
        if tags.strip() != "*" and not (there and current and _names(tags, current)):
            return
        if there:
            raise _failed("If-None-Match")


def check_delete(current: Version | None, headers: Mapping[str, str]) -> None:
    """Raise unless `current` is what If-Match, x-amz-if-match-… say that it is."""
    wanted = [each for each in ("if-match", "x-amz-if-match-size", "x-amz-if-match-last-modified-time")
              if each in headers]  # fmt: skip
    if not wanted or (current is None or current.is_marker):
        if wanted and headers.get("if-match", "") != "*" and current is not None:
            raise _failed("If-Match")
        return
    is_so: dict[str, Callable[[str], bool]] = {
        "if-match": lambda text: _names(text, current),
        "x-amz-if-match-size": lambda text: text == str(current.size_bytes),
        "x-amz-if-match-last-modified-time": lambda text: (
            _seconds(text) == current.modified_ms // 1000
        ),
    }
    for each in wanted:
        if not is_so[each](headers[each]):
            raise _failed(each)


def is_conditional(headers: Mapping[str, str]) -> bool:
    """Return whether a write depends on what is there."""
    return "if-match" in headers or "if-none-match" in headers


def _must_match(version: Version, headers: Mapping[str, str], prefix: str) -> None:
    if (tags := headers.get(prefix + "if-match")) is not None:
        if not _names(tags, version):
            raise _failed(prefix + "if-match")
    elif (text := headers.get(prefix + "if-unmodified-since")) is not None:
        since = _seconds(text)
        if since is not None and version.modified_ms // 1000 > since:
            raise _failed(prefix + "if-unmodified-since")


def _names(tags: str, version: Version) -> bool:
    """Return whether a list of ETags, or `*`, means this version."""
    found = [each.strip().removeprefix("W/").strip('"') for each in tags.split(",")]
    return "*" in found or version.etag in found


def _is_unmodified_since(version: Version, text: str | None) -> bool:
    since = None if text is None else _seconds(text)
    return since is not None and version.modified_ms // 1000 <= since


def _seconds(text: str) -> int | None:
    """Return seconds since 1970, or None: a date that cannot be read is ignored (RFC 9110)."""
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except (ValueError, TypeError):
        return None


def _failed(condition: str) -> Refused:
    return Refused("PreconditionFailed", Condition=condition)
