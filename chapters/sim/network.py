"""A network that is late, loses, repeats, overtakes itself, and breaks in one direction only.

    send("a", "b", m)  ──►  cut?  ──►  lost?  ──►  latency  ──►  handler of b
                             │          │            └── twice, if duplicated
                             ▼          ▼
                           nothing, and nobody is told: a sender cannot tell slow from dead

Invariant: what happens on one link never disturbs another link's luck, because each has a stream
of its own. Messages overtake each other whenever a later one draws a shorter latency; a link with
`in_order` behaves like one TCP connection instead. Source: the network of Jepsen's Maelstrom; and
Deutsch's *fallacies of distributed computing*. Page: docs/chapters/sim.md
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from chapters.errors import UsageError
from chapters.sim.chance import derive
from chapters.sim.clock import MS, US, Clock, VirtualClock, spell
from chapters.sim.errors import at_least
from chapters.sim.latency import Latency, LogNormal
from chapters.sim.trace import note

Handler = Callable[[str, object], None]  # (source, message)


@dataclass(frozen=True, slots=True)
class Link:
    """How one direction between two machines behaves; probabilities are per message."""

    latency: Latency = field(default_factory=lambda: LogNormal(500 * US, 5 * MS))
    loss: float = 0.0
    duplication: float = 0.0
    in_order: bool = False


class Network:
    """Machines by name, and a link for every ordered pair of them."""

    def __init__(self, *, clock: Clock, rng: random.Random, link: Link | None = None) -> None:
        self._clock = clock
        self._seed = rng.getrandbits(64)
        self._default = link or Link()
        self._links: dict[tuple[str, str], Link] = {}
        self._luck: dict[tuple[str, str], random.Random] = {}
        self._handlers: dict[str, Handler] = {}
        self._cuts: set[tuple[str, str]] = set()
        self._last_due_ns: dict[tuple[str, str], int] = {}
        self.counts: Counter[str] = Counter()  # sent, delivered, lost, cut, repeated, unheard

    def attach(self, name: str, handler: Handler) -> None:
        """Deliver messages for `name` to `handler`, instead of to whoever had the name before."""
        self._handlers[name] = handler

    def detach(self, name: str) -> None:
        """Deliver nothing to `name` any more: its messages vanish, without an error."""
        self._handlers.pop(name, None)

    def send(self, source: str, target: str, message: object) -> None:
        """Send and forget: the message arrives later, never, or more than once."""
        pair = (source, target)
        link, luck = self.link(source, target), self._luck_of(pair)
        self.counts["sent"] += 1
        copies = 2 if luck.random() < link.duplication else 1
        self.counts["repeated"] += copies - 1
        for _ in range(copies):
            # Draw both numbers always, so that changing `loss` leaves all latencies as they were.
            lost, delay_ns = luck.random() < link.loss, link.latency(luck)
            if lost or pair in self._cuts:
                self._drop("lost" if lost else "cut", pair, message)
            else:
                self._deliver_in(delay_ns, pair, link, message)

    def link(self, source: str, target: str) -> Link:
        """Return how messages from `source` to `target` fare at present."""
        return self._links.get((source, target), self._default)

    def set_link(self, source: str, target: str, link: Link) -> None:
        """Change one direction between two machines."""
        self._links[(source, target)] = link

    def cut(self, source: str, target: str) -> None:
        """Lose everything from `source` to `target`, also what is on its way; the other way works.

        One-way cuts are the nasty ones: `target` is heard, and hears nothing.
        """
        self._cuts.add((source, target))

    def heal(self, source: str | None = None, target: str | None = None) -> None:
        """Mend that direction, or without arguments all of them."""
        if source is None or target is None:
            self._cuts.clear()
        else:
            self._cuts.discard((source, target))

    def _luck_of(self, pair: tuple[str, str]) -> random.Random:
        if pair not in self._luck:
            self._luck[pair] = random.Random(derive(self._seed, f"{pair[0]}>{pair[1]}"))
        return self._luck[pair]

    def _deliver_in(
        self, delay_ns: int, pair: tuple[str, str], link: Link, message: object
    ) -> None:
        if link.in_order:
            due_ns = max(self._clock.now_ns() + delay_ns, self._last_due_ns.get(pair, 0))
            self._last_due_ns[pair] = due_ns
            delay_ns = due_ns - self._clock.now_ns()
        self._clock.call_later(delay_ns, lambda: self._deliver(pair, message))

    def _deliver(self, pair: tuple[str, str], message: object) -> None:
        source, target = pair
        handler = self._handlers.get(target)
        if pair in self._cuts:
            self._drop("cut", pair, message)
        elif handler is None:
            self._drop("unheard", pair, message)
        else:
            self.counts["delivered"] += 1
            handler(source, message)

    def _drop(self, why: str, pair: tuple[str, str], message: object) -> None:
        self.counts[why] += 1
        note(f"message {why}", source=pair[0], target=pair[1], message=str(message))


def demo(*, seed: int = 7, messages: int = 8, loss: float = 0.2, duplication: float = 0.2) -> None:
    """Send numbered messages over a poor link and see in which order which of them arrive."""
    at_least(1, messages=messages)
    for name, share in (("loss", loss), ("duplication", duplication)):
        if not 0 <= share <= 1:
            raise UsageError(f"{name} is {share}; it must be between 0 and 1")
    clock = VirtualClock()
    link = Link(LogNormal(2 * MS, 20 * MS), loss, duplication)
    network = Network(clock=clock, rng=random.Random(seed), link=link)
    network.attach("b", lambda source, message: print(f"  {spell(clock.now_ns()):>8}  {message}"))
    for number in range(1, messages + 1):
        network.send("a", "b", f"message {number}")
    clock.run()
    print("  " + ", ".join(f"{count} {what}" for what, count in sorted(network.counts.items())))
