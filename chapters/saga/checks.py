"""What the exercises on sagas check: back the way one came, and what is done when nobody answers.

Page: docs/chapters/saga.md
"""

from collections.abc import Iterator, Sequence
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.errors import KitError
from chapters.saga.saga import BEGUN, Heard, Plan, Step, after, command, give_up

DINNER = [
    ["authorise", "release"],
    ["cook", "recall"],
    ["capture", "refund"],
    ["deliver", "call back"],
]
FINAL = [["hold", "let go"], ["send", ""], ["thank", ""]]


def walked(steps: Sequence[Sequence[str]], told: Sequence[str]) -> JSON:
    """Walk through a plan: "done", "refused", "unknown" or "give up"; return each command and the end."""
    plan, state = Plan(*(Step(do, undo or None) for do, undo in steps)), BEGUN
    found: list[JSON] = []
    for word in told:
        asked = command(plan, state)
        found.append(asked.key("s") if asked else state.phase.value)
        try:
            state = give_up(plan, state) if word == "give up" else after(plan, state, Heard(word))
        except KitError as error:
            found.append(type(error).__name__)
    asked = command(plan, state)
    return [*found, asked.key("s") if asked else state.phase.value]


def well(rng: Random) -> Iterator[Case]:
    """Everything is done."""
    yield DINNER, ["done"] * 4
    yield DINNER[: rng.randint(1, 3)], ["done"] * 3


def silent(rng: Random) -> Iterator[Case]:
    """Nobody answers: the same is asked again, under the same key."""
    yield DINNER, ["done", "unknown", "unknown", "done"]
    yield DINNER, ["done", "done", "refused", "unknown", "done", "unknown", "done"]


def refused(rng: Random) -> Iterator[Case]:
    """A step is refused: what came before it is undone, the last first."""
    yield DINNER, ["refused"]
    yield DINNER, ["done", "done", "refused", "done", "done"]
    yield DINNER, ["done"] * 3 + ["refused"] + ["done"] * 3


def stubborn(rng: Random) -> Iterator[Case]:
    """An undo that is refused is asked for again; and there are steps from which no way leads back."""
    yield DINNER, ["done", "refused", "refused", "refused", "done"]
    yield FINAL, ["done", "done", "refused", "unknown", "done"]
    yield FINAL, ["done", "refused", "done"]


def given_up(rng: Random) -> Iterator[Case]:
    """Given up while a step is out: it may have happened, so it is undone too."""
    yield DINNER, ["done", "done", "give up", "done", "done", "done"]
    yield DINNER, ["give up", "done"]
    yield DINNER, ["done"] * 3 + ["unknown", "give up"] + ["done"] * 4


def again(rng: Random) -> Iterator[Case]:
    """Given up twice, or when it is on its way back already."""
    yield DINNER, ["done", "done", "give up", "done", "give up", "done", "give up", "done"]
    yield DINNER, ["done", "refused", "give up", "done", "give up"]


def too_late(rng: Random) -> Iterator[Case]:
    """Given up when there is no way back."""
    yield DINNER, ["done"] * 4 + ["give up"]
    yield FINAL, ["done", "give up", "done", "done", "give up"]


STAGES = {
    "compensation": [
        Stage("one step after the other, to the end", well, walked),
        Stage("no answer changes nothing", silent, walked, needs=(1,)),
        Stage("refused: back the way one came", refused, walked, needs=(1,)),
        Stage("an undo is asked for until it is done", stubborn, walked),
    ],
    "give-up": [
        Stage("the step at hand is undone as well", given_up, walked),
        Stage("given up once is given up", again, walked, needs=(1,)),
        Stage("too late is said", too_late, walked, needs=()),
    ],
}
