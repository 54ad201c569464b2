"""What can go wrong with a batch: the words of the call, or a task that kills whoever runs it.

    UsageError
    ├── UnknownExecutor   no executor of that kind
    ├── DuplicateKey      two items with one key: their results would be one
    └── NoCluster         KIT_CLUSTER names a scheduler that cannot be reached
    Definite
    └── ResultNotKept     the folder for results cannot be written
    Indefinite
    ├── PoisonTask        a task whose worker died each time; what it did before is unknown
    └── TaskFailed        a task raised something that cannot be carried between processes

Page: docs/chapters/batch.md
"""

from chapters.errors import Definite, Indefinite, UsageError


class UnknownExecutor(UsageError):
    """There is no executor of that kind."""


class DuplicateKey(UsageError):
    """Two items have the same key."""


class NoCluster(UsageError):
    """The scheduler that KIT_CLUSTER names cannot be used."""


class ResultNotKept(Definite):
    """The folder for results cannot be read or written."""


class PoisonTask(Indefinite):
    """A task has ended its worker as often as is allowed."""

    def __init__(self, key: str, tries: int, cause: str) -> None:
        super().__init__(
            f"task {key!r} ended its worker {tries} times ({cause}); "
            f"run it alone to see why. Results saved so far are kept"
        )
        self.key = key


class TaskFailed(Indefinite):
    """A task raised an error that could not be carried from its process to ours."""
