"""Every way through a plan, and through plans that chance makes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.saga import (
    BEGUN,
    BadPlan,
    Heard,
    Phase,
    Plan,
    Step,
    TooLate,
    after,
    command,
    give_up,
    story,
)


def test_the_story_goes_back_the_way_it_came(capsys):
    story.demo(step=3)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split(maxsplit=4)[-1].endswith("capture ✘ ─► recall ─► release ─► (undone)")
    assert lines[2].endswith("capture ? ? ? ─► refund ─► recall ─► release ─► (undone)")


def test_every_saga_of_the_plan_comes_to_an_end():
    assert {state.phase for state in story.ends(story.PLAN)} == {Phase.DONE, Phase.UNDONE}


WORDS = st.lists(st.sampled_from(["done", "refused", "unknown", "give up"]), max_size=30)


@given(st.integers(1, 6), st.integers(0, 2), WORDS)
def test_what_may_have_happened_is_done_at_the_end_or_undone(undoable, final, words):
    steps = [Step(f"do-{n}", f"undo-{n}") for n in range(undoable)]
    plan = Plan(*steps, *(Step(f"do-{n}") for n in range(undoable, undoable + final)))
    state, may, undone = BEGUN, [], []
    for word in [*words, *["done"] * 40]:
        asked = command(plan, state)
        if asked is None:
            break
        is_undo = asked.name.startswith("undo")
        if not is_undo and asked.name not in may:
            may.append(asked.name)  # its request is out
        if word == "give up":
            try:
                state = give_up(plan, state)
            except TooLate:
                assert state.at >= undoable
            continue
        before, state = state, after(plan, state, Heard(word))
        if word == "done" and is_undo:
            undone.append(asked.name.removeprefix("un"))
        if word == "refused" and before.phase is Phase.FORWARD and state != before:
            may.remove(asked.name)
    if state.phase is Phase.DONE:
        assert may == [step.do for step in plan.steps] and not undone
    elif state.phase is Phase.UNDONE:
        assert undone == may[::-1]


def test_the_same_command_has_the_same_key_however_often():
    asked = command(story.PLAN, BEGUN)
    assert asked is not None and asked.key("order-7") == "order-7/authorise"
    assert command(story.PLAN, after(story.PLAN, BEGUN, Heard.UNKNOWN)) == asked


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ((), "no step"),
        ((Step("a"), Step("b", "c")), "swap them"),
        ((Step("a", "b"), Step("a", "c")), "each once"),
    ],
)
def test_a_plan_that_could_not_be_undone_is_refused(steps, says):
    with pytest.raises(BadPlan, match=says):
        Plan(*steps)


def test_a_step_out_of_the_plan_is_refused_in_one_line():
    with pytest.raises(Exception, match="step is 5; the plan has 4"):
        story.demo(step=5)
