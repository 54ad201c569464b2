"""The bytes of small objects lie in the metadata, beside the records that name them: one sync stores both.

    below 16 KiB    d/<blob> := bytes  and  o/photos␀a := record      one transaction, one sync
    more            stripes on the nodes, a sync; then the record     see storage/blobs.py

Of a small blob the nodes know nothing: it has no stripes. Whoever writes one is given `Writes` for the
transaction that is going to name it. Invariant: `d/<blob>` is written by the transaction that first names
the blob, and deleted by the one that forgets it under `g/`; so there are no orphans. Bytes in a key space
are copied again by every merge of its tables, so only few of them belong there, and none in a cluster,
where each replica has a copy. Source: MinIO keeps small objects in its xl.meta for the same reason.
Page: docs/s3/storage.md
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from s3.errors import Refused
from s3.metadata.keys import small_key
from s3.service import Service
from s3.storage.blobs import Blob

SMALL_BELOW_BYTES = 16 * 1024  # as stored; every merge of tables copies them

Writes = dict[bytes, bytes | None]


def write(service: Service, chunks: Iterable[bytes]) -> tuple[Blob, Writes]:
    """Return the blob of these bytes, and what the transaction that names it has to write.

    Large ones are durable when this returns. Raises `LostQuorum`, `DiskFull`, and what `chunks` raises.
    """
    rest = iter(chunks)
    head = b""
    while len(head) < service.small_below_bytes:
        chunk = next(rest, None)
        if chunk is None:
            return _kept(service, head)
        head += chunk
    return service.blobs.write(chain([head], rest)), {}


def _kept(service: Service, data: bytes) -> tuple[Blob, Writes]:
    service.room.take(len(data))
    blob = Blob.small(service.rng.randbytes(16).hex(), len(data))
    return blob, {small_key(blob.id): data}


def read(service: Service, blob: Blob, start: int, stop: int) -> Iterator[bytes]:
    """Yield bytes `start` to before `stop` of a blob, wherever it is. Raises `LostQuorum`, `Busy`."""
    if not blob.is_small:
        return service.blobs.read(blob, start, stop)
    data = service.metadata.get(small_key(blob.id))
    if data is None:
        raise Refused("InternalError", f"The bytes of blob {blob.id} are not there any more")
    return iter((data[start:stop],))


def take_back(service: Service, blob: Blob) -> None:
    """Delete a blob that no transaction has named; a small one was never written."""
    if not blob.is_small:
        service.blobs.delete(blob)
