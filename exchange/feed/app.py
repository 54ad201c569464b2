"""The feed's two processes: one that publishes a journal as it grows, and any number that listen.

    journal on disk ──► publish ──► datagrams to a group ──► listen ──► books
                          └──────── TCP: again, snapshot ◄──────┘

Each is one event loop, so nothing in it needs a lock. Page: docs/exchange/feed.md
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from chapters.portal.streams import listen
from chapters.sim.real import RealDisk, WallClock
from exchange.errors import BadFeed
from exchange.feed.packets import session_of, unpack
from exchange.feed.publisher import Publisher, Snapshot
from exchange.feed.recovery import Question
from exchange.feed.source import Source
from exchange.feed.subscriber import Subscriber
from exchange.feed.view import View
from exchange.feed.wire import Address, Incoming, Recovery, Sender, ask, receiver

POLL_S = 0.002  # from one look at the journal to the next, where there was nothing
HEARTBEAT_S = 0.2
SHOW_S = 1.0
LOOK_S = 0.01  # a listener with a gap looks at its watch so often


def begin(folder: Path) -> tuple[Source, Publisher]:
    """Return what reads the journal in `folder`, and a publisher that is where it ends."""
    source = Source(disk=RealDisk(folder))
    publisher = Publisher(View(source.replica.engine), session_of(0))
    while list(published(source, publisher)):
        pass  # what was said before this life began is not said again, unless one asks
    return source, publisher


def published(source: Source, publisher: Publisher) -> Iterator[bytes]:
    """Yield the packets that tell of what is new; a heartbeat, if that was nothing to the public."""
    before, number = source.replica.sequence, publisher.number
    done = source.poll()
    publisher.session = session_of(source.began_ns)
    yield from publisher.publish(done)
    if source.replica.sequence > before and publisher.number == number:
        yield publisher.heartbeat()


async def publish(
    folder: Path,
    lines: Sequence[Address],
    recovery: Address,
    on_ready: Callable[[Publisher], None] = lambda publisher: None,
) -> None:
    """Publish the journal in `folder` until cancelled. Raises `NoMulticast`, `PortInUse`."""
    source, publisher = begin(folder)
    server = await listen(Recovery(publisher).serve, *recovery, option="--recovery")
    sender = Sender(lines)
    with closing(sender):
        async with server:
            on_ready(publisher)
            await _follow(source, publisher, sender)


async def _follow(source: Source, publisher: Publisher, sender: Sender) -> None:
    clock, silent_since_ns = WallClock(), 0
    while True:
        is_idle = True
        for packet in published(source, publisher):
            sender.send(packet)
            is_idle, silent_since_ns = False, clock.now_ns()
        if clock.now_ns() - silent_since_ns > HEARTBEAT_S * 1e9:
            sender.send(publisher.heartbeat())
            silent_since_ns = clock.now_ns()
        await asyncio.sleep(POLL_S if is_idle else 0)


class Listening:
    """A subscriber on real sockets; `bad` counts datagrams that are no packets."""

    def __init__(self, lines: Sequence[Address], recovery: Address) -> None:
        self.subscriber = Subscriber()
        self.bad = 0
        self._lines, self._recovery = lines, recovery
        self._clock = WallClock()
        self._asking: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Listen until cancelled. Raises `NoMulticast`."""
        loop = asyncio.get_running_loop()
        with ExitStack() as ends:
            for line in self._lines:
                ears, _ = await loop.create_datagram_endpoint(
                    lambda: Incoming(self._heard), sock=receiver(line)
                )
                ends.callback(ears.close)
            while True:
                await asyncio.sleep(LOOK_S)
                self._ask(self.subscriber.tick(self._clock.now_ns()))

    def _heard(self, data: bytes) -> None:
        try:
            packet = unpack(data)
        except BadFeed:
            self.bad += 1
            return
        self._ask(self.subscriber.hear(self._clock.now_ns(), packet))

    def _ask(self, questions: list[Question]) -> None:
        """Ask, unless an answer is on its way: who is slow to answer is not made slower."""
        if questions and (self._asking is None or self._asking.done()):
            self._asking = asyncio.get_running_loop().create_task(self._asked(questions))

    async def _asked(self, questions: list[Question]) -> None:
        with suppress(OSError, TimeoutError, BadFeed):  # no answer: it is asked again
            while questions:
                found = await ask(self._recovery, questions.pop())
                now_ns = self._clock.now_ns()
                if isinstance(found, Snapshot):
                    questions = self.subscriber.hear_snapshot(now_ns, found)
                for packet in [] if isinstance(found, Snapshot) else found:
                    questions = self.subscriber.hear(now_ns, packet)


async def watch(listening: Listening, seconds: float, show: Callable[[], None]) -> None:
    """Listen for so long (0: until stopped), calling `show` every second in which something came."""
    heard = asyncio.create_task(listening.run())
    clock, seen = WallClock(), -1
    end_ns = clock.now_ns() + seconds * 1e9
    try:
        while not heard.done() and (not seconds or clock.now_ns() < end_ns):
            await asyncio.wait([heard], timeout=min(SHOW_S, seconds or SHOW_S))
            if not heard.done() and listening.subscriber.expected != seen:
                seen = listening.subscriber.expected
                show()
    finally:
        heard.cancel()
    with suppress(asyncio.CancelledError):
        await heard
