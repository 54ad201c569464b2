"""What `kit break` is told."""

from chapters.sim import FaultStory, Outcome, Series, Verdict


def _run(*, nodes: int = 2, seed: int = 7) -> Outcome:
    kept = Verdict("nothing acknowledged is lost", True, "12 of 12 objects equal")
    broken = Verdict("reads go on", nodes <= 2, f"{nodes - 2} reads failed")
    return Outcome(
        "down", (kept, broken), (), (), "kit break s3", (Series("p99", "ms", ((0, 4),)),)
    )


def test_an_outcome_holds_when_every_promise_does() -> None:
    story = FaultStory("nodes", "some nodes die", _run)
    assert story.run().held
    assert not story.run(nodes=3).held
    assert story.run().series[0].values == [4]


def test_a_storys_knobs_are_the_parameters_of_its_run() -> None:
    knobs = FaultStory("nodes", "some nodes die", _run).knobs
    assert {name: knob.default for name, knob in knobs.items()} == {"nodes": 2, "seed": 7}
