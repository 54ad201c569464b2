"""The running store: the one place where real clocks, disks, threads and ports are chosen.

    kit serve s3              one process: metadata and bytes in one folder
    kit serve s3 --cluster    six storage nodes and three metadata replicas, each a process of its own

Page: docs/s3/index.md
"""

import gc
import json
import math
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from chapters.errors import KitError, UsageError
from chapters.portal import serving as http
from chapters.portal.lifetime import end_with_parent
from chapters.sim.real import PooledRandom, RealDisk, WallClock
from s3 import wire
from s3.auth.users import DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY, Users
from s3.console import wire as console
from s3.courier import Courier
from s3.keys import Keys
from s3.lifecycle_run import LifecycleRun
from s3.log_delivery import LogDelivery
from s3.metadata.app import LocalMetadata, RemoteMetadata, run_replica
from s3.metadata.eventual import EventualMetadata
from s3.metadata.transaction import Metadata
from s3.replication import Replicator
from s3.room import Room
from s3.service import REGION, STORAGE_CLASSES, Service
from s3.small import SMALL_BELOW_BYTES
from s3.storage.app import cluster_blobs, local_blobs, run_node
from s3.storage.blobs import Blobs
from s3.storage.remote import RemoteNode

AT_ONCE = 128  # requests; and as many uploads, and as many downloads
READY_LOOK_S = 0.05
READY_S_MAX = (
    60.0  # what of a cluster is not up by then may never be; the server is announced all the same
)
LOCKS = 256  # writers of one key wait for each other; of two keys seldom
SWEEP_EVERY_S = 30.0
REPAIR_EVERY_S = 10.0
TIDY_EVERY_S = 3_600.0  # one disk mends nothing, but what broken-off writes left on it is deleted
LIFECYCLE_EVERY_S = 3_600.0  # or ten times a day, where days are short
ERRANDS_EVERY_S = 1.0  # copies and events wait for half of that on average
LOGS_EVERY_S = 60.0
PROFILES = ("aws", "rgw")
CONSISTENCIES = ("strong", "eventual")  # the second is S3 as it was before December 2020
NODES = {"n1": "a", "n2": "a", "n3": "b", "n4": "b", "n5": "c", "n6": "c"}  # storage nodes, by zone
REPLICAS = ("m1", "m2", "m3")  # of the metadata
KMS_KEYS = "kit-key-1,kit-key-2"  # named keys for SSE-KMS that are there from the start
SETTINGS = "KIT_S3"  # the environment variable that tells the server's processes


class KeyLocks:
    """A lock for every key, out of a fixed number of them."""

    def __init__(self) -> None:
        self._locks = [threading.Lock() for _ in range(LOCKS)]

    def __call__(self, key: bytes) -> AbstractContextManager[object]:
        return self._locks[hash(key) % LOCKS]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the server's processes are told, through the environment."""

    folder: str
    users: str = ""  # a file; without one there is the one pair below
    key: str = DEFAULT_ACCESS_KEY
    secret: str = DEFAULT_SECRET_KEY
    profile: str = "aws"
    region: str = REGION
    domain: str = ""
    day_s: float = 86_400.0
    storage_classes: str = ",".join(STORAGE_CLASSES)
    inner_port: int = 0  # the first port of the cluster's processes; 0: there are none
    kms_keys: str = KMS_KEYS
    consistency: str = "strong"

    @classmethod
    def read(cls) -> "Settings":
        """Return the settings of this process. Raises `UsageError` when it was started alone."""
        try:
            return cls(**json.loads(os.environ[SETTINGS]))
        except (KeyError, TypeError, ValueError):
            raise UsageError("this is a part of `kit serve s3`; start that") from None

    def addresses(self) -> dict[str, tuple[str, int]]:
        """Return where each process of the cluster listens."""
        return {
            name: ("127.0.0.1", self.inner_port + place)
            for place, name in enumerate([*NODES, *REPLICAS])
        }

    def told(self, *, is_kept: bool) -> Iterable[str]:
        """Yield what whoever starts the server should know: the keys, and where the objects are.

        A secret is repeated only if it is the one that everybody knows.
        """
        secret = self.secret if self.secret == DEFAULT_SECRET_KEY else "the secret that you gave"
        keys = f"those in {self.users}" if self.users else f"{self.key} and {secret}"
        yield f"keys: {keys}; region: {self.region}"
        yield (
            f"objects: in {self.folder}"
            if is_kept
            else "objects: gone at the end; --folder PLACE keeps them"
        )

    def known_users(self) -> Users:
        """Return who may ask. Raises `UsageError`."""
        return Users.load(Path(self.users)) if self.users else Users.single(self.key, self.secret)


