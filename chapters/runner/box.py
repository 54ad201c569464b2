"""A box: one child process that runs a learner's code and answers calls, trusted with nothing.

    with Box({"exchange.matching": text}, limits=Limits()) as box:
        answer = box.call("exchange.checks:play", [[…]])        # Answer(kind="returned", value=…)

The child sees a private copy of the packages in which the learner's text stands in place of our
module, so the reference is not there to be read; it has no network, no rights, and limits on time,
memory, files and processes. It can say what it likes: an answer is a JSON value that the caller
compares, never a verdict. A box that broke a rule is closed, and says so at every later call.
A box belongs to the thread that opened it: when that thread ends, so does the box.
Cost: about 60 ms of CPU to open one, 0.1 ms a call. Page: docs/how-it-works.md
"""

import contextlib
import functools
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from signal import SIGKILL, SIGXCPU
from typing import Any, Literal, Self

from chapters.checking import JSON
from chapters.runner import bubblewrap
from chapters.runner.answers import Answer, BadAnswer, Forged, Kind, parse
from chapters.runner.child import BY_SIGNAL, Child, NoBox, in_words
from chapters.runner.inside import ANSWER_BYTES_MAX
from chapters.runner.limits import Limits
from chapters.runner.pipes import Silence

__all__ = ["Answer", "Box", "Isolation", "Limits", "NoBox", "isolation_in_use", "watching"]

KILLED, XCPU = BY_SIGNAL + SIGKILL, BY_SIGNAL + SIGXCPU


@dataclass(frozen=True, slots=True)
class Isolation:
    """How boxes are shut in on this machine, and what that means."""

    name: Literal["bubblewrap", "rlimits only"]
    meaning: str

    def __str__(self) -> str:
        return self.name


_watcher: ContextVar[list[str]] = ContextVar("watcher")


@contextlib.contextmanager
def watching() -> Iterator[list[str]]:
    """Collect what the boxes opened meanwhile reach for beyond answering, each thing once."""
    attempts: list[str] = []
    before = _watcher.set(attempts)
    try:
        yield attempts
    finally:
        _watcher.reset(before)


class Box:
    """One child process with the learner's `sources` (module name → text) in place of ours.

    `called` names the modules that will be called, when they are not beside the learner's: what they
    import is there, too. `isolation` is "auto" (bubblewrap where it works), "bubblewrap" or "rlimits".
    Opening never runs the learner's code. Raises `NoBox` when the machine cannot open one.
    """

    def __init__(
        self,
        sources: Mapping[str, str],
        *,
        called: Iterable[str] = (),
        limits: Limits | None = None,
        isolation: Literal["auto", "bubblewrap", "rlimits"] = "auto",
    ) -> None:
        self.limits = limits or Limits()
        self._sources, self._called = dict(sources), tuple(called)
        self._wrapped = isolation == "bubblewrap" or (isolation == "auto" and bubblewrap.works())
        self._calls = 0
        self._closed = ""
        self._ended: Kind = "died"
        self._watcher = _watcher.get([])

    def open(self) -> Self:
        """Start the process; `close` ends it, as does leaving a `with` block."""
        self._child = Child(self._sources, self.limits, called=self._called, wrapped=self._wrapped)
        return self

    def close(self) -> None:
        """End the process and all that it started."""
        self._child.close()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def told(self) -> Mapping[str, Any]:
        """What the child reported of its isolation before it took calls."""
        return self._child.told

    def call(self, function: str, args: Sequence[JSON]) -> Answer:
        """Return what `function` ("exchange.checks:play") of the box makes of `args`."""
        if self._closed:
            return Answer(self._ended, detail=self._closed)
        self._calls += 1
        request = {"id": self._calls, "call": function, "args": list(args)}
        began = time.monotonic()
        kind, value, detail = self._ask(json.dumps(request).encode() + b"\n", began)
        seconds = time.monotonic() - began
        self._note(self._child.pipes.notes())
        return Answer(kind, value, detail, self._child.pipes.printed(), seconds)

    def _ask(self, request: bytes, began: float) -> tuple[Kind, JSON, str]:
        """Return kind, value and detail; on a broken rule, end the process and remember why."""
        try:
            if not self._child.pipes.idle():
                raise Forged("came before it was asked for")
            until = began + self.limits.wall_s
            return parse(
                self._child.pipes.ask(request, until=until, alive=self._child.alive), self._calls
            )
        except BadAnswer as bad:
            self._ended, self._closed = "died", f"its answer {bad}"
            self._note(["forged an answer"] if isinstance(bad, Forged) else [])
        except Silence as silence:
            self._ended, self._closed = self._verdict_on(silence)
        self._child.end()
        return self._ended, None, self._closed

    def _verdict_on(self, silence: Silence) -> tuple[Kind, str]:
        """Return in our words why no answer came."""
        if silence.reason == "timeout":
            return "timeout", f"no answer within {self.limits.wall_s:g} s"
        if silence.reason == "too long":
            return "died", f"its answer is longer than {ANSWER_BYTES_MAX >> 20} MB"
        code = self._child.wait()
        if self._child.written_out:
            return "died", "killed: it wrote more to the disk than it may"
        late = time.monotonic() - self._child.opened >= self.limits.cpu_s
        if code == XCPU or (code == KILLED and late):
            return "timeout", f"used up its {self.limits.cpu_s} s of processor time"
        return "died", f"the process ended without an answer ({in_words(code)})"

    def _note(self, attempts: Sequence[str]) -> None:
        """Tell whoever watches what the box tried, each thing once."""
        for attempt in attempts:
            if attempt not in self._watcher:
                self._watcher.append(attempt)


@functools.cache
def isolation_in_use() -> Isolation:
    """Return how boxes are shut in here, found by opening one. Raises `NoBox`."""
    if bubblewrap.works():
        return Isolation("bubblewrap", "no network, no other process, no file but its own")
    with Box({}) as box:
        left = [name for name in ("network", "processes", "files") if box.told[name]]
        kept = [name for name in ("network", "processes", "files") if not box.told[name]]
        user = "as a user that owns nothing" if box.told["uid"] is not None else "as yourself"
    meaning = f"runs {user}; cut off from the machine's: {', '.join(left) or 'nothing'}"
    if kept:
        meaning += f"; NOT cut off from its: {', '.join(kept)}. Install bubblewrap"
    return Isolation("rlimits only", meaning)
