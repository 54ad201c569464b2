"""Many steps, each in another house: all of them happen, or what happened is undone.

    authorise ─► cook ─► capture ─► deliver                       forward
                           │ refused
    release  ◄─ recall ◄───┘                                       backward, from the last to the first

No transaction spans a bank, a kitchen and a rider. So each step has an undo, and the saga remembers
where it is.

Invariant: at the end either every step is done, or every step that *may* have happened was undone, in the
opposite order. A step whose answer never came may have happened: if the saga is given up, it is undone too.
An undo is asked for until it is done; it must be harmless where there is nothing to undo.

State is two words; whoever keeps it writes it in the transaction that hears an answer. All O(1).
Source: Garcia-Molina and Salem, "Sagas", 1987. Page: docs/chapters/saga.md
"""

from dataclasses import dataclass, replace
from enum import Enum

from chapters.saga.errors import BadPlan, TooLate


@dataclass(frozen=True, slots=True)
class Step:
    """Something to ask for, and what undoes it; without an undo there is no way back from it."""

    do: str
    undo: str | None = None


class Plan:
    """Steps in order. Raises `BadPlan` if a step that cannot be undone is followed by one that can."""

    def __init__(self, *steps: Step) -> None:
        names = [name for step in steps for name in (step.do, step.undo) if name]
        if not steps or len(set(names)) < len(names):
            raise BadPlan(f"{', '.join(names) or 'no step at all'}: say at least one, each once")
        undoable = [step.undo is not None for step in steps]
        if sorted(undoable, reverse=True) != undoable:
            raise BadPlan("a step without an undo comes before one that has one: swap them")
        self.steps = steps


class Phase(Enum):
    """Where a saga is going, or has come to."""

    FORWARD = "forward"
    BACKWARD = "backward"
    DONE = "done"
    UNDONE = "undone"


class Heard(Enum):
    """What is known of a step that was asked for."""

    DONE = "done"
    REFUSED = "refused"  # definitely not, and never will be
    UNKNOWN = "unknown"  # no answer in time: it may have happened, or may yet


@dataclass(frozen=True, slots=True)
class State:
    """The step at hand, counted from 0, and the direction."""

    at: int
    phase: Phase


BEGUN = State(0, Phase.FORWARD)


@dataclass(frozen=True, slots=True)
class Command:
    """What to ask for now. Asked again it is the same command: its key is derived, never drawn."""

    name: str

    def key(self, saga: str) -> str:
        """Return the key under which this is asked for, however often: `order-7/capture`."""
        return f"{saga}/{self.name}"


def command(plan: Plan, state: State) -> Command | None:
    """Return what to ask for in this state; None when the saga is over."""
    if state.phase in (Phase.DONE, Phase.UNDONE):
        return None
    step = plan.steps[state.at]
    if state.phase is Phase.FORWARD:
        return Command(step.do)
    assert step.undo is not None, step
    return Command(step.undo)


def after(plan: Plan, state: State, heard: Heard) -> State:
    """Return the state once this was heard of the command at hand.

    Forward, a refusal turns the saga round: what was refused did not happen, what came before it did.
    Backward, nothing but `DONE` counts.
    """
    if heard is Heard.UNKNOWN or command(plan, state) is None:
        return state
    if state.phase is Phase.BACKWARD:
        return _back(state) if heard is Heard.DONE else state
    if heard is Heard.REFUSED:
        if plan.steps[state.at].undo is None and state.at and plan.steps[state.at - 1].undo is None:
            return state  # there is no way back: it must be asked for until it is done
        return _back(replace(state, phase=Phase.BACKWARD))
    if state.at + 1 == len(plan.steps):
        return State(state.at, Phase.DONE)
    return replace(state, at=state.at + 1)


def _back(state: State) -> State:
    """Return the state when the step at hand needs no undo, or no more."""
    return State(state.at - 1, Phase.BACKWARD) if state.at else State(0, Phase.UNDONE)


def give_up(plan: Plan, state: State) -> State:
    """Return the state once nobody wants it any more; the step at hand is undone as well.

    Nobody knows whether it happened: its answer may be under way. Raises `TooLate`.
    """
    if state.phase in (Phase.BACKWARD, Phase.UNDONE):
        return state
    if state.phase is Phase.DONE or plan.steps[state.at].undo is None:
        raise TooLate(f"step {state.at + 1} of {len(plan.steps)} cannot be undone")
    return replace(state, phase=Phase.BACKWARD)
