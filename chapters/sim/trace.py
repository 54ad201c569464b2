"""Follow one request through every component: spans with a parent, a time and a place in the code.

    with tracing(clock) as trace:                       order placed        0 ms ├────────┤
        with span("order placed", order=5):             ├─ price checked    1 ms   ├──┤
            with span("price checked"): ...             └─ booked           4 ms       ├──┤

Invariant: a span's parent is the span that was open when the code that opened it was *scheduled*,
because both `with` and the clock's timers carry contextvars along. Without an active trace a span
costs one dictionary-free context lookup (about 0.2 µs). Source: Google's Dapper (2010); the export
is OpenTelemetry's OTLP/JSON. Page: docs/chapters/sim.md
"""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import FrameType, TracebackType
from typing import Protocol

from chapters.sim.clock import Clock
from chapters.sim.errors import Runaway

SPANS_MAX = 200_000  # a trace is for reading; a run that makes more wants a histogram

Attribute = str | int | float | bool

_ROOT = Path(__file__).resolve().parents[2]
_places: dict[str, str] = {}


class Span:
    """One piece of work: when it began and ended, under which parent, and where in the code."""

    __slots__ = (
        "_token",
        "attributes",
        "end_ns",
        "index",
        "is_note",
        "name",
        "parent",
        "place",
        "start_ns",
        "trace",
    )

    def __init__(
        self, trace: "Trace", name: str, attributes: dict[str, Attribute], frame: FrameType
    ) -> None:
        self.trace = trace
        self.name = name
        self.attributes = attributes
        self.place = _place(frame)
        self.parent = _span.get()
        self.start_ns = trace.clock.now_ns()
        self.end_ns: int | None = None
        self.is_note = False
        self.index = trace.admit(self)

    def set(self, **attributes: Attribute) -> None:
        """Add what was learned on the way: `s.set(price_ticks=1001)`."""
        self.attributes.update(attributes)

    def finish(self) -> None:
        """End the span now; once."""
        if self.end_ns is None:
            self.end_ns = self.trace.clock.now_ns()

    def __enter__(self) -> "Span":
        self._token = _span.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _span.reset(self._token)
        if error is not None:
            self.attributes["error"] = f"{type(error).__name__}: {error}"
        self.finish()


class _NoSpan:
    """What `span` returns when nobody is tracing: it does nothing, quickly."""

    __slots__ = ()

    def set(self, **attributes: Attribute) -> None: ...

    def finish(self) -> None: ...

    def __enter__(self) -> "_NoSpan":
        return self

    def __exit__(self, *_: object) -> None: ...


AnySpan = Span | _NoSpan


class Trace:
    """The spans of one run, in the order in which they were opened."""

    def __init__(self, clock: Clock, title: str = "trace") -> None:
        self.clock = clock
        self.title = title
        self.spans: list[Span] = []

    def admit(self, span: Span) -> int:
        """Take the span in and return its index; `Runaway` beyond `SPANS_MAX`."""
        if len(self.spans) >= SPANS_MAX:
            raise Runaway(f"trace {self.title!r} has {SPANS_MAX} spans: trace one request, not all")
        self.spans.append(span)
        return len(self.spans) - 1

    def note(self, name: str, **attributes: Attribute) -> None:
        """Record something that takes no time, under the span that is open."""
        _record_note(self, name, attributes, sys._getframe(1))

    def children(self, parent: Span | None) -> list[Span]:
        """Return the spans directly under `parent`, in order; under None the roots."""
        return [each for each in self.spans if each.parent is parent]


_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)
_span: ContextVar[Span | None] = ContextVar("span", default=None)
_NO_SPAN = _NoSpan()


@contextmanager
def tracing(clock: Clock, title: str = "trace") -> Iterator[Trace]:
    """Collect every span opened inside the block, or by callbacks scheduled inside it."""
    trace = Trace(clock, title)
    trace_token, span_token = _trace.set(trace), _span.set(None)
    try:
        yield trace
    finally:
        _span.reset(span_token)
        _trace.reset(trace_token)


def span(name: str, **attributes: Attribute) -> AnySpan:
    """Open a span for a `with` block; work inside it becomes its child."""
    trace = _trace.get()
    if trace is None:
        return _NO_SPAN
    return Span(trace, name, attributes, sys._getframe(1))


