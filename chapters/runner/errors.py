"""What can go wrong in the machinery of the course.

    KitError
    ├── UsageError
    │   ├── UnknownName        no chapter, exercise, fault … of that name: the nearest is named
    │   ├── NotStarted         the exercise has no copy in work/ yet
    │   │   └── StillOurs      it has one, with our code in it, and nobody has begun it
    │   └── StillLocked        the solution is shown after passing, or with --anyway
    └── Definite
        ├── BrokenCourse       an author's file (syllabus, exercise.toml, checks.py) is wrong
        ├── BrokenCopy         the learner's copy cannot be read as Python
        └── NotWritten         a file of work/ could not be written

Page: docs/how-it-works.md
"""

from collections.abc import Iterable
from difflib import get_close_matches

from chapters.errors import Definite, UsageError


class UnknownName(UsageError):
    """No thing of that kind has that name."""


class NotStarted(UsageError):
    """The exercise has no copy in work/ yet."""


class StillOurs(NotStarted):
    """The copy holds our code for the exercise: nobody has begun it, as far as can be told."""


class StillLocked(UsageError):
    """The solution waits until the checks have passed."""


class BrokenCourse(Definite):
    """A file that an author wrote contradicts itself or the code beside it."""


class BrokenCopy(Definite):
    """The learner's copy does not parse, or lost the function that is to be written."""


class NotWritten(Definite):
    """A file could not be written, and nothing of it was."""


def unknown(kind: str, name: str, known: Iterable[str], remedy: str) -> UnknownName:
    """Return the error for `name`, naming the nearest of the `known` names, if one is near."""
    names = list(known)
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    near = near or [each for each in names if "/" in each and each.split("/")[1] == name][:1]
    hint = f"did you mean {near[0]}?" if near else remedy
    return UnknownName(f"no {kind} is named {name!r}: {hint}")
