"""Traces: what arrives when, and which traces are none."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netflix.abr import generated
from netflix.abr import trace as trace_module
from netflix.abr.errors import BadTrace
from netflix.abr.trace import Period, Trace, from_rows, read

periods = st.lists(
    st.builds(
        Period,
        st.sampled_from([0.5, 1.0, 2.0, 3.5]),
        st.sampled_from([0.0, 0.0, 100.0, 750.0, 8000.0]),
        st.sampled_from([0.0, 0.05, 0.5]),
    ),
    min_size=1,
    max_size=8,
).filter(lambda found: any(each.bandwidth_kbps for each in found))


def walked_s(found, from_s, size_bits):
    """Find the arrival period by period, the way one would do it by hand."""
    at_s = from_s % sum(each.duration_s for each in found)
    now_s, left = from_s, float(size_bits)
    index = 0
    while at_s >= found[index].duration_s:
        at_s -= found[index].duration_s
        index += 1
    while True:
        rest_s = found[index % len(found)].duration_s - at_s
        bits_per_s = found[index % len(found)].bandwidth_kbps * 1000
        if bits_per_s and left <= rest_s * bits_per_s * (1 + 1e-12):
            return now_s + left / bits_per_s
        now_s, left, at_s, index = now_s + rest_s, left - rest_s * bits_per_s, 0.0, index + 1


def test_a_download_over_two_periods_by_hand():
    """1 s at 1,000 kbit/s, 1 s at 3,000: of 2,500 kbit asked for at 0.5 s, 500 come in the first."""
    trace = Trace([Period(1, 1000, 0.0), Period(1, 3000, 0.0)])
    assert trace.arrives_s(0.5, 2_500_000) == pytest.approx(1.0 + 2 / 3)
    assert trace.arrives_s(0.5, 3_500_000) == pytest.approx(2.0)
    assert trace.arrives_s(0.5, 4_000_000) == pytest.approx(2.5)  # the trace has begun again
    assert trace.mean_kbps == 2000


def test_the_first_byte_is_waited_for_apart():
    trace = Trace([Period(10, 1000, 0.2)])
    assert trace.download(1.0, 500_000) == pytest.approx((0.2, 0.7))


def test_nothing_comes_in_a_dead_stretch():
    trace = Trace([Period(1, 1000, 0), Period(5, 0, 0), Period(1, 1000, 0)])
    assert trace.arrives_s(0.0, 1_000_000) == pytest.approx(1.0)
    assert trace.arrives_s(0.0, 1_000_001) > 6.0
    assert trace.arrives_s(2.0, 500_000) == pytest.approx(6.5)


@given(periods, st.floats(0, 40), st.integers(1, 30_000_000))
def test_the_running_sums_say_what_walking_says(found, from_s, size_bits):
    expected = walked_s(found, from_s, size_bits)
    got = Trace(found).arrives_s(from_s, size_bits)
    # At the very end of a period that dead ones follow, rounding may pick either side of these.
    if abs(got - expected) > 1e-6:
        trace = Trace(found)
        assert trace.came_bits(got) == pytest.approx(trace.came_bits(expected), rel=1e-9, abs=1.0)


@given(periods, st.floats(0, 40), st.floats(0, 40))
def test_what_came_never_shrinks(found, one_s, other_s):
    trace = Trace(found)
    assert trace.came_bits(min(one_s, other_s)) <= trace.came_bits(max(one_s, other_s)) + 1e-3


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(60_000, 0, 20), (60_000, 0, 20)], "no bandwidth in all of its 120 s"),
        ([(1000, -5, 20)], "period 0 lasts 1 s with -5 kbit/s"),
        ([(1000, 500, 20), (1000, 500, -1)], "period 1"),
        ([(-1, 500, 20)], "durations must be above 0"),
        ([(0, 500, 20)], "durations must be above 0"),
        ([(1000, float("nan"), 20)], "period 0"),
        ([(float("inf"), 500, 20)], "period 0"),
        ([], "0 periods"),
    ],
)
def test_a_line_on_which_nothing_can_be_played_is_refused_in_one_line(rows, said):
    fields = ("duration_ms", "bandwidth_kbps", "latency_ms")
    with pytest.raises(BadTrace, match=said) as refused:
        from_rows([dict(zip(fields, row, strict=True)) for row in rows], "tunnel.json")
    assert "\n" not in str(refused.value) and "tunnel.json" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read as JSON"),
        ("{}", "holds no list"),
        ("[3]", "period 0 is 3"),
        ('[{"duration_ms": 5}]', "period 0 is"),
        ('[{"duration_ms": "5", "bandwidth_kbps": 1, "latency_ms": 1}]', "period 0 is"),
    ],
)
def test_a_file_that_is_no_trace_says_what_is_wrong(tmp_path, text, said):
    (tmp_path / "trace.json").write_text(text)
    with pytest.raises(BadTrace, match=said) as refused:
        read(tmp_path / "trace.json")
    assert "\n" not in str(refused.value)
    with pytest.raises(BadTrace, match="cannot be read"):
        read(tmp_path / "none.json")


def test_a_trace_of_too_many_periods_is_refused(monkeypatch):
    monkeypatch.setattr(trace_module, "PERIODS_MAX", 3)
    assert len(Trace([Period(1, 500, 0)] * 3).periods) == 3
    with pytest.raises(BadTrace, match="4 periods: give 1 to 3"):
        Trace([Period(1, 500, 0)] * 4)


def test_a_file_is_read_as_it_says(tmp_path):
    row = {"duration_ms": 1500, "bandwidth_kbps": 800, "latency_ms": 20}
    (tmp_path / "trace.json").write_text(json.dumps([row]))
    assert read(tmp_path / "trace.json").periods == (Period(1.5, 800, 0.02),)


def test_generated_traces_are_the_same_under_a_seed():
    for make in generated.TRACES.values():
        assert make(Random(3)).periods == make(Random(3)).periods
    assert generated.markov(Random(3)).periods != generated.markov(Random(4)).periods


def test_a_generated_title_has_the_bit_rates_that_it_says():
    ladder = generated.title(Random(1))
    for rung, kbps in enumerate(ladder.bitrates_kbps):
        bits = sum(sizes[rung] for sizes in ladder.sizes_bits)
        assert bits / len(ladder.sizes_bits) / ladder.segment_s / 1000 == pytest.approx(
            kbps, rel=1e-3
        )
