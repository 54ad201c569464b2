"""What can go wrong, for the whole kit: did it happen, did it not, or can nobody tell?

    KitError
    ├── Definite      it did not happen: safe to try again
    │   ├── Refused      nor will it, asked like this: `status` says why, in the words of HTTP
    │   └── Unreachable  nobody answered a question: ask another, or later
    ├── Indefinite    it may have happened: look before you try again
    └── UsageError    the words of the call are wrong

    Unsolved          a hole that a learner has not filled yet

A message names the thing, the value and the remedy, in one line. Source for the split: the error
model of Jepsen's Maelstrom. Page: docs/how-it-works.md
"""


class KitError(Exception):
    """Something outside went wrong; `str(error)` is the one line that the terminal shows."""


class Definite(KitError):
    """It did not happen, so trying again is safe."""


class Refused(Definite):
    """An answer that is a refusal: a status of HTTP, one line, and perhaps a word for programs."""

    def __init__(self, status: int, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


class Unreachable(Definite):
    """A server that did not answer a question, so that another must be asked."""


class Indefinite(KitError):
    """It may have happened, so trying again may do it twice."""


class UsageError(KitError):
    """The words of the call are wrong; the message says which words would be right."""


class Unsolved(NotImplementedError):
    """A function that a learner has yet to write; carries the exercise's id."""
