"""Spans, their parents and places, the waterfall, and OpenTelemetry's form."""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from chapters.sim import (
    MS,
    Runaway,
    Trace,
    VirtualClock,
    begin,
    note,
    rows,
    span,
    to_otlp,
    to_svg,
    to_text,
    tracing,
)
from chapters.sim import trace as trace_module


def _traced() -> Trace:
    clock = VirtualClock()
    with tracing(clock, "an <order>") as trace:
        with span("order placed", order=5) as outer:
            clock.spend(1 * MS)
            with span("price checked"):
                clock.spend(2 * MS)
            note("retried", attempt=2)
            clock.call_later(4 * MS, _confirm)
            outer.set(price_ticks=1001)
            with pytest.raises(ValueError, match="no stock"), span("reserved"):
                raise ValueError("no stock")
        note("alone")
    clock.run()
    return trace


def _confirm() -> None:
    with span("confirmed", ok=True, share=0.5):
        pass


def test_spans_nest_by_with_and_by_who_scheduled_them() -> None:
    trace = _traced()
    parents = {each.name: each.parent and each.parent.name for each in trace.spans}
    assert parents == {
        "order placed": None,
        "price checked": "order placed",
        "retried": "order placed",
        "reserved": "order placed",
        "confirmed": "order placed",
        "alone": None,
    }
    by_name = {each.name: each for each in trace.spans}
    assert (by_name["price checked"].start_ns, by_name["price checked"].end_ns) == (MS, 3 * MS)
    assert by_name["confirmed"].start_ns == 7 * MS
    assert by_name["reserved"].attributes["error"] == "ValueError: no stock"
    assert by_name["order placed"].attributes == {"order": 5, "price_ticks": 1001}


def test_every_span_names_the_line_that_opened_it() -> None:
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    for each in _traced().spans:
        path, _, line = each.place.rpartition(":")
        assert path.endswith("tests/chapters/sim/test_trace.py")
        assert f'"{each.name}"' in lines[int(line) - 1]


def test_without_a_trace_nothing_is_recorded() -> None:
    with span("unseen", order=5) as unseen:
        unseen.set(more=1)
    begin("unseen").finish()
    note("unseen")


def test_a_trace_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_module, "SPANS_MAX", 3)
    with tracing(VirtualClock()), pytest.raises(Runaway, match="trace one request"):
        for _ in range(4):
            note("again")


def test_begun_spans_end_when_they_are_finished_and_only_then() -> None:
    clock = VirtualClock()
    with tracing(clock) as trace:
        asked = begin("asked")
        clock.call_later(5, asked.finish)
        clock.call_later(9, asked.finish)
    clock.run()
    assert (trace.spans[0].start_ns, trace.spans[0].end_ns) == (0, 5)


def test_rows_draw_the_tree() -> None:
    found = rows(_traced())
    assert [row.text for row in found] == [
        "order placed",
        "├─ price checked",
        "├─ retried",
        "├─ reserved",
        "└─ confirmed",
        "alone",
    ]
    assert [row.start for row in found] == ["0 ms", "1 ms", "3 ms", "3 ms", "7 ms", "3 ms"]
    assert all(0 <= row.left <= row.left + row.width <= 1 for row in found)
    assert found[3].failed
    assert found[4].detail == "ok=True share=0.5"


def test_text_and_svg_are_well_formed_and_the_same_each_time() -> None:
    lines = to_text(_traced())
    assert len({line.index("tests/") for line in lines}) == 1
    svg = to_svg(_traced())
    assert svg == to_svg(_traced())
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "an <order>" in "".join(root.itertext())
    assert "currentColor" in svg
    assert not re.search(r"(href|src)=|url\(", svg)
    assert rows(Trace(VirtualClock())) == []


def test_otlp_json_has_the_shape_that_collectors_read() -> None:
    exported = json.loads(json.dumps(to_otlp(_traced(), service="exchange")))
    resource = exported["resourceSpans"][0]
    assert resource["resource"]["attributes"] == [
        {"key": "service.name", "value": {"stringValue": "exchange"}}
    ]
    spans = resource["scopeSpans"][0]["spans"]
    assert [each["name"] for each in spans] == [
        "order placed",
        "price checked",
        "reserved",
        "alone",
        "confirmed",
    ]
    root, checked, reserved, _, confirmed = spans
    for each in spans:
        assert re.fullmatch("[0-9a-f]{32}", each["traceId"])
        assert re.fullmatch("[0-9a-f]{16}", each["spanId"])
        assert int(each["endTimeUnixNano"]) >= int(each["startTimeUnixNano"])
        assert isinstance(each["startTimeUnixNano"], str)
    assert checked["parentSpanId"] == root["spanId"]
    assert root["parentSpanId"] == ""
    assert root["events"][0]["name"] == "retried"
    assert reserved["status"] == {"code": 2}
    attributes = {each["key"]: each["value"] for each in confirmed["attributes"]}
    assert attributes["ok"] == {"boolValue": True}
    assert attributes["share"] == {"doubleValue": 0.5}
    assert set(attributes["code.line.number"]) == {"intValue"}
