"""Sagas: many steps, each in another house, all of them or none. Page: docs/chapters/saga.md"""

from chapters.saga.errors import BadPlan, TooLate
from chapters.saga.saga import (
    BEGUN,
    Command,
    Heard,
    Phase,
    Plan,
    State,
    Step,
    after,
    command,
    give_up,
)

__all__ = [
    "Plan", "Step", "State", "Phase", "Heard", "Command",
    "BEGUN", "command", "after", "give_up", "TooLate", "BadPlan",
]  # fmt: skip
