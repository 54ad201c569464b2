"""The story: a repeatable trace, a real one with a frame, a tour with numbers, a model that adds up."""

from chapters.sim.trace import to_otlp
from netflix.breaking import FAULTS
from netflix.breaking.app import full_disk
from netflix.places import chunks_folder, library_folder, secret_of
from netflix.story import capacity, demo, tour, trace


def test_the_trace_is_the_same_for_the_same_seed_and_shows_the_whole_way():
    first, second = trace(seed=3), trace(seed=3)
    assert to_otlp(first) == to_otlp(second)
    names = [span.name for span in first.spans]
    for step in (
        *("POST /api/play", "entitled", "a stream is leased", "edges ranked, address signed"),
        *(
            "no answer: the next edge is asked",
            "hit",
            "from the origin",
            "kept for whoever comes next",
        ),
        *("the rule chose", "first frame"),
    ):
        assert step in names, step
    assert names.count("from the origin") == 1


def test_the_real_trace_decodes_a_frame():
    spans = {span.name: span for span in trace(real=True).spans}
    assert spans["first frame decoded"].end_ns > spans["first frame decoded"].start_ns


def test_the_tour_encodes_a_film_and_plays_on_a_bad_line():
    told = []

    class Report:
        def __call__(self, line=""):
            told.append(line)

        def trace(self, trace):
            told.append(trace.title)

    tour(Report())
    text = "\n".join(told)
    assert "2 qualities and sound, 9 segments" in text
    assert "bolae" in text and "0.0 s of stalls" in text


def test_the_capacity_model_adds_up():
    rows = {row.name: row for row in capacity().evaluate()}
    assert rows["streams"].value == 200e6 * 1.7 / 24
    assert rows["edges"].value > 1000 and 1 < rows["fill_rate"].value < 10


def test_the_demonstration_begins_with_the_opening(capsys):
    demo()
    assert capsys.readouterr().out.startswith("Press play")


def test_every_fault_has_a_name_and_a_line():
    assert all(name == each.name and each.summary for name, each in FAULTS.items())


def test_a_full_disk_is_survived():
    assert full_disk().held


def test_a_library_has_a_secret_of_its_own_that_nobody_else_may_read(tmp_path, monkeypatch):
    from random import Random

    monkeypatch.setenv("KIT_LIBRARY", str(tmp_path / "shelf"))
    assert (
        library_folder() == tmp_path / "shelf"
        and chunks_folder(library_folder()).parent == tmp_path
    )
    secret = secret_of(library_folder(), rng=Random(1))
    assert secret_of(library_folder(), rng=Random(2)) == secret and len(secret) == 32
    assert (tmp_path / "shelf-secret").stat().st_mode & 0o077 == 0
