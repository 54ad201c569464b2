"""Server access logging: a line for every request to a bucket that wants one, in S3's format.

    request ──► line ──► held in memory ──every minute──► target bucket: logs/2026-11-24-20-15-09-A1B2…

A log is for looking, not for billing: as in S3 it is delivered late, and lines that are held when the
process dies are lost. Bound: `LINES_MAX` lines are held; further ones are dropped, and counted.
Source: Amazon S3 user guide, "Server access log format". Page: docs/s3/configs.md
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

LINES_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the lines of a bucket go."""

    source: str
    bucket: str
    prefix: str
    is_partitioned: bool = False  # by owner, region, bucket and date

    def key(self, owner: str, region: str, at_ms: int, salt: str) -> str:
        """Return the name of a log object."""
        at = datetime.fromtimestamp(at_ms / 1_000, UTC)
        middle = f"{owner}/{region}/{self.source}/{at:%Y/%m/%d}/" if self.is_partitioned else ""
        return f"{self.prefix}{middle}{at:%Y-%m-%d-%H-%M-%S}-{salt}"


@dataclass(frozen=True, slots=True)
class Fact:
    """What a line says of one request; "" and None are written as -."""

    owner: str
    bucket: str
    at_ms: int
    remote: str
    requester: str
    id: str
    operation: str
    key: str
    uri: str
    status: int
    error: str
    sent_bytes: int | None
    object_bytes: int | None
    total_ms: int
    referer: str
    agent: str
    version_id: str
    signature: str
    authentication: str
    host: str

    def line(self) -> str:
        """Return the line, without its end."""
        at = datetime.fromtimestamp(self.at_ms / 1_000, UTC)
        fields: list[object] = [
            self.owner, self.bucket, f"[{at:%d/%b/%Y:%H:%M:%S} +0000]", self.remote, self.requester,
            self.id, self.operation, quote(quote(self.key)) if self.key else "", _quoted(self.uri),
            self.status, self.error, self.sent_bytes, self.object_bytes, self.total_ms, self.total_ms,
            _quoted(self.referer), _quoted(self.agent), self.version_id, self.id, self.signature,
            "", self.authentication, self.host, "", "", "",
        ]  # fmt: skip
        return " ".join("-" if each in ("", None) else str(each) for each in fields)


def _quoted(text: str) -> str:
    """Return text in quotes, so that no client can write lines of its own."""
    if not text:
        return '"-"'
    shown = text.replace("\\", "\\\\").replace('"', "%22")
    return '"' + "".join(each if each.isprintable() else "?" for each in shown) + '"'


class AccessLog:
    """The lines that wait to be delivered. Threads may add while another one takes."""

    def __init__(self, lines_max: int = LINES_MAX) -> None:
        self._waiting: deque[tuple[Destination, str]] = deque()
        self._lines_max = lines_max
        self.dropped = 0

    def add(self, destination: Destination, line: str) -> None:
        """Hold a line; drop it if too many are held."""
        if len(self._waiting) >= self._lines_max:
            self.dropped += 1
        else:
            self._waiting.append((destination, line))

    def take(self) -> Iterator[tuple[Destination, str]]:
        """Yield the lines that are held now, oldest first, and hold them no more."""
        for _ in range(len(self._waiting)):
            yield self._waiting.popleft()
