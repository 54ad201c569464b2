"""What one object may answer when its operations come one at a time: a register, and one with cas.

A model is a state and a step. `step(state, input, output)` says whether that answer is legal in that
state, and what the state is afterwards. Two rules make a model fit for the search:

- a state is hashable, and equal states are the same state: the search remembers where it has been;
- an output of None, from an operation that changes something, stands for whatever the answer was:
  that of an open operation is not known. (An open read changes nothing; it may be illegal.)

Source: Herlihy and Wing (1990), sequential specifications. Page: docs/chapters/linearizability.md
"""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from chapters.checking import JSON
from chapters.linearizability.errors import NotInModel

S = TypeVar("S")


class Model(Protocol[S]):
    """One object, sequentially."""

    @property
    def initial(self) -> S:
        """The state before the first operation."""

    def step(self, state: S, input: tuple[JSON, ...], output: JSON) -> tuple[bool, S]:
        """Return whether `output` is legal here, and the state after. Raises `NotInModel`."""


@dataclass(frozen=True, slots=True)
class Register:
    """A value that is written and read: ("write", v), ("read",)."""

    initial: JSON = None

    def step(self, state: JSON, input: tuple[JSON, ...], output: JSON) -> tuple[bool, JSON]:
        """A read answers what was written last; a write may answer anything."""
        match input:
            case ("write", value):
                return True, value
            case ("read",):
                return output == state, state
        raise NotInModel(f'a register has ("write", v) and ("read",), not {input}')


@dataclass(frozen=True, slots=True)
class CasRegister:
    """A register with compare-and-set: ("cas", old, new) answers whether it did it."""

    initial: JSON = None

    def step(self, state: JSON, input: tuple[JSON, ...], output: JSON) -> tuple[bool, JSON]:
        """A compare-and-set answers true exactly when it found `old`, and then `new` is there."""
        match input:
            case ("cas", old, new):
                found = state == old
                return output in (None, found), new if found else state
            case _:
                return Register().step(state, input, output)
