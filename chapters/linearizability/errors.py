"""What can go wrong around a history: it cannot be read, recorded, or judged by this model.

    Definite
    └── HistoryFull     the recorder holds as many operations as it may
    UsageError
    ├── BadHistory      not a history: a line that cannot be read, an answer before its question
    └── NotInModel      an operation that the model does not know

Page: docs/chapters/linearizability.md
"""

from chapters.errors import Definite, UsageError


class HistoryFull(Definite):
    """The recorder reached its bound; the operation was not begun."""


class BadHistory(UsageError):
    """What was given is no history."""


class NotInModel(UsageError):
    """The model has no such operation."""
