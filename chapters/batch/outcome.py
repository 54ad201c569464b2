"""What came of a task, in a form that crosses from one process to another.

Either the value or the error, pickled. An error keeps its traceback as a note; one that cannot be
pickled, or not be restored, becomes a `TaskFailed` that says the same. Page: docs/chapters/batch.md
"""

import pickle
import traceback
from typing import Any

from chapters.batch.errors import TaskFailed

_VALUE, _ERROR = True, False


def attempt(job: bytes) -> bytes:
    """Run a pickled `(task, item)`; return its outcome, pickled. Runs in the worker."""
    try:
        task, item = pickle.loads(job)
        return pickle.dumps((_VALUE, task(item)))
    except Exception as error:
        return pickle.dumps((_ERROR, _portable(error)))


def settle(key: str, answer: bytes) -> Any:
    """Return the value of an outcome, or raise its error. Runs in the parent."""
    kind, content = pickle.loads(answer)
    if kind is _VALUE:
        return content
    content.add_note(f"in task {key!r}")
    raise content


def _portable(error: Exception) -> Exception:
    said = "".join(traceback.format_exception(error))
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception:
        copy = TaskFailed(f"{type(error).__name__}: {error}")
    assert isinstance(copy, Exception)
    copy.add_note(said)
    return copy
