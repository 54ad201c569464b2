"""Where in a download a rule would break it off, found without asking it at every look.

A player looks at a download every 50 ms, if at least 12 kbit have come since, and asks its rule whether to
go on. That is some fifty questions a segment, nearly all answered with "go on". But less data, later, is
always worse. So one question about a state that is worse than all of a stretch answers for all of it:

    came │            ╱‾ · end          if the rule goes on at ×, it goes on everywhere between the dots;
         │        ╱‾   (halve,          if not, the stretch is halved and asked about again
         │ start ·       ask again)
         └───────────────×── took

Invariant: the answer is that of asking at each look, in order. Cost: O(log looks) questions where the rule
goes on, as it mostly does; where it may not, the looks are gone through one by one.

Source of the looks: Sabre (Spiteri et al. 2018). Page: docs/netflix/abr.md
"""

from collections.abc import Iterator
from dataclasses import dataclass

from netflix.abr.rule import Progress, Rule
from netflix.abr.trace import Trace

LOOK_S = 0.05
LOOK_BITS = 12_000
TINY_S = 1e-9  # what sums of binary fractions may be off by


@dataclass(frozen=True, slots=True)
class Request:
    """A download that is asked for at `asked_s`, as it would go if nobody broke it off."""

    rung: int
    size_bits: int
    asked_s: float
    first_byte_s: float
    took_s: float
    buffer_s: float


def broken_off(rule: Rule, trace: Trace, request: Request) -> tuple[Progress, int] | None:
    """Return the first look at which the rule breaks the download off, and for which rung."""
    if request.rung == 0 or request.took_s <= LOOK_S:
        return None
    starts_s = request.asked_s + request.first_byte_s
    first_s = trace.arrives_s(starts_s, min(LOOK_BITS, request.size_bits)) - request.asked_s
    suspicion = _Suspicion(rule, trace, request)
    suspect_s = suspicion.first_s(max(first_s, LOOK_S), request.took_s)
    if suspect_s is None:
        return None
    for took_s, came_bits in looks(trace, request):
        if took_s >= suspect_s - TINY_S:
            progress = progress_at(request, took_s, came_bits)
            instead = rule.abandon(progress)
            if instead is not None:
                return progress, instead
    return None


class _Suspicion:
    """The search for the first stretch of a download in which the rule might break it off."""

    def __init__(self, rule: Rule, trace: Trace, request: Request) -> None:
        self._rule = rule
        self._trace = trace
        self._request = request
        self._before_bits = trace.came_bits(request.asked_s + request.first_byte_s)

    def first_s(self, from_s: float, to_s: float) -> float | None:
        """Return where it begins, to the accuracy of a look, or None if there is none."""
        came_bits = self._trace.came_bits(self._request.asked_s + from_s) - self._before_bits
        if self._rule.abandon(progress_at(self._request, to_s, came_bits)) is None:
            return None
        if to_s - from_s <= LOOK_S:
            return from_s
        middle_s = (from_s + to_s) / 2
        early_s = self.first_s(from_s, middle_s)
        return self.first_s(middle_s, to_s) if early_s is None else early_s


def looks(trace: Trace, request: Request) -> Iterator[tuple[float, float]]:
    """Yield each look at a download: how long it has taken, and how many bits have come."""
    took_s, came_bits = request.first_byte_s, 0.0
    wait_s, need_bits = LOOK_S - took_s, float(LOOK_BITS)
    for lasts_s, bits_per_s in trace.stretches(request.asked_s + took_s):
        left_s = lasts_s
        while need_bits <= bits_per_s * left_s and wait_s <= left_s:
            step_s = max(wait_s, need_bits / bits_per_s if bits_per_s else 0.0)
            took_s, came_bits, left_s = (
                took_s + step_s,
                came_bits + step_s * bits_per_s,
                left_s - step_s,
            )
            if came_bits >= request.size_bits:
                return
            yield took_s, came_bits
            wait_s, need_bits = LOOK_S, float(LOOK_BITS)
        took_s, came_bits = took_s + left_s, came_bits + left_s * bits_per_s
        wait_s, need_bits = wait_s - left_s, need_bits - left_s * bits_per_s
        if came_bits >= request.size_bits:
            return


def progress_at(request: Request, took_s: float, came_bits: float) -> Progress:
    """Return what the rule is asked about."""
    buffer_s = max(0.0, request.buffer_s - took_s)
    return Progress(
        request.rung, request.size_bits, came_bits, request.first_byte_s, took_s, buffer_s
    )
