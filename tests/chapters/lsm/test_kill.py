"""A real process on a real disk, killed with SIGKILL: what it said was flushed is there, and right."""

import subprocess
import sys
from pathlib import Path
from random import Random

from chapters.lsm import Tree
from chapters.sim.real import RealDisk

# Applies batch after batch of a log that is a formula; prints `flushed` when it has changed.
WRITER = """
import os, sys
from pathlib import Path
from random import Random
from chapters.lsm import Tree
from chapters.sim.real import RealDisk

def batch(sequence):
    rng = Random(sequence)
    numbers = [rng.randrange(4000) for _ in range(20)]
    return [(b"%04d" % n, None if n % 5 == sequence % 5 else b"of %d" % sequence) for n in numbers]

if __name__ == "__main__":
    tree = Tree(disk=RealDisk(Path(sys.argv[1])), memtable_bytes_max=20_000)
    promised = 0
    while True:
        tree.apply(tree.applied + 1, batch(tree.applied + 1))
        if tree.flushed > promised:
            promised = tree.flushed
            os.write(1, b"%d\\n" % promised)
"""


def flushed_before_the_kill(folder: Path, rng: Random) -> int:
    """Let a writer make some flushes, kill it, and return the last one it reported."""
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for _ in range(rng.randrange(1, 40)):
            writer.stdout.readline()
        for _ in range(rng.randrange(20_000)):  # somewhere inside a flush, not right after one
            pass
        writer.kill()
        lines = writer.stdout.read().split(b"\n")
    return int(lines[-2]) if len(lines) > 1 else 0


def test_nothing_flushed_is_lost_to_kill_9(tmp_path: Path) -> None:
    formula: dict = {"__name__": "formula"}
    exec(WRITER, formula)
    rng, promised, model, reached = Random(7), 0, {}, 0
    for _ in range(4):
        promised = max(promised, flushed_before_the_kill(tmp_path, rng))
        with RealDisk(tmp_path) as disk:
            tree = Tree(disk=disk)
            assert tree.flushed >= promised
            while reached < tree.flushed:
                reached += 1
                model.update(formula["batch"](reached))
            live = {key: value for key, value in model.items() if value is not None}
            assert dict(tree.dump()) == live
            assert len(disk.names()) == 1 + len(tree.tables)
    assert reached > 40
