"""Delivers events that wait: each to its targets' files, as JSON lines, and then forgets it.

    e/<time> ──► events/uploads.jsonl += {"Records": [{…}]}⏎ ──sync──► delete e/<time>

Invariant: an event is forgotten only once it is durable in every file that it goes to. After a crash in
between it is delivered again: at least once, so who reads must bear repetition, and can, by the
`sequencer`. A file that nobody empties stops deliveries at `FILE_BYTES_MAX`. Page: docs/s3/configs.md
"""

import json
from collections import defaultdict

from chapters.sim.disk import Disk
from s3.errors import Busy
from s3.metadata.keys import after, waiting_key
from s3.metadata.transaction import Entry, Transaction
from s3.notifications import file_of
from s3.outbox import EVENT, WAITING_MAX
from s3.service import Service

PAGE_MAX = 500
FILE_BYTES_MAX = 1024**3


class Courier:
    """Takes events from the metadata to files on `disk`."""

    def __init__(self, service: Service, *, disk: Disk) -> None:
        self._service = service
        self._disk = disk

    def deliver(self) -> int:
        """Deliver what waits, and return how many events. Raises `Busy` when a file is full."""
        metadata, home = self._service.metadata, waiting_key(EVENT)
        waiting = metadata.scan(home, after(home), WAITING_MAX)
        for start in range(0, len(waiting), PAGE_MAX):
            self._service.backlog[EVENT] = len(waiting) - start
            page = waiting[start : start + PAGE_MAX]
            self._append(page)
            metadata.commit(Transaction({place: None for place, _ in page}))
        self._service.backlog[EVENT] = 0
        return len(waiting)

    def _append(self, page: list[Entry]) -> None:
        lines: dict[str, list[bytes]] = defaultdict(list)
        for _, data in page:
            letter = json.loads(data)
            for id, arn in letter["to"]:
                lines[file_of(arn)].append(_line(letter["record"], id))
        present = {*self._disk.names()}
        for name in lines:
            if name in present and self._disk.size(name) >= FILE_BYTES_MAX:
                raise Busy(f"events/{name} has {FILE_BYTES_MAX} bytes; read it, and empty it")
        for name, added in lines.items():
            self._disk.append(name, b"".join(added))
            self._disk.sync(name)
        if not lines.keys() <= present:
            self._disk.sync_names()


def _line(record: dict[str, object], id: str) -> bytes:
    """Return a record as the target gets it; a test event has no rule and no wrapping."""
    if "s3" in record:
        told = dict(record["s3"])  # type: ignore[call-overload]
        record = {"Records": [record | {"s3": told | {"configurationId": id}}]}
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"
