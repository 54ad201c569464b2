"""A store in this process whose clock we turn, and whose background steps run when we say so."""

import io
import re
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import pytest

from chapters.sim.real import RealDisk
from s3.app import Settings, build
from s3.auth.signature import sign_headers
from s3.auth.users import DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY, Users, make_user
from s3.courier import Courier
from s3.gateway import answer
from s3.http import Request, Response, locate
from s3.lifecycle_run import LifecycleRun
from s3.log_delivery import LogDelivery
from s3.replication import Replicator
from s3.service import REGION, Service
from s3.upkeep import Upkeep

HOST = "s3.test"
START_NS = 1_790_000_000 * 10**9  # 21 September 2026, 14:13:20 UTC
USERS = {
    "kit": make_user("kit", DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY),
    "other": make_user("other", "other-key", "other-secret"),
}


class Hands:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.ns = START_NS

    def now_ns(self) -> int:
        self.ns += 1000  # so that no two versions are of one instant
        return self.ns


class Answer:
    """A response with its body read."""

    def __init__(self, response: Response) -> None:
        self.status = response.status
        self.headers = response.headers
        body = response.body
        self.body = body if isinstance(body, bytes) else b"".join(body)

    @property
    def text(self) -> str:
        return self.body.decode()

    def all(self, tag: str) -> list[str]:
        """The texts of all elements of that name."""
        return re.findall(rf"<{tag}>(.*?)</{tag}>", self.text)

    @property
    def code(self) -> str:
        return "".join(self.all("Code")) if self.status >= 300 else ""


class Store:
    """The store and its background steps."""

    def __init__(self, folder: Path, service: Service) -> None:
        self.folder = folder
        self.service = service
        self.clock = service.clock = Hands()
        service.upkeep = Upkeep(
            metadata=service.metadata,
            blobs=service.blobs,
            clock=self.clock,
            exclusive=service.exclusive,
        )
        service.users = Users(list(USERS.values()))

    def ask(self, method, path, body=b"", headers=None, user="kit", **query) -> Answer:
        """Send a request, signed unless `user` is None."""
        data = body.encode() if isinstance(body, str) else body
        sent = {name.lower(): text for name, text in (headers or {}).items()}
        sent |= {"content-length": str(len(data)), "host": HOST}
        if user:
            sent = sign_headers(
                method, HOST, path, query, sent, access_key=USERS[user].access_key,
                secret_key=USERS[user].secret_key, region=REGION, now=self.clock.ns / 1e9,
                payload_hash=sha256(data).hexdigest(),
            )  # fmt: skip
        bucket, key = locate(path, HOST, "")
        raw = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        request = Request(method, path, query, sent, io.BytesIO(data), bucket, key, raw)
        return Answer(answer(self.service, request))

    def put(self, path, body=b"x", **headers) -> Answer:
        names = {name.replace("_", "-"): text for name, text in headers.items()}
        found = self.ask("PUT", path, body, names)
        assert found.status == 200, found.text
        return found

    def make_bucket(self, name, *, versioned=False, user="kit") -> None:
        assert self.ask("PUT", f"/{name}", user=user).status == 200
        if versioned:
            self.configure(name, "versioning", "VersioningConfiguration", "<Status>Enabled</Status>",
                           user=user)  # fmt: skip

    def configure(self, bucket, name, root, inner, **more) -> None:
        found = self.try_to_configure(bucket, name, root, inner, **more)
        assert found.status == 200, found.text

    def try_to_configure(self, bucket, name, root, inner, **more) -> Answer:
        body = f"<{root}>{inner}</{root}>" if inner else f"<{root}/>"
        return self.ask("PUT", f"/{bucket}", body, **{name: "", **more})

    def keys(self, bucket) -> list[str]:
        return self.ask("GET", f"/{bucket}").all("Key")

    def versions(self, bucket) -> list[tuple[str, str]]:
        """(Version or DeleteMarker, key), in the order of the listing."""
        text = self.ask("GET", f"/{bucket}", versions="").text
        return re.findall(r"<(Version|DeleteMarker)><Key>(.*?)</Key>", text)

    def days_pass(self, days: float) -> None:
        self.clock.ns += int(days * self.service.day_s * 1e9)

    def run_lifecycle(self) -> int:
        return LifecycleRun(self.service).run()

    def replicate(self) -> int:
        return Replicator(self.service).run()

    def deliver_events(self) -> int:
        return Courier(self.service, disk=RealDisk(self.folder / "events")).deliver()

    def deliver_logs(self) -> int:
        return LogDelivery(self.service).deliver()


@pytest.fixture
def store(tmp_path):
    """A store with S3's own habits."""
    return Store(tmp_path, build(Settings(str(tmp_path))))


@pytest.fixture
def rgw(tmp_path):
    """A store with the habits of Ceph's gateway, whose days last two seconds."""
    classes = "STANDARD,WARM,COLD"
    return Store(
        tmp_path,
        build(Settings(str(tmp_path), profile="rgw", day_s=2.0, storage_classes=classes)),
    )