def begin(name: str, **attributes: Attribute) -> AnySpan:
    """Open a span that some later callback ends with `finish()`; it adopts no children itself."""
    trace = _trace.get()
    if trace is None:
        return _NO_SPAN
    return Span(trace, name, attributes, sys._getframe(1))


def note(name: str, **attributes: Attribute) -> None:
    """Record something that takes no time in the active trace, if there is one."""
    trace = _trace.get()
    if trace is not None:
        _record_note(trace, name, attributes, sys._getframe(1))


def _record_note(
    trace: Trace, name: str, attributes: dict[str, Attribute], frame: FrameType
) -> None:
    event = Span(trace, name, attributes, frame)
    event.is_note = True
    event.finish()


def _place(frame: FrameType) -> str:
    """Return `exchange/gateway.py:88`, relative to the project where that is possible."""
    filename = frame.f_code.co_filename
    if filename not in _places:
        path = Path(filename)
        inside = path.is_relative_to(_ROOT)
        _places[filename] = str(path.relative_to(_ROOT) if inside else Path(*path.parts[-2:]))
    return f"{_places[filename]}:{frame.f_lineno}"


def to_otlp(trace: Trace, *, service: str = "system-design-kit") -> dict[str, object]:
    """Return the trace in OTLP/JSON, which Jaeger, Grafana Tempo and every collector read.

    Ids are derived from the trace's content, so the same run exports the same bytes.
    """
    content = "\n".join(f"{each.start_ns} {each.name}" for each in trace.spans)
    trace_id = hashlib.sha256(f"{trace.title}\n{content}".encode()).hexdigest()[:32]
    notes: dict[int, list[Span]] = {}
    for each in trace.spans:
        if each.is_note and each.parent:
            notes.setdefault(each.parent.index, []).append(each)
    # A note without a parent has no span to be an event of, so it becomes a span of no length.
    spans = [
        _otlp_span(each, trace_id, notes.get(each.index, []))
        for each in trace.spans
        if not (each.is_note and each.parent)
    ]
    scope = {"scope": {"name": "chapters.sim.trace"}, "spans": spans}
    resource = {"attributes": [_otlp_attribute("service.name", service)]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}


def _otlp_span(each: Span, trace_id: str, notes: list[Span]) -> dict[str, object]:
    path, _, line = each.place.rpartition(":")
    places: dict[str, Attribute] = {"code.file.path": path, "code.line.number": int(line)}
    attributes = [_otlp_attribute(*item) for item in (each.attributes | places).items()]
    end_ns = each.start_ns if each.end_ns is None else each.end_ns
    return {
        "traceId": trace_id,
        "spanId": _otlp_id(each),
        "parentSpanId": _otlp_id(each.parent) if each.parent else "",
        "name": each.name,
        "kind": 1,  # SPAN_KIND_INTERNAL
        "startTimeUnixNano": str(each.start_ns),
        "endTimeUnixNano": str(end_ns),
        "attributes": attributes,
        "events": [_otlp_event(event) for event in notes],
        "status": {"code": 2 if "error" in each.attributes else 0},
    }


def _otlp_event(event: Span) -> dict[str, object]:
    attributes = [_otlp_attribute(*item) for item in event.attributes.items()]
    return {"timeUnixNano": str(event.start_ns), "name": event.name, "attributes": attributes}


def _otlp_id(each: Span) -> str:
    # All zeroes means "no span" in OTLP, so ids start at 1.
    return f"{each.index + 1:016x}"


def _otlp_attribute(key: str, value: Attribute) -> dict[str, object]:
    """OTLP/JSON writes 64-bit integers as strings, because JavaScript would round them."""
    match value:
        case bool():
            return {"key": key, "value": {"boolValue": value}}
        case int():
            return {"key": key, "value": {"intValue": str(value)}}
        case float():
            return {"key": key, "value": {"doubleValue": value}}
    return {"key": key, "value": {"stringValue": value}}


class Report(Protocol):
    """What the tour of a system tells its story to: lines, and a trace to be drawn."""

    def __call__(self, line: str = "") -> None: ...
    def trace(self, trace: Trace | None) -> None: ...
