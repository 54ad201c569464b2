"""What can go wrong with a standby, beyond what can go wrong with an exchange.

    Definite
    └── Diverged        this machine's history is not the primary's: it stops

Page: docs/exchange/standby.md
"""

from chapters.errors import Definite


class Diverged(Definite):
    """The machine computed, or holds, another history than the primary; it must not take over."""
