"""What Netflix answers when it does not do what was asked; each section has finer ones.

    KitError
    ├── Definite
    │   ├── Refused      a status of HTTP, and one line: nothing was changed, nothing is played
    │   ├── BadMedia     the file cannot be used; nothing was published of it
    │   └── Unreachable  nobody answered: ask another edge, origin or service
    └── UsageError       the words of the call are wrong

Page: docs/netflix/index.md
"""

from chapters.errors import Definite, Refused, Unreachable

__all__ = ["BadMedia", "Refused", "Unreachable"]


class BadMedia(Definite):
    """A file that is no video, or not one that can be worked with; says what to do about it."""
