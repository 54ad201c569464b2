"""What the giver of leases must not forget: the highest epoch, and who was given what.

    record 1   epoch 1   printer → ada, 5 s
    record 2   epoch 2   scanner → ben, 9 s
    record 3   epoch 3   printer → ben, 5 s           the latest of each name counts

One counter serves all names. So a name whose lease is over can be forgotten, and comes back later
with an epoch above all that it had. Invariant: what `add` returned from is there after any crash;
an epoch that was lost with one was never told to anybody.

Renewals are not written, nor what was given back: see `chapters.lease.lease` for what that costs.
Page: docs/chapters/lease.md
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from chapters.errors import Definite
from chapters.log import Log
from chapters.log.segment import SEGMENT_BYTES_MAX
from chapters.sim.disk import Disk

RECORDS_MIN = 10_000  # with so many more than leases are running, the journal is written anew
BATCH_GRANTS = 1_000  # in one record, when it is


@dataclass(frozen=True, slots=True)
class Grant:
    """`holder` was given `name` for `ttl_s`; of two grants the one with the higher epoch counts."""

    name: str
    holder: str
    epoch: int
    ttl_s: float


class Journal:
    """Grants on an append-only log. `recovered` is what opening found: each name's latest."""

    def __init__(
        self, *, disk: Disk, name: str, segment_bytes_max: int = SEGMENT_BYTES_MAX
    ) -> None:
        self._log = Log(disk=disk, name=name, segment_bytes_max=segment_bytes_max)
        self.epoch = 0
        self.recovered: dict[str, Grant] = {}
        for record in self._log.read():
            epoch, grants = json.loads(record.payload)
            self.epoch = max(self.epoch, epoch)
            self.recovered |= {each[0]: Grant(*each) for each in grants}

    def add(self, grant: Grant) -> None:
        """Make a grant durable. Raises what `Log.commit` raises; nobody may be told of it then."""
        assert grant.epoch > self.epoch, (grant, self.epoch)
        self._write([(grant.epoch, [grant])])
        self.epoch = grant.epoch

    def is_long(self, running: int) -> bool:
        """Return whether most of the journal is of no use when so many leases are running."""
        return self._log.last - self._log.first > RECORDS_MIN + 2 * running

    def rewrite(self, grants: Iterable[Grant]) -> None:
        """Write down the epoch and these grants, and drop what is before them."""
        first, left = self._log.last + 1, iter(grants)
        batches = iter(lambda: list(islice(left, BATCH_GRANTS)), [])
        self._write([(self.epoch, []), *((self.epoch, batch) for batch in batches)])
        self._log.retain(first)

    def _write(self, records: list[tuple[int, list[Grant]]]) -> None:
        try:
            for epoch, grants in records:
                rows = [(each.name, each.holder, each.epoch, each.ttl_s) for each in grants]
                self._log.append(json.dumps([epoch, rows]).encode())
            self._log.commit()
        except Definite:
            self._log.discard()
            raise
