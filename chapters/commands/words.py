"""What is wrong with the words of a call, in one line that repeats them.

Page: docs/how-it-works.md
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any


def what_is_wrong(error: Any, words: Sequence[str]) -> str:
    """Return what Typer found, with the value that was given, and where the right words are."""
    context, said = getattr(error, "ctx", None), error.format_message().rstrip(".")
    value = _given(getattr(getattr(error, "param", None), "opts", ()), words)
    if value is not None:
        said = said.replace("Invalid value for", f"Invalid value {value!r} for", 1)
    path = context.command_path if context is not None else "kit"
    return f"{said}; {path} --help shows the way"


def _given(options: Sequence[str], words: Sequence[str]) -> str | None:
    """Return the value that stands behind one of `options`: `--seed 3` or `--seed=3`."""
    for word, following in pairwise([*words, ""]):
        name, separator, value = word.partition("=")
        if name in options:
            return value if separator else following
    return None
