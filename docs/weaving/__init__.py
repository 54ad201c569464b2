"""How the site is woven: prose names code, commands and drawings, and the build fetches them.

A page never holds a copy. It holds one of these, alone on a line:

    {{ code exchange/book.py::Book.best }}        a listing of that definition
    {{ run kit list }}                            the command, run now, and what it printed
    {{ run! kit check }}                          the same, where failing is the point
    {{ attempt exchange/partial-fills mutant 1 }} a mistake, written to the page's work folder
    {{ attempt exchange/partial-fills solved }}   the reference solution, likewise
    {{ svg figures.exchange:flow }}               the drawing that this function returns
    {{ exercise exchange/partial-fills }}         a card that leads to the exercise

A name that is missing, or a command that fails, fails the build and says on which page.
"""

from chapters.runner.places import PACKAGES, ROOT

__all__ = ["PACKAGES", "ROOT", "WeavingError"]


class WeavingError(Exception):
    """A page asks for something that is not there; the message names page, macro and reason."""
