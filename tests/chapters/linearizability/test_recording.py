"""Recorders, files and drawings."""

from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.errors import Definite, Indefinite
from chapters.linearizability import (
    BadHistory,
    HistoryFull,
    Operation,
    Recorder,
    Register,
    check,
    load,
    save,
    story,
)
from chapters.linearizability.diagram import OPERATIONS_MAX
from chapters.sim.clock import VirtualClock
from chapters.sim.real import WallClock

VALUES = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5)
OPERATIONS = st.builds(
    lambda client, call, length, key, input, output: Operation(
        client, call, None if length is None else call + length, key, tuple(input), output
    ),
    st.text(max_size=4),
    st.integers(0, 2**63),
    st.none() | st.integers(0, 2**40),
    st.text(max_size=4),
    st.lists(VALUES, max_size=3),
    VALUES | st.lists(VALUES, max_size=2),
)


def recorder() -> tuple[VirtualClock, Recorder]:
    clock = VirtualClock()
    return clock, Recorder(clock=clock)


def test_an_answer_is_taken_down_with_both_times() -> None:
    clock, taken = recorder()
    clock.advance(3)
    with taken.operation("a", "k", ("read",)) as op:
        clock.advance(4)
        op.returned("x")
    assert taken.history() == [Operation("a", 3, 7, "k", ("read",), "x")]


@pytest.mark.parametrize("error", [Indefinite("lost"), OSError("who knows")])
def test_an_error_that_may_have_happened_leaves_it_open(error: Exception) -> None:
    _, taken = recorder()
    with pytest.raises(type(error)), taken.operation("a", "k", ("write", "x")):
        raise error
    assert taken.history() == [Operation("a", 0, None, "k", ("write", "x"))]


def test_an_error_that_says_it_did_not_happen_drops_it() -> None:
    _, taken = recorder()
    with pytest.raises(Definite), taken.operation("a", "k", ("write", "x")):
        raise Definite("refused")
    assert taken.history() == []


def test_a_refusal_of_something_else_after_the_answer_drops_nothing() -> None:
    _, taken = recorder()
    with pytest.raises(Definite), taken.operation("a", "k", ("write", "x")) as op:
        op.returned("ok")
        raise Definite("another call was refused")
    assert len(taken.history()) == 1


def test_what_is_under_way_is_open() -> None:
    _, taken = recorder()
    begun = taken.begin("a", "k", ("write", "x"))
    assert taken.history()[0].is_open
    begun.returned("ok")
    assert not taken.history()[0].is_open


def test_two_answers_to_one_question_are_a_bug() -> None:
    _, taken = recorder()
    begun = taken.begin("a", "k", ("read",))
    begun.returned("x")
    with pytest.raises(AssertionError):
        begun.returned("y")


def test_threads_share_a_recorder_and_a_locked_register_holds() -> None:
    taken, lock, kept = Recorder(clock=WallClock()), Lock(), ["null"]

    def work(client: str) -> None:
        for number in range(60):
            with taken.operation(client, "k", ("write", f"{client}{number}")) as op:
                with lock:
                    kept[0] = f"{client}{number}"
                op.returned("ok")
            with taken.operation(client, "k", ("read",)) as op:
                with lock:
                    found = kept[0]
                op.returned(found)

    threads = [Thread(target=work, args=(client,)) for client in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken.history()) == 480
    assert check(taken.history(), Register()).holds


def test_a_full_recorder_refuses_before_the_operation() -> None:
    taken = Recorder(clock=VirtualClock(), operations_max=2)
    taken.begin("a", "k", ("read",))
    taken.begin("a", "k", ("read",))
    with pytest.raises(HistoryFull, match="2 operations"):
        taken.begin("a", "k", ("read",))
    assert len(taken.history()) == 2


@given(st.lists(OPERATIONS, max_size=8))
def test_a_history_reads_back_as_it_was_saved(history: list[Operation]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "history.jsonl")
        save(history, path)
        assert load(path) == history


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        '{"client": "a"}',
        '{"client": "a", "call_ns": 5, "return_ns": 3, "key": "k", "input": ["read"]}',
        '{"client": "a", "call_ns": 1.5, "return_ns": 3, "key": "k", "input": ["read"]}',
        '{"client": 1, "call_ns": 1, "return_ns": 3, "key": "k", "input": ["read"]}',
        '{"client": "a", "call_ns": 1, "return_ns": 3, "key": "k", "input": 7}',
    ],
)
def test_a_line_that_is_no_operation_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    good = '{"client": "a", "call_ns": 1, "return_ns": 3, "key": "k", "input": ["read"]}'
    path.write_text(f"{good}\n\n{line}\n")
    with pytest.raises(BadHistory) as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadHistory, match=r"none\.jsonl"):
        load(tmp_path / "none.jsonl")


def test_a_counterexample_is_drawn_up_to_the_culprit() -> None:
    history = [
        Operation("a", 1, 2, "k", ("write", "x"), "ok"),
        Operation("bo", 3, 9, "k", ("write", "y"), "ok"),
        Operation("a", 4, 6, "k", ("read",), "y"),
        Operation("c", 5, None, "k", ("write", "z"), None),
        Operation("a", 7, 8, "k", ("read",), "x"),
        Operation("a", 10, 11, "k", ("read",), "y"),
    ]
    assert check(history, Register()).lines() == [
        "violated: no order explains these 5 operations on key k",
        "  a   write x → ok  ├─┤",
        "  bo  write y → ok      ├──────────…",
        "  a   read → y            ├───┤",
        "  c   write z → ?           ├──────?",
        "  a   read → x                  ├─┤   ✘ no order gets past this one",
    ]


def test_an_order_is_drawn_with_its_places() -> None:
    history = [
        Operation("a", 1, 4, "k", ("write", "x"), "ok"),
        Operation("b", 2, 3, "k", ("read",), None),
    ]
    assert check(history, Register()).lines()[1:] == [
        "  a  write x → ok  ├─────┤   2.",
        "  b  read → null     ├─┤     1.",
    ]


def test_a_drawing_keeps_to_a_screen_and_says_what_it_leaves_out() -> None:
    calm = [Operation("a", 2 * n, 2 * n + 1, "k", ("write", str(n)), "ok") for n in range(40)]
    lines = check([*calm, Operation("b", 90, 91, "k", ("read",), "5")], Register()).lines()
    assert len(lines) == 2 + OPERATIONS_MAX
    assert "27 earlier, not drawn" in lines[1] and "✘" in lines[-1]
    wide = Operation("a", 200, 201, "k", ("write", "w" * 100), "ok")
    assert max(map(len, check([*calm, wide], Register()).lines())) <= 100
    assert "27 later, not drawn" in check([*calm, wide], Register()).lines()[-1]


def test_the_story_shows_one_that_holds_and_one_that_does_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    story.demo(seed=7)
    first = capsys.readouterr().out
    assert "holds: an order" in first and "violated: no order" in first
    story.demo(seed=7)
    assert capsys.readouterr().out == first
