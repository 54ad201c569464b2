"""What the exercises on the key space check: guarded transactions, listings, versions.

Page: docs/s3/metadata.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.lsm import Tree
from chapters.sim.disk import SimDisk
from s3.api.walk import Asked, objects, page_of
from s3.metadata.keys import object_key
from s3.metadata.machine import Machine
from s3.metadata.transaction import Entry, Transaction
from s3.records import Version
from s3.scene.store import BUCKET, Store

Steps = list[list[JSON]]
Plain = dict[str, JSON]


def commits(transactions: list[dict[str, dict[str, str | None]]]) -> JSON:
    """Drive `Machine.apply` on transactions in order; return each verdict and what there is at the end."""
    machine = Machine(Tree(disk=SimDisk(rng=Random(1))))
    verdicts = []
    for index, each in enumerate(transactions, 1):
        empty = tuple(
            (low.encode(), (high or "").encode()) for low, high in each.get("empty", {}).items()
        )
        made = Transaction(_bytes(each.get("writes", {})), _bytes(each.get("guards", {})), empty)
        verdicts.append(machine.apply(index, made.encode()))
    found = machine.scan(b"", b"\xff", 100)
    return [verdicts, {key.decode(): value.decode() for key, value in found}, machine.applied]


def _bytes(table: dict[str, str | None]) -> dict[bytes, bytes | None]:
    return {key.encode(): None if value is None else value.encode() for key, value in table.items()}


def plain_writes(rng: Random) -> Iterator[Case]:
    yield ([{"writes": {"a": "1", "b": "2"}}, {"writes": {"a": None, "c": f"{rng.random():.3f}"}}],)


def guarded(rng: Random) -> Iterator[Case]:
    first: Plain = {"writes": {"a": "1"}, "guards": {"a": None}}
    yield ([first, first],)
    yield ([first, {"writes": {"a": "2"}, "guards": {"a": "1"}}],)
    yield ([first, {"writes": {"a": "2"}, "guards": {"a": "0"}}],)
    yield ([first, {"writes": {"b": "2"}, "guards": {"a": "1", "c": "x"}}],)


def empty_ranges(rng: Random) -> Iterator[Case]:
    there: Plain = {"writes": {"o/b/k": "1", "b/b": "bucket"}}
    delete: Plain = {"writes": {"b/b": None}, "empty": {"o/b/": "o/b/\x7f"}}
    yield ([there, delete],)
    yield ([there, {"writes": {"o/b/k": None}}, delete],)


def counted(rng: Random) -> Iterator[Case]:
    refused: Plain = {"writes": {"a": "2"}, "guards": {"a": "x"}}
    yield ([{"writes": {"a": "1"}}, refused, refused, {"writes": {"z": "9"}}],)


class _Keys:
    """A key space of keys alone, which counts what is read from it."""

    def __init__(self, keys: list[str], markers: list[str]) -> None:
        self.entries = sorted(
            (object_key("b", key), Version(key, "null", "0", 0, "o", key in markers).to_bytes())
            for key in keys
        )
        self.read = 0

    def scan(self, start: bytes, stop: bytes, limit: int, *, reverse: bool = False) -> list[Entry]:
        found = [each for each in self.entries if start <= each[0] < stop][:limit]
        self.read += len(found)
        return found


def lists(keys: list[str], prefix: str, delimiter: str, limit: int, markers: list[str]) -> JSON:
    """Drive `page_of` over all pages; return what was on each."""
    wanted = Asked(prefix, delimiter, limit, "")
    space = _Keys(keys, markers)
    pages, marker = [], ""
    for _ in range(20):
        page = page_of(objects(space, "b", wanted), wanted, marker)  # type: ignore[arg-type]
        pages.append([[each.key for each in page.entries], page.prefixes, page.last])
        if not page.is_truncated:
            return pages
        marker = page.last
    return "20 pages, and no end"


def reads(keys: list[str], prefix: str, delimiter: str, limit: int, markers: list[str]) -> JSON:
    """Drive one page; return whether it read more entries than it could have any use for."""
    space = _Keys(keys, markers)
    wanted = Asked(prefix, delimiter, limit, "")
    page = page_of(objects(space, "b", wanted), wanted, "")  # type: ignore[arg-type]
    bound = (len(page.entries) + len(page.prefixes) + 2) * wanted.scan_max
    return [page.prefixes, "few reads" if space.read <= bound else f"{space.read} entries read"]


def _tree(rng: Random) -> list[str]:
    return [
        f"{'abc'[rng.randrange(3)]}/{rng.randrange(4)}/{rng.randrange(9)}" for _ in range(12)
    ] + ["top"]


def flat(rng: Random) -> Iterator[Case]:
    keys = sorted(set(_tree(rng)))
    yield keys, "", "", 1000, []
    yield keys, "a/", "", 1000, []
    yield keys, "", "", 0, []


def grouped(rng: Random) -> Iterator[Case]:
    keys = sorted({*_tree(rng), "a", "a/", "b//x"})
    yield keys, "", "/", 1000, []
    yield keys, "a/", "/", 1000, []
    yield keys, "", "/1", 1000, []


def paged(rng: Random) -> Iterator[Case]:
    keys = sorted({*_tree(rng), "d", "e/1"})
    for limit in (1, 2, 3):
        yield keys, "", "/", limit, []
        yield keys, "", "", limit + 4, []


def hidden(rng: Random) -> Iterator[Case]:
    keys = ["a/1", "a/2", "b/1", "b/2", "c", "d"]
    yield keys, "", "/", 1000, ["a/1", "b/1", "b/2", "c"]
    yield keys, "", "/", 2, ["a/1", "a/2", "d"]


def wide(rng: Random) -> Iterator[Case]:
    keys = [f"{name}/{number:04}" for name in "abc" for number in range(600)]
    yield keys, "", "/", 1000, []


def versioned(steps: Steps) -> JSON:
    """Drive a bucket through puts, deletes and changes of versioning; return its versions."""
    with Store(7) as store:
        client = store.with_bucket().client()
        ids: list[str] = []
        for word, *rest in steps:
            match word:
                case "Enabled" | "Suspended":
                    document = f"<VersioningConfiguration><Status>{word}</Status></VersioningConfiguration>"
                    client.ask("PUT", f"/{BUCKET}", document.encode(), {"versioning": ""})
                case "put":
                    client.put(f"/{BUCKET}/k", str(rest[0]).encode())
                case "delete":
                    query = {"versionId": ids[int(str(rest[0]))]} if rest else {}
                    client.ask("DELETE", f"/{BUCKET}/k", query=query)
            ids = _ids(client.ask("GET", f"/{BUCKET}", query={"versions": ""}).body.decode())
        listed = client.ask("GET", f"/{BUCKET}", query={"versions": ""}).body.decode()
        seen = client.get(f"/{BUCKET}/k")
        waste = len(store.service.metadata.scan(b"g/", b"g/\xff", 100))
    return [_kinds(listed), seen.body.decode() if seen.is_ok else seen.code, waste]


def _ids(listed: str) -> list[str]:
    return [each.partition("</VersionId>")[0] for each in listed.split("<VersionId>")[1:]]


def _kinds(listed: str) -> list[JSON]:
    kinds: list[JSON] = []
    for number, name in enumerate(_ids(listed)):
        before = listed.split("<VersionId>")[number]
        kind = "marker" if before.rfind("<DeleteMarker>") > before.rfind("<Version>") else "version"
        kinds.append(f"{kind} {'null' if name == 'null' else 'id'}")
    return kinds


def never_on(rng: Random) -> Iterator[Case]:
    yield ([["put", "1"], ["put", f"{rng.random():.4f}"]],)
    yield ([["put", "1"], ["delete"]],)


def enabled(rng: Random) -> Iterator[Case]:
    yield ([["put", "0"], ["Enabled"], ["put", "1"], ["put", "2"]],)
    yield ([["Enabled"], ["put", "1"], ["delete"], ["put", "2"]],)
    yield ([["Enabled"], ["put", "1"], ["put", "2"], ["delete", 0]],)


def suspended(rng: Random) -> Iterator[Case]:
    start = [["Enabled"], ["put", "1"], ["Suspended"]]
    yield ([*start, ["put", "2"]],)
    yield ([*start, ["put", "2"], ["put", f"{rng.random():.4f}"]],)
    yield ([*start, ["delete"], ["put", "2"]],)
    yield ([["put", "0"], ["Enabled"], ["put", "1"], ["Suspended"], ["put", "2"]],)


STAGES = {
    "guarded-commit": [
        Stage("writes and deletions", plain_writes, commits),
        Stage("guards: only if it is still so", guarded, commits),
        Stage("ranges that must hold nothing", empty_ranges, commits),
        Stage("a refusal is a step too", counted, commits),
    ],
    "list-with-delimiter": [
        Stage("keys in order, one page", flat, lists),
        Stage("common prefixes, each once", grouped, lists),
        Stage("page after page, nothing twice", paged, lists),
        Stage("what is deleted hides", hidden, lists, needs=(2,)),
        Stage("a prefix costs a step, whatever lies beneath", wide, reads, needs=(2,)),
    ],
    "version-ordering": [
        Stage("versioning never on: one version", never_on, versioned),
        Stage("Enabled: the current one becomes an older one", enabled, versioned),
        Stage("Suspended: one null version, wherever it is", suspended, versioned),
    ],
}
