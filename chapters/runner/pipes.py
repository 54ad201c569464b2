"""The pipes to a box, each read and written without ever waiting beyond a deadline.

    calls ──► box      answers, printed (stdout and stderr), notes (what it reached for) ◄── box

Page: docs/how-it-works.md
"""

import os
import selectors
import time
from collections.abc import Callable

from chapters.runner.answers import legible
from chapters.runner.inside import ANSWER_BYTES_MAX, NOTES_MAX, REACHES

CHUNK_BYTES = 1 << 16
PRINTED_BYTES_MAX = 1 << 16
CHUNKS_AT_ONCE = 16
TICK_S = 0.05
KNOWN_NOTES = ("tried to write ", "tried to read ", *REACHES.values())
ROOM_FOR_ENVELOPE_BYTES = 1 << 12


class Silence(Exception):
    """No answer came: `reason` is "timeout", "ended" or "too long"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Pipes:
    """Our ends, and, until `close_theirs`, the child's ends."""

    def __init__(self) -> None:
        self.their_calls, self._calls = os.pipe()
        self._answers, self.their_answers = os.pipe()
        self._printed, self.their_printed = os.pipe()
        self._notes, self.their_notes = os.pipe()
        self._info, self.their_info = os.pipe()
        self._ours = [self._calls, self._answers, self._printed, self._notes, self._info]
        self._theirs = [self.their_calls, self.their_answers, self.their_printed]
        self._theirs += [self.their_notes, self.their_info]
        self._came = bytearray()
        self._print = bytearray()
        for each in self._ours:
            os.set_blocking(each, False)

    def close_theirs(self) -> None:
        """Close the child's ends here, so that its death can be seen."""
        while self._theirs:
            os.close(self._theirs.pop())

    def close(self) -> None:
        """Close everything."""
        self.close_theirs()
        while self._ours:
            os.close(self._ours.pop())

    def info(self) -> bytes:
        """Return what bubblewrap has told about itself so far."""
        return self._read(self._info) or b""

    def notes(self) -> list[str]:
        """Return what the box reached for since the last time; a flood of notes is cut."""
        lines = legible(self._read(self._notes) or b"").splitlines()[:NOTES_MAX]
        return [line if line.startswith(KNOWN_NOTES) else "forged a note" for line in lines]

    def printed(self) -> str:
        """Return the first of what was printed since the last time, as text, and forget it."""
        self._hear()
        text = legible(bytes(self._print))
        self._print.clear()
        return text

    def idle(self) -> bool:
        """Return whether nothing was answered that nobody asked for."""
        self._came += self._read(self._answers) or b""
        return not self._came

    def ask(self, line: bytes, *, until: float, alive: Callable[[], bool]) -> bytes:
        """Send `line` and return the line that answers it; raises `Silence`.

        `until` is a reading of time.monotonic(); `alive` tells whether the process still runs.
        """
        rest = memoryview(line)
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            selector.register(self._printed, selectors.EVENT_READ)
            selector.register(self._calls, selectors.EVENT_WRITE)
            while b"\n" not in self._came[-CHUNK_BYTES - 1 :]:
                self._check(until)
                running = alive()
                ready = {key.fd for key, _ in selector.select(TICK_S if running else 0)}
                if self._calls in ready:
                    rest = self._send(rest)
                    if not rest:
                        selector.unregister(self._calls)
                if self._printed in ready and not self._hear():
                    selector.unregister(self._printed)
                if self._answers in ready:
                    self._listen()
                elif not running:
                    raise Silence("ended")
        answer, _, self._came = self._came.partition(b"\n")
        return bytes(answer)

    def _check(self, until: float) -> None:
        if time.monotonic() > until:
            raise Silence("timeout")
        if len(self._came) > ANSWER_BYTES_MAX + ROOM_FOR_ENVELOPE_BYTES:
            raise Silence("too long")

    def _send(self, rest: memoryview) -> memoryview:
        """Write what fits; a child that is gone is noticed elsewhere."""
        try:
            return rest[os.write(self._calls, rest[:CHUNK_BYTES]) :]
        except BlockingIOError:
            return rest
        except BrokenPipeError:
            return rest[len(rest) :]

    def _listen(self) -> None:
        """Take what was answered; raises `Silence` at the pipe's end."""
        data = self._read(self._answers)
        if data == b"":
            raise Silence("ended")
        self._came += data or b""

    def _hear(self) -> bool:
        """Take what was printed, keep the first of it; return False at the pipe's end."""
        for _ in range(CHUNKS_AT_ONCE):
            data = self._read(self._printed)
            if not data:
                return data is None
            self._print += data[: PRINTED_BYTES_MAX - len(self._print)]
            if len(data) < CHUNK_BYTES:
                break
        return True

    @staticmethod
    def _read(pipe: int) -> bytes | None:
        """Return what is there, b"" at the end, None when there is nothing yet."""
        try:
            return os.read(pipe, CHUNK_BYTES)
        except BlockingIOError:
            return None
