"""One of the metadata's replicas: a Raft member, its machine, and what it answers to requests.

Front ends talk to the leader; who asks another replica is told where the leader is. A read first makes
sure that nobody else leads (Raft's read index), so it sees every write that was acknowledged: strong
consistency is one round of heartbeats, shared by all who read meanwhile. Not thread-safe: `app.py` lets
one thread in at a time, and answers come through `done`. Page: docs/s3/metadata.md
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from chapters.errors import Definite, KitError
from chapters.raft import NotLeader, Raft, decode
from chapters.sim.trace import note
from s3.metadata.batches import Read, pack, pack_entries, unpack
from s3.metadata.machine import Machine

REDIRECT_421, BUSY_503, UNKNOWN_504, BAD_400 = 421, 503, 504, 400


class Reply(NamedTuple):
    """An answer: a status and a body."""

    status: int
    body: bytes = b""


Done = Callable[[Reply], None]


class Replica:
    """Turns requests into calls of a Raft member."""

    def __init__(self, raft: Raft, machine: Machine) -> None:
        self.raft = raft
        self._machine = machine

    def handle(self, path: str, source: str, body: bytes, done: Done) -> None:
        """Serve one request; `done` is called once, now or when the group has answered."""
        try:
            match path:
                case "raft":
                    self.raft.receive(source, decode(body))
                    done(Reply(204))
                case "commit":
                    self.raft.propose(unpack(body), lambda told: done(_committed(told)))
                case "read":
                    self._read(Read.decode(body), done)
                case "status":
                    done(Reply(200, json.dumps(self.status()).encode()))
                case _:
                    done(Reply(404))
        except (ValueError, KitError) as error:
            done(Reply(BAD_400, str(error).encode()))

    def _read(self, read: Read, done: Done) -> None:
        def now(refusal: KitError | None) -> None:
            if refusal is not None:
                done(_refused(refusal))
                return
            found = self._machine.scan(read.start, read.stop, read.limit, reverse=read.reverse)
            done(Reply(200, pack_entries(found)))

        self.raft.read(now)

    def status(self) -> dict[str, Any]:
        """Return what a monitor would ask for."""
        raft = self.raft
        return {
            "name": raft.name,
            "role": raft.role.name.lower(),
            "term": raft.term,
            "leader": raft.leader,
            "commit": raft.commit_index,
            "applied": raft.applied_index,
        }


def _committed(told: Sequence[object] | KitError) -> Reply:
    if isinstance(told, KitError):
        return _refused(told)
    note("a majority has it on disk", results=", ".join(map(str, told)))
    return Reply(200, pack(str(result).encode() for result in told))


def _refused(error: KitError) -> Reply:
    if isinstance(error, NotLeader):
        return Reply(REDIRECT_421, (error.leader or "").encode())
    return Reply(BUSY_503 if isinstance(error, Definite) else UNKNOWN_504, str(error).encode())
