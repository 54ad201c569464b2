"""Count primes in pieces, on several processes, while one of them dies: the sum does not change.

Page: docs/chapters/batch.md
"""

import os
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import isqrt
from pathlib import Path
from random import Random

from chapters.batch.executor import executor
from chapters.batch.processes import ProcessExecutor

TITLE = "Many tasks"


@dataclass(frozen=True, slots=True)
class Piece:
    """The numbers from `first` to `stop`, without `stop`.

    If `deadly` names a file that is not there, whoever counts them makes it and dies.
    """

    first: int
    stop: int
    deadly: Path | None = None

    @property
    def name(self) -> str:
        """What tells this piece from all others."""
        return f"{self.first} to {self.stop - 1}"


def count_primes(piece: Piece) -> int:
    """Return how many primes there are in the piece, by trial division: slow on purpose."""
    if piece.deadly and not piece.deadly.exists():
        piece.deadly.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return sum(map(is_prime, range(piece.first, piece.stop)))


def is_prime(number: int) -> bool:
    """Return whether nothing but 1 and itself divides `number`."""
    return number > 1 and all(number % factor for factor in range(2, isqrt(number) + 1))


def pieces(upto: int, count: int) -> list[Piece]:
    """Return `count` pieces of about equal length that cover 0 to `upto`."""
    edges = [upto * index // count for index in range(count + 1)]
    return [Piece(first, stop) for first, stop in pairwise(edges)]


def demo(*, seed: int = 7, upto: int = 200_000, tasks: int = 8, workers: int = 2) -> None:
    """Count primes serially, then on processes of which one dies; compare."""
    work = pieces(upto, tasks)
    with executor("serial") as here:
        alone = sum(here.map(count_primes, work, key=lambda piece: piece.name))
    print(f"primes below {upto:,}, one process:   {alone:,}\n")
    with tempfile.TemporaryDirectory() as folder:
        victim = Random(seed).randrange(tasks)
        work[victim] = Piece(work[victim].first, work[victim].stop, Path(folder, "died"))
        print(
            f"{workers} processes; the one that counts {work[victim].name} is killed by it, once:"
        )
        with ProcessExecutor(workers=workers) as crew:
            counts = crew.map(count_primes, work, key=lambda piece: piece.name, on_done=told())
    print(f"\nprimes below {upto:,}, {workers} processes: {sum(counts):,}")


def told() -> Callable[[str, int], None]:
    """Return what prints a line for each piece that is done."""
    return lambda name, count: print(f"  done  {name:18} {count:6,} primes")


if __name__ == "__main__":
    demo()
