"""The story: the trace is repeatable and shows the whole way, the tour tells numbers, the model adds up."""

from chapters.sim.trace import to_otlp
from s3.story import capacity, demo, tour, trace


def test_the_trace_is_the_same_for_the_same_seed_and_shows_the_whole_way():
    first, second = trace(seed=3), trace(seed=3)
    assert to_otlp(first) == to_otlp(second)
    names = [span.name for span in first.spans]
    for step in (
        *("signature checked", "stripe cut and encoded", "metadata transaction"),
        *("a majority has it on disk", "late: others are asked as well", "rebuilt from the others"),
        *("answered", "the same bytes"),
    ):
        assert step in names, step
    assert {f"shard {number}" for number in range(6)} <= {name[:7] for name in names}


def test_the_real_trace_takes_real_time_and_gives_the_same_bytes():
    spans = {span.name: span for span in trace(real=True).spans}
    assert spans["body stored"].end_ns > spans["body stored"].start_ns
    assert "the same bytes" in spans


def test_the_tour_loses_two_nodes_and_no_object():
    told = []

    class Report:
        def __call__(self, line=""):
            told.append(line)

        def trace(self, trace):
            told.append(trace.title)

    tour(Report())
    text = "\n".join(told)
    assert "150 of 150 objects are read back" in text
    assert "150 of 150 objects are whole" in text


def test_the_capacity_model_adds_up():
    rows = {row.name: row for row in capacity().evaluate()}
    assert round(rows["payload"].value) == 350
    assert rows["disks"].value == rows["disks_for_bytes"].value
    assert round(rows["lost_a_year"].value) == 3500


def test_the_demonstration_begins_with_the_opening(capsys):
    demo()
    assert "no object is ever lost" in capsys.readouterr().out
