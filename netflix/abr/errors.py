"""What can be wrong with a network trace, a ladder, or the name of a rule.

    KitError
    ├── Definite
    │   ├── BadTrace       a trace of no duration, of no bandwidth at all, or with a negative value
    │   ├── BadLadder      a title without rungs or segments, or whose rungs do not ascend
    │   └── NoSuchRung     a rule chose a rung that the title does not have
    └── UsageError
        └── UnknownRule    there is no rule of that name

Page: docs/netflix/abr.md
"""

from chapters.errors import Definite, UsageError


class BadTrace(Definite):
    """A network trace that nothing could be played on."""


class BadLadder(Definite):
    """A title of which no rung could be chosen."""


class NoSuchRung(Definite):
    """A rule is wrong: it chose a rung that is not there."""


class UnknownRule(UsageError):
    """There is no rule of that name; the message lists those that there are."""
