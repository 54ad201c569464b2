"""A real process on a real disk, killed with SIGKILL: what it acknowledged is there, once."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from chapters.log import Log, Reader
from chapters.sim.real import RealDisk

# Appends batches for ever; a sequence is printed (acknowledged) only after its commit.
WRITER = """
import os, sys
from pathlib import Path
from chapters.log import Log
from chapters.sim.real import RealDisk

log = Log(disk=RealDisk(Path(sys.argv[1])), segment_bytes_max=4096)
while True:
    for _ in range(1 + log.last % 7):
        log.append(b"%d " % (log.last + 1) * 5)
    os.write(1, b"%d\\n" % log.commit())
"""


def acknowledged_before_the_kill(folder: Path, rng: Random) -> int:
    """Let a writer make some tens of commits, kill it, and return the last one it acknowledged."""
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for _ in range(rng.randrange(1, 60)):
            writer.stdout.readline()
        for _ in range(rng.randrange(5000)):  # somewhere inside a commit, not right after one
            pass
        writer.kill()
        lines = writer.stdout.read().split(b"\n")
    return int(lines[-2]) if len(lines) > 1 else 0


def survive(folder: Path, rounds: int) -> None:
    rng = Random(rounds)
    promised = 0
    follower = Reader(disk=RealDisk(folder))
    followed = 0
    for _ in range(rounds):
        promised = max(promised, acknowledged_before_the_kill(folder, rng))
        log = Log(disk=RealDisk(folder), segment_bytes_max=4096)
        assert log.last >= promised
        records = list(log.read())
        assert [record.sequence for record in records] == list(range(1, log.last + 1))
        assert all(payload == b"%d " % sequence * 5 for sequence, payload in records)
        while new := follower.poll():
            assert new == records[followed : followed + len(new)]
            followed += len(new)
        assert followed == log.last


def test_nothing_acknowledged_is_lost_to_kill_9(tmp_path: Path) -> None:
    survive(tmp_path, rounds=20)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_to_kill_9_a_hundred_times(tmp_path: Path) -> None:
    survive(tmp_path, rounds=100)


def test_a_reader_follows_a_writer_in_another_process(tmp_path: Path) -> None:
    reader = Reader(disk=RealDisk(tmp_path))
    seen: list[int] = []
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        while len(seen) < 2000:
            promised = int(writer.stdout.readline())
            while new := reader.poll():
                seen += [record.sequence for record in new]
            assert seen[-1] >= promised
        writer.kill()
    assert seen == list(range(1, len(seen) + 1))
