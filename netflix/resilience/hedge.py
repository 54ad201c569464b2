"""Ask a second one when the first takes longer than nineteen of twenty do; the first answer counts.

    0 ms        ask a
    p95         no answer yet, and the budget has one: ask b too
    …           whoever answers first; the other is not listened to any more

Invariants: everybody who asked is answered once; of all requests at most SHARE are asked twice in the long
run, so that hedges cannot become the load that they are to help against.
Source: Dean & Barroso, "The Tail at Scale", CACM 2013. Page: docs/netflix/hedging.md
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Sequence

from chapters.circuit_breaker.retry import Budget
from chapters.sim.clock import Clock, Timer

SHARE = 0.05
QUANTILE = 0.95
REMEMBERED = 1_000  # answers
ENOUGH = 50  # fewer say nothing about one in twenty

Send = Callable[[str, Callable[[object], None]], object]  # (whom to ask, whom to tell the answer)


class Recent:
    """The times of the last answers, in order of size: any quantile at once. O(REMEMBERED) an answer."""

    def __init__(self) -> None:
        self._order: deque[int] = deque()
        self._sorted: list[int] = []

    def add(self, took_ns: int) -> None:
        """Remember one, and forget the oldest."""
        self._order.append(took_ns)
        insort(self._sorted, took_ns)
        if len(self._order) > REMEMBERED:
            del self._sorted[bisect_left(self._sorted, self._order.popleft())]

    def quantile(self, share: float) -> int | None:
        """Return the time that so large a share took at most; None while too little is known."""
        if len(self._sorted) < ENOUGH:
            return None
        return self._sorted[min(len(self._sorted) - 1, int(share * len(self._sorted)))]


class Hedger:
    """Asks one of several that can answer the same, and another one if that takes too long."""

    def __init__(self, send: Send, *, clock: Clock, share: float = SHARE) -> None:
        self._send, self._clock = send, clock
        self._budget = Budget(share=share, reserve=10 if share else 0)
        self._recent = Recent()
        self.asked = self.hedged = self.won = 0

    def ask(self, others: Sequence[str], on_answer: Callable[[object], None]) -> None:
        """Ask the first of `others`, and the second if need be; `on_answer` hears one answer."""
        self.asked += 1
        self._budget.request()
        began_ns, timers, is_over = self._clock.now_ns(), list[Timer](), False

        def answered(answer: object, by: int) -> None:
            nonlocal is_over
            if is_over:
                return
            is_over = True
            for timer in timers:
                timer.cancel()
            self.won += by
            self._recent.add(self._clock.now_ns() - began_ns)
            on_answer(answer)

        def hedge() -> None:
            if self._budget.try_retry():
                self.hedged += 1
                self._send(others[1], lambda answer: answered(answer, 1))

        wait_ns = self._recent.quantile(QUANTILE)
        if wait_ns is not None and len(others) > 1:
            timers.append(self._clock.call_later(wait_ns, hedge))
        self._send(others[0], lambda answer: answered(answer, 0))
