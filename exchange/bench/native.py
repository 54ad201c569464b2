"""The engine compiled, beside the same engine as it is: two processes, which take turns.

Page: docs/exchange/native.md
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from time import process_time_ns
from typing import IO

from chapters.measure.findings import Finding, Missing
from chapters.measure.ratio import compare
from exchange.bench.books import FULL, QUICK, OfFlow, bare, commands, whole
from exchange.flow.order_flow import generate
from exchange.native import ASKED, place

OBEY = "from exchange.bench.native import obey; obey()"
Play = Callable[[list[OfFlow]], object]
WORK: dict[str, Play] = {"the book": bare, "the whole engine": whole}


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield how many times as fast book and engine are once they are compiled."""
    if not place().is_dir():
        yield Missing("the engine compiled", "kit build --native")
        return
    messages, rounds = QUICK if quick else FULL
    for what in WORK:
        on_progress(f"{what}, compiled and not")
        with Worker("1", what, messages) as compiled, Worker("0", what, messages) as plain:
            found = compare(
                compiled.work,
                plain.work,
                rounds=rounds,
                names=(f"{what}, compiled,", "the same file as it is"),
                timer_ns=lambda ours=compiled, theirs=plain: ours.spent_ns + theirs.spent_ns,  # type: ignore[misc]
            )
        yield replace(found, clock="CPU of the one who works")


class Worker:
    """A process that plays one flow whenever it is told to, and says how long that took."""

    def __init__(self, native: str, what: str, messages: int) -> None:
        self.spent_ns = 0
        self._process = subprocess.Popen(
            (sys.executable, "-c", OBEY, what, str(messages)),
            env=os.environ | {ASKED: native},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *error: object) -> None:
        with self._process:
            self._pipe(self._process.stdin).close()

    def work(self) -> None:
        """Have the flow played once more."""
        ask = self._pipe(self._process.stdin)
        ask.write(b"\n")
        ask.flush()
        self.spent_ns += int(self._pipe(self._process.stdout).readline())

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


def obey() -> None:
    """Play the flow for every line that comes in."""
    what, messages = sys.argv[1], int(sys.argv[2])
    flow = commands(generate(Random(7), messages))
    for _ in sys.stdin:
        begun_ns = process_time_ns()
        WORK[what](flow)
        sys.stdout.write(f"{process_time_ns() - begun_ns}\n")
        sys.stdout.flush()
