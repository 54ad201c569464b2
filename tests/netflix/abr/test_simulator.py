"""Sessions: one by hand, then what is true of all of them, then the stepped simulator beside."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netflix.abr import abandonment, generated, picture, simulator, stepped, story
from netflix.abr.abandonment import Request, broken_off, looks, progress_at
from netflix.abr.errors import BadLadder, NoSuchRung, UnknownRule
from netflix.abr.ladder_of import ladder_of
from netflix.abr.rule import Ladder, Rule
from netflix.abr.rules import RULES, make
from netflix.abr.simulator import ATTEMPTS_MAX, play
from netflix.abr.trace import Period, Trace
from netflix.package.published import Published, Segment, Track

BUFFER_S = 12.0
TITLE = generated.title(Random(1), 30)
STEADY_KBPS = (310, 500, 900, 1700, 3400, 7000, 20_000)

lines = st.lists(
    st.builds(
        Period,
        st.sampled_from([0.7, 1.0, 4.0, 15.0]),
        st.sampled_from([0.0, 150.0, 400.0, 1200.0, 3000.0, 9000.0]),
        st.sampled_from([0.0, 0.02, 0.1]),
    ),
    min_size=1,
    max_size=12,
).filter(lambda found: any(each.bandwidth_kbps > 1000 for each in found))


class Fixed(Rule):
    """Takes the rungs that it was given."""

    def __init__(self, rungs, gives_up=False, wait=0.0):
        self.rungs, self.heard, self.moments = rungs, [], []
        self.gives_up, self.wait = gives_up, wait

    def choose(self, moment):
        self.moments.append(moment)
        return self.rungs[moment.segment]

    def wait_s(self):
        return self.wait

    def abandon(self, progress):
        return 0 if self.gives_up and progress.rung else None

    def downloaded(self, download):
        self.heard.append(download)


def test_three_segments_by_hand():
    """Segments of 2 s, on 1,000 kbit/s with 0.1 s of latency, in rungs of 500 and 2,000 kbit/s.

    0: rung 0, 1,000 kbit: 0.1 + 1 = 1.1 s, the start. Then 2 s are in the buffer.
    1: rung 1, 4,000 kbit: 4.1 s, so from 1.1 to 5.2 s; 2 s play, 2.1 s stall. Again 2 s in the buffer.
    2: rung 0: 1.1 s, to 6.3 s; 0.9 s left and 2 s more. At 9.2 s all has been played.
    """
    ladder = Ladder(2.0, (500, 2000), [(1_000_000, 4_000_000)] * 3)
    rule = Fixed([0, 1, 0])
    session = play(ladder, Trace([Period(60, 1000, 0.1)]), rule, 10.0)
    assert [each.buffer_s for each in session.fetches] == pytest.approx([0.0, 2.0, 2.0])
    assert [each.asked_s for each in session.fetches] == pytest.approx([0.0, 1.1, 5.2])
    assert [each.took_s for each in session.fetches] == pytest.approx([1.1, 4.1, 1.1])
    assert session.startup_s == pytest.approx(1.1)
    assert session.stalled_s == pytest.approx(2.1) and session.stalls == 1
    assert session.duration_s == pytest.approx(1.1 + 6 + 2.1) == pytest.approx(9.2)
    assert session.rebuffer_ratio == pytest.approx(2.1 / 9.2)
    assert session.bitrate_kbps == pytest.approx(2 * 3000 / 9.2)
    assert session.change_kbps == pytest.approx(2 * 3000 / 9.2) and session.switches == 2
    assert [each.took_s for each in rule.heard] == pytest.approx([1.1, 4.1, 1.1])
    assert [each.first_byte_s for each in rule.heard] == pytest.approx([0.1] * 3)


def test_nothing_is_asked_for_before_it_has_room():
    """A buffer of 4 s holds two segments: on a fast line, each third one waits for its room."""
    ladder = Ladder(2.0, (500,), [(1_000,)] * 6)
    rule = Fixed([0] * 6)
    session = play(ladder, Trace([Period(60, 100_000, 0.0)]), rule, 4.0)
    assert [moment.buffer_s for moment in rule.moments] == pytest.approx(
        [0, 2, 2, 2, 2, 2], abs=1e-3
    )
    assert [each.asked_s for each in session.fetches] == pytest.approx([0, 0, 2, 4, 6, 8], abs=1e-3)


def test_a_rule_can_wait_but_not_until_the_picture_stops():
    ladder = Ladder(2.0, (500,), [(1_000,)] * 3)
    session = play(ladder, Trace([Period(60, 100_000, 0.0)]), Fixed([0] * 3, wait=99.0), 10.0)
    assert session.stalled_s == pytest.approx(0.0, abs=1e-4)
    assert session.fetches[1].asked_s == pytest.approx(2.0, abs=1e-3)


def test_a_rung_that_is_not_there_is_said_to_be_so():
    for rung in (-1, 5):
        with pytest.raises(
            NoSuchRung, match=f"segment 0: the rule chose rung {rung}; there are 0 to 4"
        ):
            play(TITLE, generated.steady(), Fixed([rung]), BUFFER_S)


def test_a_rule_that_always_gives_up_gets_its_segment_all_the_same():
    ladder = Ladder(2.0, (500, 1000), [(1_000_000, 2_000_000)] * 2)
    rule = Fixed([1, 1], gives_up=True)
    session = play(ladder, generated.steady(1000.0), rule, 10.0)
    assert len(session.fetches) == 2 * ATTEMPTS_MAX
    assert [each.is_whole for each in session.fetches].count(True) == 2
    assert session.wasted_bits > 0 and rule.heard[0].abandoned_for == 0
    assert session.played_kbps == [1000, 1000]


@settings(max_examples=40)
@given(st.sampled_from(list(RULES)), lines)
def test_what_is_true_of_every_session(name, periods):
    session = play(TITLE, Trace(periods), make(name, TITLE, BUFFER_S), BUFFER_S)
    whole = [each for each in session.fetches if each.is_whole]
    assert [each.segment for each in whole] == list(range(30))
    assert all(0 <= each.rung < 5 for each in session.fetches)
    assert all(-1e-9 <= each.buffer_s <= BUFFER_S - 2.0 + 1e-9 for each in session.fetches)
    levels = picture.buffer_series(session, "").values
    assert max(levels) <= BUFFER_S + 1e-9 and min(levels) >= -1e-9
    # All time is starting, playing or stalling: when the last segment is there, its rest is played.
    last = session.fetches[-1]
    left_s = max(0.0, last.buffer_s - last.took_s) + TITLE.segment_s
    assert last.asked_s + last.took_s + left_s == pytest.approx(session.duration_s)
    assert session.content_s == 60.0
    ends = [each.asked_s + each.took_s for each in session.fetches]
    assert all(
        end <= each.asked_s + 1e-9 for end, each in zip(ends, session.fetches[1:], strict=False)
    )


@pytest.mark.parametrize("name", RULES)
def test_twice_the_top_rung_never_stalls_and_gets_there(name):
    session = play(TITLE, generated.steady(12_000.0), make(name, TITLE, BUFFER_S), BUFFER_S)
    assert session.stalled_s == 0
    assert session.fetches[-10].rung == (4 if name != "bola-basic" else session.fetches[-10].rung)
    assert max(each.rung for each in session.fetches) == 4


@settings(max_examples=30)
@given(st.floats(200, 9000), st.floats(1.0, 3.0))
def test_more_bandwidth_never_lowers_the_throughput_rules_bit_rate(kbps, times):
    slow, fast = (
        play(TITLE, generated.steady(each), make("throughput", TITLE, BUFFER_S), BUFFER_S)
        for each in (kbps, kbps * times)
    )
    assert fast.bitrate_kbps >= slow.bitrate_kbps * (1 - 1e-9)


@settings(max_examples=30)
@given(
    st.sampled_from(["throughput", "bola", "bolae", "dynamic"]),
    lines,
    st.integers(1, 4),
    st.floats(0, 30),
    st.floats(0, 10),
)
def test_asking_about_stretches_finds_what_asking_at_every_look_finds(
    name, periods, rung, asked_s, buffer_s
):
    trace = Trace(periods)
    rule = make(name, TITLE, BUFFER_S)
    play(TITLE, trace, rule, BUFFER_S)  # so that the rule has seen something of the line
    size_bits = TITLE.sizes_bits[3][rung]
    request = Request(rung, size_bits, asked_s, *trace.download(asked_s, size_bits), buffer_s)
    found = None
    for took_s, came_bits in looks(trace, request):
        progress = progress_at(request, took_s, came_bits)
        if (instead := rule.abandon(progress)) is not None:
            found = progress, instead
            break
    assert broken_off(rule, trace, request) == found


@given(lines, st.floats(0, 30))
def test_looks_are_50_ms_and_12_kbit_apart_at_least(periods, asked_s):
    trace = Trace(periods)
    request = Request(4, 12_000_000, asked_s, *trace.download(asked_s, 12_000_000), 5.0)
    seen = list(looks(trace, request))
    for (before_s, before_bits), (after_s, after_bits) in pairwise(seen):
        assert after_s - before_s >= abandonment.LOOK_S - 1e-9
        assert after_bits - before_bits >= abandonment.LOOK_BITS - 1e-3
    for took_s, came_bits in seen[:20]:
        starts_s = asked_s + request.first_byte_s
        came = trace.came_bits(asked_s + took_s) - trace.came_bits(starts_s)
        assert came_bits == pytest.approx(came, rel=1e-6, abs=1.0)


@pytest.mark.parametrize("name", ["throughput", "bba", "bola-basic", "bola", "bolae", "dynamic"])
@pytest.mark.parametrize("line", [generated.steady(), generated.collapse(after_s=20, lasts_s=15)])
def test_the_stepped_simulator_comes_to_the_same(name, line):
    by_steps = stepped.play(TITLE, line, make(name, TITLE, BUFFER_S), BUFFER_S, 0.002)
    at_once = simulator.play(TITLE, line, make(name, TITLE, BUFFER_S), BUFFER_S)
    assert by_steps.bitrate_kbps == pytest.approx(at_once.bitrate_kbps, rel=0.03)
    assert by_steps.rebuffer_ratio == pytest.approx(at_once.rebuffer_ratio, abs=0.01)
    assert by_steps.startup_s == pytest.approx(at_once.startup_s, abs=0.02)


def test_rules_and_titles_that_cannot_be_are_refused():
    with pytest.raises(UnknownRule, match="there is no rule 'best': take one of throughput, bba"):
        make("best", TITLE, BUFFER_S)
    for ladder, said in (
        (Ladder(2.0, (), []), "0 rungs"),
        (Ladder(0.0, (1,), [(1,)]), "segments of 0 s"),
        (Ladder(2.0, (500, 400), [(1, 1)]), "must ascend"),
        (Ladder(2.0, (0, 400), [(1, 1)]), "must ascend"),
        (Ladder(2.0, (300, 400), [(1, 1), (1,)]), "segment 1"),
    ):
        with pytest.raises(BadLadder, match=said):
            make("bola", ladder, BUFFER_S)
    with pytest.raises(BadLadder, match="it must hold two"):
        make("bola", TITLE, 3.0)


@pytest.mark.parametrize("name", RULES)
def test_a_title_of_one_rung_or_one_segment_is_played(name):
    for ladder in (Ladder(2.0, (500,), [(1_000_000,)] * 9), Ladder(2.0, (300, 900), [(6, 18)])):
        session = play(ladder, generated.steady(), make(name, ladder, BUFFER_S), BUFFER_S)
        assert set(session.played_kbps) == {ladder.bitrates_kbps[0]}


def published(*tracks):
    return Published("harbour", "Harbour", (), 2.0, "", tracks)


def track(name, mean_bps, *sizes):
    segments = tuple(Segment(50, size) for size in sizes)
    return Track(name, "video", "avc1", 320, 240, "25/1", 25, mean_bps, mean_bps, segments)


def test_a_published_title_has_a_ladder():
    ladder = ladder_of(published(track("v144", 100_000, 10, 30), track("v240", 300_000, 40, 90)))
    assert ladder == Ladder(2.0, [100.0, 300.0], [(80, 320), (240, 720)])
    with pytest.raises(BadLadder, match="publish it anew"):
        ladder_of(published(track("v144", 100_000, 10), track("v240", 300_000, 40, 90)))


def test_demonstrations_print_a_picture(capsys):
    story.demo(segments=20, trace="square")
    simulator.demo(rule="bba", trace="collapse", segments=20)
    printed = capsys.readouterr().out
    assert all(name in printed for name in RULES) and "buffer   ▁" in printed
