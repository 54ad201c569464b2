"""What can be wrong with a file of interactions.

    KitError
    └── Definite
        └── BadInteractions   a line cannot be read, or there is nothing to learn from

Page: docs/chapters/recommend.md
"""

from chapters.errors import Definite


class BadInteractions(Definite):
    """Says which line, and what it should look like."""