class SecretDisk(RealDisk):
    """A folder, and files in it, that nobody else on this machine may read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        root.chmod(0o700)

    def append(self, name: str, data: bytes) -> None:
        path = self.root / name
        with self._explained(name):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        super().append(name, data)


def open_keys(folder: Path, names: str) -> Keys:
    """Return the keys in `folder`, made on first use, and these KMS keys. Raises `DiskInUse`."""
    disk = SecretDisk(folder)
    disk.claim()
    keys = Keys(rng=PooledRandom(), disk=disk)
    for name in filter(None, names.split(",")):
        keys.create(name)
    return keys


def build(settings: Settings) -> Service:
    """Return the store of these settings, in this process. Raises `DiskInUse`."""
    metadata, blobs = _cluster(settings) if settings.inner_port else _alone(settings)
    clock = WallClock()
    if settings.consistency == "eventual":
        metadata = EventualMetadata(metadata, clock=clock)
    is_plain = not settings.inner_port and settings.consistency == "strong"
    return Service(
        metadata=metadata,
        blobs=blobs,
        users=settings.known_users(),
        clock=clock,
        rng=PooledRandom(),
        region=settings.region,
        profile=settings.profile,
        domain=settings.domain,
        day_s=settings.day_s,
        small_below_bytes=SMALL_BELOW_BYTES if is_plain else 0,
        room=Room(RealDisk(Path(settings.folder)).free_bytes),
        storage_classes=tuple(settings.storage_classes.split(",")),
        exclusive=KeyLocks(),
        keys=open_keys(Path(settings.folder) / "keys", settings.kms_keys),
    )


def _alone(settings: Settings) -> tuple[Metadata, Blobs]:
    folder = Path(settings.folder)
    return LocalMetadata(folder / "metadata"), local_blobs(folder / "objects")


def _cluster(settings: Settings) -> tuple[Metadata, Blobs]:
    addresses = settings.addresses()
    nodes = [RemoteNode(name, zone, *addresses[name]) for name, zone in NODES.items()]
    replicas = {name: addresses[name] for name in REPLICAS}
    return RemoteMetadata(replicas), cluster_blobs(nodes)


def serve(
    host: str = "127.0.0.1",
    port: int = 9000,
    *,
    folder: Path | None = None,
    key: str = DEFAULT_ACCESS_KEY,
    secret: str = DEFAULT_SECRET_KEY,
    users: Path | None = None,
    profile: str = "aws",
    region: str = REGION,
    domain: str = "",
    day_s: float = 86_400.0,
    storage_classes: str = ",".join(STORAGE_CLASSES),
    cluster: bool = False,
    consistency: str = "strong",
    on_ready: Callable[..., None] = lambda url, *more: None,
) -> None:
    """Serve S3 at `port`, and the console at /_/, until told to stop.

    Without a `folder` the objects live in a temporary one. One pair of keys by `key` and `secret`, or
    several users from a TOML file. `day_s` is how long lifecycle rules take a day to be. A `cluster` has
    its six storage nodes and three metadata replicas at the nine ports behind `port`, on the loopback.
    `consistency` may be `eventual`, to see what that was like. Raises `PortInUse`, `DiskInUse`,
    `UsageError`.
    """
    _must_be_one_of("--profile", profile, PROFILES)
    _must_be_one_of("--consistency", consistency, CONSISTENCIES)
    if not 0 < day_s < math.inf:
        raise UsageError(f"--day-s is {day_s}; it must be a number of seconds above 0")
    if not re.fullmatch(r"[a-z0-9.-]*", domain):
        raise UsageError(f"--domain is {domain!r}; it must be a host name, such as s3.localhost")
    if not re.fullmatch(r"STANDARD(,[A-Z0-9_]+)*", storage_classes):
        raise UsageError(
            f"--storage-classes is {storage_classes!r}; it must be STANDARD, then others behind commas"
        )
    parts = [*NODES, *REPLICAS] if cluster else []
    http.must_be_free(host, port, ports=1 + len(parts))
    with tempfile.TemporaryDirectory(prefix="kit-s3-") as temporary:
        settings = Settings(
            folder=str(folder or temporary),
            users=str(users or ""),
            key=key,
            secret=secret,
            profile=profile,
            region=region,
            domain=domain,
            day_s=day_s,
            storage_classes=storage_classes,
            inner_port=port + 1 if cluster else 0,
            consistency=consistency,
        )
        settings.known_users()
        os.environ[SETTINGS] = json.dumps(asdict(settings))
        ready: Callable[[str], None] = partial(
            _announced, on_ready, settings.told(is_kept=folder is not None)
        )
        if cluster:
            ready = when_up(settings, ready)
        beside = [(sys.executable, "-m", "chapters.cli", "s3", "part", name) for name in parts]
        with RealDisk(Path(settings.folder)) as disk:
            disk.claim()  # here, where whoever starts the server is told why it does not start
            http.serve("s3.app:web", host, port, beside=beside, at_once=AT_ONCE, on_ready=ready)


def _must_be_one_of(option: str, word: str, known: Sequence[str]) -> None:
    if word not in known:
        raise UsageError(f"{option} is {word}; it must be one of {', '.join(known)}")


def _announced(on_ready: Callable[..., None], more: Iterable[str], url: str) -> None:
    on_ready(url, *more)


def when_up(settings: Settings, on_ready: Callable[[str], None]) -> Callable[[str], None]:
    """Return `on_ready`, put off until a leader and all nodes answer: before that much is SlowDown."""
    addresses = settings.addresses()
    metadata = RemoteMetadata({name: addresses[name] for name in REPLICAS})
    nodes = [RemoteNode(name, zone, *addresses[name]) for name, zone in NODES.items()]

    def is_up() -> bool:
        try:
            metadata.get(b"")
            return all(node.status() for node in nodes)
        except KitError:
            return False

    def wait(url: str) -> None:
        deadline = time.monotonic() + READY_S_MAX
        while not is_up() and time.monotonic() < deadline:
            time.sleep(READY_LOOK_S)
        on_ready(url)

    return wait


def web() -> wire.Application:
    """Return the application of `kit serve s3`: granian calls this in its own process."""
    end_with_parent()
    settings = Settings.read()
    os.environ.clear()  # granian copies the whole environment into that of every request
    try:
        service = build(settings)
    except KitError as error:  # granian would show where it came from, and bury what it says
        sys.exit(f"kit: {error}")
    repeat(service.upkeep.sweep, SWEEP_EVERY_S)
    repeat(service.upkeep.repair, REPAIR_EVERY_S if settings.inner_port else TIDY_EVERY_S)
    begin_errands(service, Path(settings.folder))
    application = console.mounted(service)
    gc.freeze()  # what is there now stays; the collector need not walk it again and again
    return application


def begin_errands(service: Service, folder: Path) -> None:
    """Do in the background what the buckets' configurations ask for; see docs/s3/configs.md."""
    courier = Courier(service, disk=RealDisk(folder / "events"))
    repeat(LifecycleRun(service).run, min(LIFECYCLE_EVERY_S, max(0.5, service.day_s / 10)))
    repeat(Replicator(service).run, ERRANDS_EVERY_S)
    repeat(courier.deliver, ERRANDS_EVERY_S)
    repeat(LogDelivery(service).deliver, LOGS_EVERY_S)


def part(name: str) -> None:
    """Be a storage node or a metadata replica of `kit serve s3 --cluster`, until that ends."""
    settings = Settings.read()
    folder, addresses = Path(settings.folder) / name, settings.addresses()
    if name in NODES:
        run_node(folder, *addresses[name], name, NODES[name], is_part=True)
    else:
        replicas = {each: addresses[each] for each in REPLICAS}
        run_replica(folder, name, replicas, is_part=True)


def repeat(work: Callable[[], object], every_s: float) -> None:
    """Do `work` now and then, on a thread that ends with the process."""
    pause = threading.Event()

    def loop() -> None:
        while not pause.wait(every_s):
            with suppress(KitError):  # a node or replica is away; the next time will do
                work()

    threading.Thread(target=loop, name="repeat", daemon=True).start()
