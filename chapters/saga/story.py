"""Dinner takes four houses. One refuses, or does not answer, or the customer thinks better of it.

Page: docs/chapters/saga.md
"""

from collections.abc import Iterator

from chapters.errors import UsageError
from chapters.saga.saga import BEGUN, Heard, Phase, Plan, State, Step, after, command, give_up
from chapters.sim.errors import at_least

TITLE = "Sagas"
PLAN = Plan(
    Step("authorise", "release"),
    Step("cook", "recall"),
    Step("capture", "refund"),
    Step("deliver", "call back"),
)


def way(plan: Plan, refused: int | None = None, given_up: int | None = None) -> Iterator[str]:
    """Yield the commands of a saga whose step of that number, from 1, is refused or without answer.

    A step without an answer is asked for three times; then the saga is given up.
    """
    state = BEGUN
    while (asked := command(plan, state)) is not None:
        number = state.at + 1 if state.phase is Phase.FORWARD else None
        if number is not None and number == refused:
            yield f"{asked.name} ✘"
            state = after(plan, state, Heard.REFUSED)
        elif number is not None and number == given_up:
            yield f"{asked.name} ? ? ?"
            for _ in range(3):
                state = after(plan, state, Heard.UNKNOWN)
            state = give_up(plan, state)
        else:
            yield asked.name
            state = after(plan, state, Heard.DONE)
    yield f"({state.phase.value})"


def ends(plan: Plan) -> Iterator[State]:
    """Yield every end that a saga of this plan can come to, each way once."""
    ahead = [BEGUN]
    while ahead:
        state = ahead.pop()
        if command(plan, state) is None:
            yield state
            continue
        ahead += [after(plan, state, Heard.DONE)]
        if state.phase is Phase.FORWARD:
            ahead += [after(plan, state, Heard.REFUSED), give_up(plan, state)]


def demo(*, step: int = 3) -> None:
    """Show a dinner that works, one whose step is refused, and one whose step is never answered."""
    at_least(1, step=step)
    if step > len(PLAN.steps):
        raise UsageError(f"step is {step}; the plan has {len(PLAN.steps)}")
    for title, words in (
        ("all goes well", way(PLAN)),
        (f"step {step} is refused", way(PLAN, refused=step)),
        (f"step {step} is never answered", way(PLAN, given_up=step)),
    ):
        print(f"  {title:27}{' ─► '.join(words)}")
    print("\nrefused: it did not happen, so it is not undone. Never answered: it may have.")


if __name__ == "__main__":
    demo()
