"""What an operation works with: the store's parts, and the call that it answers.

Every operation is a function from a `Call` to a `Response`. It reads the metadata, decides, and
commits one transaction; bytes go through `blobs`. Nothing here knows HTTP servers, threads or
processes: `app.py` puts the parts together. Page: docs/s3/index.md
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from chapters.sim.clock import SleepingClock
from s3.access_log import AccessLog
from s3.auth.authenticate import Identity
from s3.auth.users import Users
from s3.errors import Refused
from s3.http import Request, Response
from s3.keys import Keys
from s3.metadata.keys import bucket_key
from s3.metadata.transaction import Metadata
from s3.records import Bucket
from s3.room import Room
from s3.storage.blobs import Blobs
from s3.upkeep import Upkeep

REGION = "us-east-1"
BUCKETS_MAX = 1_024  # whose records are kept as they were read
DAY_S = 86_400
STORAGE_CLASSES = (
    "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR",
    "GLACIER", "DEEP_ARCHIVE",
)  # fmt: skip


def _nobody_else(key: bytes) -> AbstractContextManager[object]:
    return nullcontext()


@dataclass(slots=True)
class Service:
    """The parts of a running store."""

    metadata: Metadata
    blobs: Blobs
    users: Users
    clock: SleepingClock
    rng: Random
    region: str = REGION
    profile: str = "aws"  # or "rgw": where the two differ, see docs/s3/profiles.md
    domain: str = ""  # buckets are also found at <bucket>.<domain>
    day_s: float = DAY_S  # what lifecycle rules call a day
    small_below_bytes: int = 0  # fewer bytes lie in the metadata: see small.py
    room: Room = field(default_factory=Room)  # where the metadata lies
    storage_classes: tuple[str, ...] = STORAGE_CLASSES
    exclusive: Callable[[bytes], AbstractContextManager[object]] = _nobody_else
    access_log: AccessLog = field(default_factory=AccessLog)
    backlog: dict[str, int] = field(default_factory=dict)  # what waits, by kind: see outbox.py
    keys: Keys = field(default_factory=Keys.in_memory)
    upkeep: Upkeep = field(init=False)

    def __post_init__(self) -> None:
        self.upkeep = Upkeep(
            metadata=self.metadata, blobs=self.blobs, clock=self.clock, exclusive=self.exclusive
        )

    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return self.clock.now_ns() // 1_000_000


@dataclass(slots=True)
class Call:
    """One request on its way through the store."""

    service: Service
    request: Request
    operation: str
    who: Identity
    id: str  # the request id, in hexadecimal
    now_ms: int
    bucket_bytes: bytes | None = None
    _bucket: Bucket | None = None
    notes: dict[str, str] = field(default_factory=dict)  # for the access log and notifications

    @property
    def bucket(self) -> Bucket:
        """The bucket of the request. Raises `NoSuchBucket`."""
        if self._bucket is None:
            name = self.request.bucket
            self.bucket_bytes, self._bucket = find_bucket(self.service.metadata, name)
        return self._bucket

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers, names in lower case."""
        return self.request.headers

    @property
    def query(self) -> dict[str, str]:
        """The request's parameters."""
        return self.request.query

    def refresh(self) -> None:
        """Forget the bucket, so that it is read again."""
        self._bucket = None


Operation = Callable[[Call], Response]


def find_bucket(metadata: Metadata, name: str) -> tuple[bytes, Bucket]:
    """Return a bucket's record, as bytes and read. Raises `NoSuchBucket`.

    As in RGW, `tenant:name` is the bucket of that tenant, and `:name` one of a user without a tenant.
    """
    tenant, colon, plain = name.rpartition(":")
    found = metadata.get(bucket_key(plain))
    if found is None or (colon and _bucket_of(found).tenant != tenant):
        raise Refused("NoSuchBucket", BucketName=name)
    return found, _bucket_of(found)


@lru_cache(BUCKETS_MAX)
def _bucket_of(record: bytes) -> Bucket:
    """Return the bucket of a record, read once: nearly every request needs the same few."""
    return Bucket.from_bytes(record)
