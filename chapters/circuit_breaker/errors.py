"""What a breaker says when it lets nobody through.

    KitError
    └── Definite
        └── Open      the call was not made: safe to try again, later or elsewhere

Page: docs/chapters/circuit_breaker.md
"""

from chapters.errors import Definite


class Open(Definite):
    """The breaker is open, so the call was not made."""
