"""Ladders: the hull of what was measured, rungs that only go up, and what it saves."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.batch import SerialExecutor
from netflix.encode.checks import MEASURED, points
from netflix.encode.clips import CLIPS, generate
from netflix.encode.ingest import ingest
from netflix.encode.ladder import FIXED, Point, choose, cost, fixed, hull, kbps_at
from netflix.encode.measure import CRFS, grid, measure, sample
from netflix.encode.tasks import Quality

ANY = st.lists(
    st.tuples(st.integers(10, 5000), st.integers(1, 100), st.sampled_from([144, 240, 360, 720])),
    max_size=14,
)


def given_points(found):
    return points([list(each) for each in found])


def test_the_hull_of_a_measured_film_is_not_monotone_in_height_and_the_ladder_is():
    best = hull(points([list(each) for each in MEASURED]))
    heights = [point.quality.height for point in best]
    assert heights != sorted(heights)
    rungs = [point.quality.height for point in choose(best)]
    assert rungs == sorted(rungs) and rungs[-1] == 720


@given(ANY)
def test_no_point_lies_above_its_hull(found):
    best = hull(given_points(found))
    for point in given_points(found):
        if best[0].kbps <= point.kbps <= best[-1].kbps:
            assert point.vmaf <= _line(best, point.kbps) + 1e-9
        assert point.vmaf <= best[-1].vmaf


def _line(best, kbps):
    for low, high in pairwise(best):
        if low.kbps <= kbps <= high.kbps:
            return low.vmaf + (high.vmaf - low.vmaf) * (kbps - low.kbps) / (high.kbps - low.kbps)
    return best[-1].vmaf


@given(ANY, st.floats(1.0, 3.0))
def test_a_ladder_only_goes_up(found, step):
    rungs = choose(hull(given_points(found)), step)
    for low, high in pairwise(rungs):
        assert low.kbps * step <= high.kbps and low.vmaf < high.vmaf
        assert low.quality.height <= high.quality.height


def test_between_two_rungs_the_cost_is_on_a_logarithmic_scale():
    ladder = [Point(Quality(1, 1), 100, 50), Point(Quality(1, 1), 400, 70)]
    assert kbps_at(60, ladder) == pytest.approx(200)
    double = [Point(Quality(1, 1), 200, 50), Point(Quality(1, 1), 800, 70)]
    assert cost(ladder, double) == pytest.approx(0.5)
    with pytest.raises(AssertionError, match="no quality in common"):
        cost(ladder, [Point(Quality(1, 1), 100, 80), Point(Quality(1, 1), 400, 90)])


def test_the_fixed_ladder_ends_at_the_films_height():
    assert [each.height for each in fixed(640, 360)] == [144, 240, 360]
    assert [each.height for each in fixed(1920, 1080)] == [height for height, _ in FIXED]
    (tiny,) = fixed(64, 36)
    assert (tiny.width, tiny.height) == (64, 36)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("film")
    return ingest(generate(CLIPS["signal"], folder / "clip.mp4", seconds=13, height=72), folder)


def test_a_sample_stands_for_a_long_film(film):
    assert (
        len(sample(film)) == 2 and sample(film)[0].first < film.frames / 2 < sample(film)[1].first
    )


def test_vmaf_falls_with_quality_and_what_was_measured_is_kept(film, tmp_path):
    tried = grid(film)[:: len(CRFS) - 1]
    found = measure(film, tried, tmp_path, SerialExecutor())
    assert found[0].vmaf > found[-1].vmaf and found[0].kbps > found[-1].kbps
    assert 80 < found[0].vmaf <= 100
    for path in tmp_path.glob("*.mp4"):
        path.unlink()
    assert measure(film, tried, tmp_path, SerialExecutor()) == found
    assert not list(tmp_path.glob("*.mp4"))
