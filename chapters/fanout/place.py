"""Where a reader stands in a feed, as text: the feed's life, and the number of what it had last.

    e3-41      number 41 of the life "e3"

Numbers begin anew when their source forgets them, and then 41 is something else. A life is a word that
no two beginnings share; a place of another life is no place here. Page: docs/chapters/fanout.md
"""

from chapters.fanout.errors import LostPlace

NOWHERE = -1  # the place of a reader that has had nothing
DIGITS_MAX = 15  # what a double holds exactly, so that no program in between rounds it


def text_of(life: str, number: int) -> str:
    """Return a place as the text that travels, such as an event stream's `id`."""
    return f"{life}-{number}"


def number_of(text: str, life: str) -> int:
    """Return the number of a place in this life. Raises `LostPlace` for any other text."""
    found, _, digits = text.rpartition("-")
    if found != life or not (digits.isascii() and digits.isdigit()) or len(digits) > DIGITS_MAX:
        raise LostPlace(f"{text!r:.60} is no place in {life!r}; begin with a snapshot")
    return int(digits)
