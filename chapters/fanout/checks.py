"""What the exercises on fan-out check: what a batch holds, where a reader stands, when a line is busy.

Page: docs/chapters/fanout.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.fanout.errors import LostPlace
from chapters.fanout.feed import Feed
from chapters.fanout.hub import Hub, Reader
from chapters.fanout.place import number_of

KEPT = 4


def published(steps: list[list[JSON]], kept: int) -> Feed:
    """Play ["change", text], ["value", key, text] and ["whole", text]; numbers begin with 1."""
    feed, number = Feed(kept=kept), 0
    for what, *words in steps:
        if what == "whole":
            feed.whole(number, str(words[0]).encode())
            continue
        number += 1
        if what == "change":
            feed.change(number, str(words[0]).encode())
        else:
            feed.value(number, str(words[0]), str(words[1]).encode())
    return feed


def given(steps: list[list[JSON]], at: int, most_bytes: int) -> JSON:
    """Return the batches that a reader at `at` is given, one after the other, and where it is then."""
    feed, found = published(steps, 100), list[JSON]()
    for _ in range(20):
        at, chunk = feed.after(at, most_bytes)
        if not chunk:
            break
        found.append([at, chunk.decode()])
    return found


def resumed(steps: list[list[JSON]], kept: int, at: int) -> JSON:
    """Return what a reader at `at` is given, or that it has lost its place and what it begins with."""
    feed = published(steps, kept)
    try:
        return ["goes on", *_text(feed.after(at))]
    except LostPlace:
        return ["begins", *_text(feed.begin())]


def _text(batch: tuple[int, bytes]) -> list[JSON]:
    return [batch[0], batch[1].decode()]


def placed(text: str, life: str) -> JSON:
    """Return the number that a place stands for, or that there is none."""
    try:
        return number_of(text, life)
    except LostPlace:
        return "LostPlace"


class Recorded:
    """A line that writes down what it takes, and is busy after so many chunks."""

    def __init__(self, chunks: int) -> None:
        self.taken: list[str] = []
        self.room = self.chunks = chunks

    def send(self, chunk: bytes) -> bool:
        """Take a chunk; a busy line takes it as well, and says so."""
        self.taken.append(chunk.decode() if self.room > 0 else f"on a busy line: {chunk.decode()}")
        self.room -= 1
        return self.room > 0


def offered(steps: list[JSON], chunks: int, kept: int) -> JSON:
    """Publish a change for each text, let the line be free at "drained"; return what it took.

    At "offer" the reader is offered what there is, as it is after each publication.
    """
    hub, line = Hub(kept=kept), Recorded(chunks)
    feed, number = hub.open("f"), 0
    reader: Reader = hub.join("f", line)
    for step in steps:
        if step == "drained":
            line.room = line.chunks
            line.taken.append("drained")
            reader.drained()
        else:
            number += 1
            feed.change(number, str(step).encode())
            feed.whole(number, f"whole-{number} ".encode())
            reader.offer()
    return [*line.taken, reader.at, reader.free]


def some(rng: Random, count: int) -> list[list[JSON]]:
    """Changes and values by turns of luck."""
    return [
        ["change", f"c{number} "]
        if rng.random() < 0.5
        else ["value", rng.choice("xyz"), f"v{number} "]
        for number in range(1, count + 1)
    ]


def in_order(rng: Random) -> Iterator[Case]:
    steps: list[list[JSON]] = [["change", "a "], ["change", "b "], ["change", "c "]]
    yield steps, 0, 1000
    yield steps, 1, 1000
    yield steps, 3, 1000


def superseded(rng: Random) -> Iterator[Case]:
    old: list[list[JSON]] = [["value", "x", "x1 "], ["value", "x", "x2 "], ["value", "x", "x3 "]]
    yield old, 0, 1000
    yield [*old[:2], ["change", "c "], old[2]], 0, 1000
    yield [["value", "x", "x1 "], ["value", "y", "y1 "], ["value", "x", "x2 "]], 0, 1000
    yield [["value", "x", "x1 "], ["value", "y", "y1 "], ["value", "x", "x2 "]], 2, 1000
    yield (
        [["value", "x", "x1 "], ["change", "c "], ["value", "y", "y1 "], ["value", "x", "x2 "]],
        1,
        1000,
    )
    for count in (6, 12):
        yield some(rng, count), rng.randint(0, 3), 1000


def in_batches(rng: Random) -> Iterator[Case]:
    steps: list[list[JSON]] = [["change", f"c{number} "] for number in range(1, 7)]
    yield steps, 0, 6
    yield steps, 0, 1
    yield [*steps[:3], ["value", "x", "x1 "], *steps[3:]], 0, 6
    yield [["value", "x", "long value "], *steps[:3], ["value", "y", "y1 "]], 0, 9
    for most in (3, 7, 10):
        yield some(rng, 10), 0, most


def within(rng: Random) -> Iterator[Case]:
    steps: list[list[JSON]] = [["change", f"c{number} "] for number in range(1, 8)]
    yield steps[:3], KEPT, 0
    yield steps, KEPT, 5
    yield steps, KEPT, 7


def at_the_edge(rng: Random) -> Iterator[Case]:
    steps: list[list[JSON]] = [["change", f"c{number} "] for number in range(1, 8)]
    whole: list[list[JSON]] = [*steps, ["whole", "whole "]]
    for at in (2, 3, 4):
        yield whole, KEPT, at
    yield whole, KEPT, 8
    yield [*steps[:4], ["whole", "whole "]], KEPT, 0
    yield [*steps[:5], ["whole", "whole "]], KEPT, 0


def beginning(rng: Random) -> Iterator[Case]:
    steps: list[list[JSON]] = [["change", f"c{number} "] for number in range(1, 8)]
    yield [*steps[:5], ["whole", "whole "], *steps[5:]], KEPT, -1
    yield [["value", "x", "x1 "], *steps, ["whole", "whole "], ["value", "y", "y1 "]], KEPT, -1
    yield [["value", "x", "x1 "], ["value", "y", "y1 "], ["value", "x", "x2 "]], KEPT, -1
    yield [], KEPT, -1


def texts(rng: Random) -> Iterator[Case]:
    for text in (
        "e3-41",
        "e3-0",
        "e2-41",
        "41",
        "",
        "e3-",
        "e3-4x",
        "e3--1",
        "e3-²",
        "-41",
        "e3-" + "9" * 99,
    ):
        yield text, "e3"
    yield "a-b-7", "a-b"


def free_lines(rng: Random) -> Iterator[Case]:
    yield ["a ", "b ", "c "], 100, KEPT
    yield ["a "], 100, KEPT


def busy_lines(rng: Random) -> Iterator[Case]:
    yield ["a ", "b ", "c "], 1, KEPT
    yield ["a ", "b ", "c ", "drained"], 1, KEPT
    yield ["a ", "drained", "b ", "c ", "drained", "drained", "d "], 1, KEPT
    yield ["a ", "b ", "c ", "drained", "d "], 2, KEPT


def too_late(rng: Random) -> Iterator[Case]:
    letters = [f"{letter} " for letter in "abcdefghij"]
    yield [*letters[:7], "drained"], 1, KEPT
    yield [*letters[:5], "drained"], 1, KEPT
    yield [*letters, "drained", "k ", "drained"], 1, rng.randint(2, 6)


STAGES = {
    "coalescing": [
        Stage("changes, in order, from where the reader is", in_order, given),
        Stage("of each key the newest value alone", superseded, given),
        Stage("batches end at a change; values come in their place", in_batches, given),
    ],
    "resume": [
        Stage("a reader that was away goes on where it was", within, resumed),
        Stage("what is gone may have been missed", at_the_edge, resumed),
        Stage("a beginner gets the snapshot, the changes after it, and every value", beginning, resumed),
        Stage("a place is a life and a number, and nothing else is one", texts, placed, needs=()),
    ],
    "slow-line": [
        Stage("a free line takes what there is", free_lines, offered),
        Stage("a busy line gets nothing until it has drained", busy_lines, offered),
        Stage("whoever lost their place begins anew", too_late, offered),
    ],
}  # fmt: skip
