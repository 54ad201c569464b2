"""Many coarse tasks, run anywhere, with nothing lost when a worker dies.

Page: docs/chapters/batch.md
"""

from chapters.batch.errors import (
    DuplicateKey,
    NoCluster,
    PoisonTask,
    ResultNotKept,
    TaskFailed,
    UnknownExecutor,
)
from chapters.batch.executor import Executor, SerialExecutor, executor

__all__ = [
    "executor",
    "Executor",
    "SerialExecutor",
    "PoisonTask",
    "TaskFailed",
    "ResultNotKept",
    "DuplicateKey",
    "NoCluster",
    "UnknownExecutor",
]
