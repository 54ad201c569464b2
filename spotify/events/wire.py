"""The log of plays on a NATS JetStream server, not on this machine: the three calls of a folder's.

    append ─► batch ──► commit: each record says which one must be the last before it ──► stored

Invariant, as of `chapters.log`: what `commit` returned is in the stream once, in its place. A record
that arrives twice, or from a second writer, finds another last sequence than it named and is refused
by the server; and after a lost connection the stream itself says how much of the batch it has, so
that only the rest is sent again. Needs the extra `events`. Page: docs/spotify/events.md
"""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

from chapters.errors import Unreachable, UsageError
from chapters.log.errors import CommitUnknown, RecordsDropped, SecondWriter
from chapters.log.record import Record

ANSWER_S = 5.0
PATIENCE_S = 30.0  # how long a commit goes on trying: a server that is started again is not noticed
PAUSE_S = 0.2
READ_RECORDS = 500

T = TypeVar("T")


class Stream:
    """One stream on a server at `url` (nats://host:port), for one writer and many readers.

    Raises `Unreachable` when nobody answers there, `UsageError` without nats-py.
    """

    def __init__(
        self, url: str, name: str, *, answer_s: float = ANSWER_S, patience_s: float = PATIENCE_S
    ) -> None:
        self.name, self._url = name, url
        self._answer_s, self._patience_s = answer_s, patience_s
        self._api = library()
        self._batch: list[bytes] = []
        self._is_unsure = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: Any = None
        try:
            self.durable = self._do(self._open())
        except self._mishaps() as error:
            self.close()
            raise Unreachable(
                f"{url}: no JetStream server answers ({_said(error)}); start one: nats-server -js"
            ) from None

    def append(self, payload: bytes) -> int:
        """Return the sequence given to `payload`. It is a promise to nobody before `commit`."""
        self._batch.append(payload)
        return self.durable + len(self._batch)

    def commit(self) -> int:
        """Store all that was appended; return the last stored sequence.

        Raises `SecondWriter`, and `CommitUnknown` when the server has not answered for too long:
        then and from then on, until the stream is opened again.
        """
        if self._is_unsure:
            raise CommitUnknown(f"{self.name}: what became of a batch is unknown; start again")
        if self._batch:
            self._is_unsure, batch, self._batch = True, self._batch, []
            try:
                self.durable = self._do(self._store(batch))
            except self._mishaps() as error:
                raise CommitUnknown(f"{self.name} at {self._url}: {_said(error)}") from None
            self._is_unsure = False
        return self.durable

    def read(self, first: int | None = None) -> Iterator[Record]:
        """Yield the stored records from `first` on. Raises `RecordsDropped` where some are gone."""
        following = first or 1
        while following <= self.durable:
            try:
                messages = self._do(self._fetch(following))
            except self._mishaps() as error:
                raise Unreachable(f"{self.name} at {self._url}: {_said(error)}") from None
            for message in messages:
                sequence = message.metadata.sequence.stream
                if sequence != following:
                    raise RecordsDropped(self.name, following, sequence)
                yield Record(sequence, message.data)
                following += 1

    def close(self) -> None:
        """Leave the server; what was stored stays there."""
        self._do(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: "Coroutine[Any, Any, T]") -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _mishaps(self) -> tuple[type[BaseException], ...]:
        return (self._api.errors.Error, OSError, TimeoutError)

    async def _open(self) -> int:
        connecting = self._api.connect(self._url, max_reconnect_attempts=-1, error_cb=_silent)
        self._server = await asyncio.wait_for(connecting, self._answer_s)
        self._stream = self._server.jetstream(timeout=self._answer_s)
        await self._stream.add_stream(name=self.name, subjects=[self.name])
        return await self._last()

    async def _leave(self) -> None:
        if self._server is not None:
            with contextlib.suppress(*self._mishaps()):  # it may be gone already
                await self._server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)

    async def _last(self) -> int:
        return int((await self._stream.stream_info(self.name)).state.last_seq)

    async def _store(self, batch: list[bytes]) -> int:
        """Publish until the stream has all of the batch, whatever of it got lost on the way."""
        until, stored = self._loop.time() + self._patience_s, 0
        while stored < len(batch):
            try:
                await self._publish(batch[stored:], after=self.durable + stored)
                stored = len(batch)
            except self._mishaps():
                if self._loop.time() > until:
                    raise
                await asyncio.sleep(PAUSE_S)
                stored = await self._stored_of(batch, stored)
        return self.durable + len(batch)

    async def _publish(self, payloads: list[bytes], *, after: int) -> None:
        """Publish all without waiting for each answer; then wait for all answers."""
        sent = [
            self._stream.publish(
                self.name, each, headers={"Nats-Expected-Last-Sequence": str(after + number)}
            )
            for number, each in enumerate(payloads)
        ]
        for outcome in await asyncio.gather(*sent, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _stored_of(self, batch: list[bytes], known: int) -> int:
        """Return how much of the batch the stream has, `known` as long as it does not answer."""
        try:
            stored = await self._last() - self.durable
            if stored > len(batch):
                raise SecondWriter(f"{self.name}: somebody else writes to it; a log has one writer")
            if stored > known:
                found = await self._stream.get_msg(self.name, self.durable + stored)
                if found.data != batch[stored - 1]:
                    raise SecondWriter(
                        f"{self.name}: {found.seq} is not ours; a log has one writer"
                    )
            return stored
        except self._mishaps():
            return known

    async def _fetch(self, first: int) -> list[Any]:
        """Return the next records from `first` on."""
        config = self._api.js.api.ConsumerConfig(
            deliver_policy=self._api.js.api.DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=first,
            ack_policy=self._api.js.api.AckPolicy.NONE,
        )
        reader = await self._stream.pull_subscribe(self.name, stream=self.name, config=config)
        count = min(READ_RECORDS, self.durable + 1 - first)
        messages: list[Any] = await reader.fetch(count, timeout=self._answer_s)
        await reader.unsubscribe()
        return messages


def library() -> ModuleType:
    """Return nats-py. Raises `UsageError` where it is not installed."""
    try:
        return import_module("nats")
    except ImportError:
        remedy = "pip install 'system-design-kit[events]'"
        raise UsageError(f"KIT_EVENTS names a NATS server, which needs nats-py: {remedy}") from None


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__


async def _silent(error: Exception) -> None:
    """Say nothing on the terminal: what fails is raised where it is asked for."""
