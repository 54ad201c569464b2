"""Write, pull the plug, recover, look: what was acknowledged is there, and not one record twice.

The disk is simulated, so the plug can be pulled at every single write, in order, and each time a
seed decides how much of the unsynced bytes survived. Page: docs/chapters/log.md
"""

from dataclasses import dataclass
from random import Random

from chapters.log.errors import CorruptLog
from chapters.log.log import Log
from chapters.log.segment import segment_starts
from chapters.sim.chance import Chance
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Crashed

TITLE = "The log"
SEGMENT_BYTES = 400


@dataclass(frozen=True, slots=True)
class Crash:
    """One pulled plug: the last record appended, promised and found, and the bytes cut off."""

    appended: int
    acknowledged: int
    found: int
    cut_bytes: int

    @property
    def is_survived(self) -> bool:
        """Nothing promised is lost, nothing is found that was never written."""
        return self.acknowledged <= self.found <= self.appended


def pull_the_plug(rng: Random, write: int, commits: int, batch: int) -> Crash | None:
    """Crash at the given write and recover; None if all was done before that many writes."""
    disk = SimDisk(rng=rng)
    disk.crash_after(write)
    appended = acknowledged = 0
    try:
        log = Log(disk=disk, segment_bytes_max=SEGMENT_BYTES)
        for _ in range(commits):
            for _ in range(batch):
                appended = log.append(b"payload of record %d" % (log.last + 1))
            acknowledged = log.commit()
        return None
    except Crashed:
        disk.crash()
    recovered = Log(disk=disk, segment_bytes_max=SEGMENT_BYTES)
    return Crash(appended, acknowledged, recovered.last, recovered.cut_bytes)


def demo(*, seed: int = 7, commits: int = 6, batch: int = 4) -> None:
    """Pull the plug at every write of a small run; then damage a record that was safe."""
    rng = Chance(seed).stream("disk")
    print(
        f"{commits} commits of {batch} records each; the power fails at one write after another.\n"
    )
    print("  write   appended   acknowledged   found   torn bytes cut")
    write = 0
    while crash := pull_the_plug(rng, write, commits, batch):
        mark = "✔" if crash.is_survived else "✘"
        print(
            f"  {write:5}   {crash.appended:8}   {crash.acknowledged:12}   {crash.found:5}"
            f"   {crash.cut_bytes:14}   {mark}"
        )
        write += 1
    print(f"\n{damage_the_middle(rng)}")


def damage_the_middle(rng: Random) -> str:
    """Flip one bit in a record with others behind it; return what opening the log says."""
    disk = SimDisk(rng=rng)
    log = Log(disk=disk, segment_bytes_max=SEGMENT_BYTES)
    for number in range(1, 21):
        log.append(b"payload of record %d" % number)
        log.commit()
    segment = disk.names()[len(segment_starts(disk, "journal")) // 2]
    disk.flip_bit(segment, 30)
    try:
        Log(disk=disk)
    except CorruptLog as error:
        return f"One flipped bit in the middle:\n  {error}"
    return "One flipped bit in the middle went unnoticed."


if __name__ == "__main__":
    demo()
