"""The same session as the simulator's, the way one would write it first: in small steps of time.

Each step, a few bits come and a little is played. It needs no running sums and no algebra, and it is a good
check on them. It costs a step for every hundredth of a second, of which a title has sixty thousand, and
each event is late by up to a step: the finer, the slower.

Page: docs/netflix/abr.md
"""

from netflix.abr.abandonment import LOOK_BITS, LOOK_S
from netflix.abr.rule import Download, Ladder, Moment, Progress, Rule
from netflix.abr.session import Fetch, Session
from netflix.abr.simulator import ATTEMPTS_MAX
from netflix.abr.trace import Trace

STEP_S = 0.01


def play(
    ladder: Ladder, trace: Trace, rule: Rule, buffer_max_s: float, step_s: float = STEP_S
) -> Session:
    """Return the session of a viewer who watches the title to its end."""
    viewer = _Viewer(ladder, trace, rule, step_s)
    fetches = []
    for segment in range(len(ladder.sizes_bits)):
        for attempt in range(ATTEMPTS_MAX):
            while viewer.buffer_s > buffer_max_s - ladder.segment_s:
                viewer.step()
            fetches.append(viewer.fetch(segment, attempt + 1 < ATTEMPTS_MAX))
            if fetches[-1].is_whole:
                break
    return Session(ladder, tuple(fetches))


class _Viewer:
    def __init__(self, ladder: Ladder, trace: Trace, rule: Rule, step_s: float) -> None:
        self.buffer_s = 0.0
        self._ladder = ladder
        self._trace = trace
        self._rule = rule
        self._step_s = step_s
        self._now_s = 0.0
        self._stalled_s = 0.0

    def step(self) -> float:
        """Let one step go by, and return how many bits came in it."""
        bits = self._trace.at(self._now_s).bandwidth_kbps * 1000 * self._step_s
        self._now_s += self._step_s
        self._stalled_s += max(0.0, self._step_s - self.buffer_s)
        self.buffer_s = max(0.0, self.buffer_s - self._step_s)
        return bits

    def fetch(self, segment: int, may_abandon: bool) -> Fetch:
        """Choose and download, step by step."""
        rung = self._rule.choose(Moment(segment, self.buffer_s, self._now_s))
        until_s = self._now_s + min(self._rule.wait_s(), self.buffer_s)
        while self._now_s < until_s:
            self.step()
        size_bits, asked_s, buffer_s = (
            self._ladder.sizes_bits[segment][rung],
            self._now_s,
            self.buffer_s,
        )
        self._stalled_s = 0.0
        first_byte_s = self._trace.at(asked_s).latency_s
        while self._now_s < asked_s + first_byte_s:
            self.step()
        came_bits, instead = self._receive(rung, size_bits, asked_s, may_abandon)
        took_s = self._now_s - asked_s
        self._rule.downloaded(Download(segment, rung, came_bits, first_byte_s, took_s, instead))
        if instead is None:
            self.buffer_s += self._ladder.segment_s
        stalled_s = self._stalled_s if segment else 0.0
        return Fetch(
            segment, rung, came_bits, asked_s, took_s, buffer_s, stalled_s, instead is None
        )

    def _receive(
        self, rung: int, size_bits: int, asked_s: float, may_abandon: bool
    ) -> tuple[int, int | None]:
        """Return how many bits came, and for which rung it was broken off, if it was."""
        first_byte_s = self._now_s - asked_s
        came_bits = seen_bits = seen_s = 0.0
        while came_bits < size_bits:
            came_bits += self.step()
            took_s = self._now_s - asked_s
            if took_s - seen_s < LOOK_S or came_bits - seen_bits < LOOK_BITS or not may_abandon:
                continue
            seen_s, seen_bits = took_s, came_bits
            progress = Progress(rung, size_bits, came_bits, first_byte_s, took_s, self.buffer_s)
            if came_bits < size_bits and (instead := self._rule.abandon(progress)) is not None:
                return int(came_bits), instead
        return size_bits, None
