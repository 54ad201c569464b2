"""What a power failure leaves of a shard store: a demonstration.

Writes are under way, the power fails at one of them, and the store is opened again. Whatever was
acknowledged is there; what was not may be or not. Page: docs/s3/storage.md
"""

import random

from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed, at_least
from s3.storage.simulated import open_store


def demo(*, seed: int = 7, failures: int = 6, shard_bytes: int = 1000) -> None:
    """Let the power fail at several writes, and look each time."""
    at_least(1, failures=failures, shard_bytes=shard_bytes)
    rng = random.Random(seed)
    for _ in range(failures):
        disk = SimDisk(rng=rng)
        write = rng.randint(5, 45)
        disk.crash_after(write)
        acknowledged = _put_until_crash(disk, shard_bytes)
        disk.crash()
        store = open_store(disk, extent_bytes_max=8 * shard_bytes)
        found = store.count()
        assert found >= acknowledged
        print(
            f"  power failure at write {write:2}: {acknowledged:2} shards acknowledged, {found:2} "
            f"found in {len(store.extents.sizes)} extents, {store.extents.cut_bytes:4} B of torn tail cut"
        )


def _put_until_crash(disk: SimDisk, shard_bytes: int) -> int:
    acknowledged = 0
    try:
        store = open_store(disk, extent_bytes_max=8 * shard_bytes)
        while True:
            for part in range(3):
                store.stage(f"{acknowledged:06}.{part}", bytes(shard_bytes))
            store.commit()
            acknowledged += 3
    except Crashed:
        return acknowledged
