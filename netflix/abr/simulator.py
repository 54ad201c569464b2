"""A viewer's session on a network trace, from the first request to the last frame.

    wait for room ─► choose ─► wait, if the rule says so ─► download ─► one segment more to play
          └──────── meanwhile the buffer plays, and when it is empty the picture stalls ──────┘

Invariant: time goes by in three ways, starting, playing and stalling. So a session lasts as long as its
first download, the title and the stalls together. There are no time steps: from one event to the next
it is arithmetic, a few look-ups in the trace for each segment.

Source of the model, and of the reference that it agrees with: Sabre (Spiteri et al. 2018).
Page: docs/netflix/abr.md
"""

from collections.abc import Iterator

from netflix.abr.abandonment import Request, broken_off
from netflix.abr.errors import NoSuchRung
from netflix.abr.rule import Download, Ladder, Moment, Rule
from netflix.abr.session import Fetch, Session
from netflix.abr.trace import Trace

ATTEMPTS_MAX = 100  # at one segment; after these it is downloaded whatever the rule thinks


def play(ladder: Ladder, trace: Trace, rule: Rule, buffer_max_s: float) -> Session:
    """Return the session of a viewer who watches the title to its end. Raises `NoSuchRung`."""
    viewer = _Viewer(ladder, trace, rule, buffer_max_s)
    segments = range(len(ladder.sizes_bits))
    return Session(ladder, tuple(fetch for each in segments for fetch in viewer.fetch(each)))


class _Viewer:
    def __init__(self, ladder: Ladder, trace: Trace, rule: Rule, buffer_max_s: float) -> None:
        self._ladder = ladder
        self._trace = trace
        self._rule = rule
        self._room_s = buffer_max_s - ladder.segment_s
        self._now_s = 0.0
        self._buffer_s = 0.0

    def fetch(self, segment: int) -> Iterator[Fetch]:
        """Yield the downloads that it took to have the segment; only the last is whole."""
        for attempt in range(ATTEMPTS_MAX):
            fetch = self._attempt(segment, attempt + 1 < ATTEMPTS_MAX)
            yield fetch
            if fetch.is_whole:
                break

    def _attempt(self, segment: int, may_abandon: bool) -> Fetch:
        self._play(self._buffer_s - self._room_s)
        rung = self._rule.choose(Moment(segment, self._buffer_s, self._now_s))
        if not 0 <= rung < len(self._ladder.bitrates_kbps):
            raise NoSuchRung(
                f"segment {segment}: the rule chose rung {rung!r}; "
                f"there are 0 to {len(self._ladder.bitrates_kbps) - 1}"
            )
        self._play(min(self._rule.wait_s(), self._buffer_s))
        return self._download(segment, rung, may_abandon)

    def _download(self, segment: int, rung: int, may_abandon: bool) -> Fetch:
        size_bits, asked_s, buffer_s = (
            self._ladder.sizes_bits[segment][rung],
            self._now_s,
            self._buffer_s,
        )
        first_byte_s, took_s = self._trace.download(asked_s, size_bits)
        request = Request(rung, size_bits, asked_s, first_byte_s, took_s, buffer_s)
        instead = None
        broken = broken_off(self._rule, self._trace, request) if may_abandon else None
        if broken is not None:
            progress, instead = broken
            size_bits, took_s = int(progress.came_bits), progress.took_s
        self._rule.downloaded(Download(segment, rung, size_bits, first_byte_s, took_s, instead))
        self._now_s += took_s
        self._buffer_s = max(0.0, buffer_s - took_s)
        if instead is None:
            self._buffer_s += self._ladder.segment_s
        stalled_s = max(0.0, took_s - buffer_s) if segment else 0.0
        return Fetch(
            segment, rung, size_bits, asked_s, took_s, buffer_s, stalled_s, instead is None
        )

    def _play(self, for_s: float) -> None:
        if for_s > 0:
            self._now_s += for_s
            self._buffer_s -= for_s


def demo(
    *,
    rule: str = "bola",
    trace: str = "collapse",
    seed: int = 7,
    segments: int = 120,
    buffer: float = 24.0,
) -> None:
    """Watch a generated title by one rule, and draw how it went."""
    from netflix.abr import picture, story

    network = story.trace_named(trace, seed)
    found = story.session(rule, network, seed=seed, segments=segments, buffer_s=buffer)
    print("\n".join(picture.lines(found, network)))
    print(f"\n{story.HEAD}\n{story.row(rule, found)}")
