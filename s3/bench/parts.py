"""The parts of the store beside other ways to do the same: two pieces of code in one process, in turns.

Page: docs/s3/speed.md
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import cast

from chapters.erasure import bench as coders
from chapters.erasure.reed_solomon import ReedSolomon, split
from chapters.lsm import Tree
from chapters.measure.ratio import Ratio, compare
from chapters.sim.real import HeldDisk, WallClock
from s3.api.walk import Asked, objects, page_of
from s3.auth.authenticate import authenticate
from s3.auth.signature import cached_key, sign_headers
from s3.auth.users import DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY, Users
from s3.http import Request
from s3.metadata.keys import object_key
from s3.metadata.machine import Machine
from s3.metadata.transaction import Metadata, Transaction
from s3.records import NULL, Version
from s3.service import REGION
from s3.storage.app import DATA, PARITY, open_node

MIB = 1 << 20
WRITERS = 32
SHARD_BYTES = 4 * 1024
NOW_S = 1_800_000_000.0
BUCKET, HOST = "photos", "127.0.0.1:9000"

Told = Callable[[str], object]


def measured(quick: bool, on_progress: Told) -> Iterator[Ratio]:
    """Yield what each part is worth."""
    rounds = 3 if quick else 7
    on_progress("erasure coders")
    yield from coders.bench(data=DATA, parity=PARITY, mebibytes=4 if quick else 16, rounds=rounds)
    yield from library_coders(4 * MIB if quick else 16 * MIB, rounds)
    on_progress("signatures")
    yield signatures(500 if quick else 5_000, rounds)
    on_progress("syncs")
    yield group_commit(128 if quick else 512, rounds)
    on_progress("listings")
    yield listings(100_000 if quick else 1_000_000, 3 if quick else 20, rounds)


def library_coders(payload_bytes: int, rounds: int) -> Iterator[Ratio]:
    """Yield the coder in use beside libraries that others use, where they are installed."""
    payload = Random(7).randbytes(payload_bytes)
    blocks = split(payload, DATA)
    others: dict[str, Callable[[], object]] = {}
    if find_spec("zfec"):
        zfec = import_module("zfec").Encoder(DATA, DATA + PARITY)
        others["zfec"] = lambda: zfec.encode(blocks)
    if find_spec("pyeclib"):
        driver = import_module("pyeclib.ec_iface").ECDriver
        isal = driver(k=DATA, m=PARITY, ec_type="isa_l_rs_vand")
        others["pyeclib"] = lambda: isal.encode(payload)
    code = ReedSolomon(DATA, PARITY)
    for name, encode in others.items():
        names = ("the coder in use", name)
        yield compare(lambda: code.encode(blocks), encode, rounds=rounds, names=names)


def signatures(count: int, rounds: int) -> Ratio:
    """Compare checking signatures with the day's key at hand and with one made for each request."""
    users = Users.single()
    headers = sign_headers(
        "GET", HOST, "/photos/a.jpg", {}, {}, region=REGION, now=NOW_S,
        access_key=DEFAULT_ACCESS_KEY, secret_key=DEFAULT_SECRET_KEY,
    )  # fmt: skip
    request = Request("GET", "/photos/a.jpg", {}, headers, BytesIO())

    def check(forget: Callable[[], object] = bool) -> None:
        for _ in range(count):
            forget()
            authenticate(request, users, now=NOW_S, region=REGION)

    names = ("checking a signature with the day's key cached", "making the key each time")
    return compare(check, lambda: check(cached_key.cache_clear), rounds=rounds, names=names)


def group_commit(puts: int, rounds: int) -> Ratio:
    """Compare one sync for all who wait with a sync for each, by the clock on the wall."""
    with TemporaryDirectory(prefix="kit-bench-") as name:
        node = open_node(Path(name))
        payload = Random(7).randbytes(SHARD_BYTES)
        names = iter(range(1 << 30))

        def store(writers: int) -> None:
            with ThreadPoolExecutor(writers) as pool:
                for _ in pool.map(lambda _: node.put(f"{next(names):08x}", payload), range(puts)):
                    pass

        found = compare(
            lambda: store(WRITERS), lambda: store(1), rounds=rounds, timer_ns=WallClock().now_ns
        )
        node.close()
    title = f"storing {puts} shards of 4 KiB, {WRITERS} writers sharing syncs"
    return _by_the_wall(title, "a sync for each", found)


def _by_the_wall(name: str, baseline: str, found: Ratio) -> Ratio:
    return Ratio(
        name, baseline, found.name_ns, found.baseline_ns,
        found.ratio, found.low, found.high, found.rounds, "wall clock",
    )  # fmt: skip


def listings(many: int, pages: int, rounds: int) -> Ratio:
    """Compare reading a page of a large bucket with a page of a small one: it should be 1."""
    few = 10_000
    with TemporaryDirectory(prefix="kit-bench-") as name:
        large, small = (filled(Path(name, str(keys)), keys) for keys in (many, few))
        rng = Random(7)
        return compare(
            lambda: read_pages(large, many, pages, rng),
            lambda: read_pages(small, few, pages, rng),
            rounds=rounds,
            names=("a page of 1,000 keys among many", f"among {few:,}"),
        )


def filled(folder: Path, keys: int) -> Metadata:
    """Return the metadata of a bucket with so many objects, written in no order."""
    machine = Machine(Tree(disk=HeldDisk(folder)))
    numbers = list(range(keys))
    Random(7).shuffle(numbers)
    for start in range(0, keys, 1_000):
        writes = {_place(n): _record(n) for n in numbers[start : start + 1_000]}
        machine.apply(start + 1, Transaction(writes).encode())
    return cast(Metadata, machine)


def read_pages(metadata: Metadata, keys: int, pages: int, rng: Random) -> None:
    """Read pages of 1,000 keys that begin anywhere."""
    wanted = Asked("", "", 1_000, "")
    for _ in range(pages):
        page = page_of(objects(metadata, BUCKET, wanted), wanted, _key(rng.randrange(keys - 2_000)))
        assert len(page.entries) == wanted.limit, len(page.entries)


def _key(number: int) -> str:
    return f"some/prefix/{number:012d}"


def _place(number: int) -> bytes:
    return object_key(BUCKET, _key(number))


def _record(number: int) -> bytes:
    etag, name = f"{number:032x}", f"{number:032x}"
    part = {"size": 4096, "blob": [name, 4096, 4 * MIB, 1, 0]}
    version = Version(
        _key(number), NULL, f"{number:016x}", 1_800_000_000_000, "0" * 64,
        size_bytes=4096, etag=etag, parts=[part], headers={"content-type": "image/jpeg"},
    )  # fmt: skip
    return version.to_bytes()
