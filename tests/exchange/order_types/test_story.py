"""The demonstration of order types shows what each promises."""

import pytest

from exchange.order_types import story
from exchange.saying import words

ENDS = {
    "limit": "#5 trades 30 @ 10.02 with #3",
    "market": "#5 trades 20 @ 10.03 with #4",
    "immediate or cancel": "#5 loses 20: rest-of-immediate-order",
    "fill or kill": "#5 loses 50: not-fillable-in-full",
    "at least so much": "#5 loses 50: not-fillable-in-full",
    "post-only": "refused: post-only-would-cross",
    "iceberg": "#5 shows its next 30, at the back of the queue",
    "hidden": "#6 trades 30 @ 10.01 with #5",
    "stop": "#5 trades 20 @ 10.00 with #1",
    "pegged": "#5 moves to 10.01",
    "against one's own": "#5 loses 20: self-trade-prevented",
}


@pytest.mark.parametrize("scene", story.SCENES, ids=lambda scene: scene.name)
def test_a_scene_ends_as_its_kind_of_order_does(scene):
    *_, events = story.played(scene)
    assert words(events[-1]) == ENDS[scene.name]


def test_all_of_it_fits_on_a_screen(capsys):
    story.demo()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 32 and max(map(len, lines)) <= 100
    assert {scene.name for scene in story.SCENES} == set(ENDS)
