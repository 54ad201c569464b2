"""A text's words, as an index knows them: small letters, no accents, no punctuation.

    "Beyoncé – Déjà Vu (Live)"   ──►   beyonce deja vu live

Whatever is done to texts must be done to queries too, by the same function; else nothing is found.
Page: docs/chapters/inverted_index.md
"""

import re
import unicodedata

WORD_CHARS_MAX = 40  # what is longer is cut: nobody types it
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile(r"['’`]")


def words(text: str) -> list[str]:
    """Return the words of a text, in order."""
    plain = text.casefold()
    if not plain.isascii():
        parts = unicodedata.normalize("NFKD", plain)
        plain = "".join(each for each in parts if not unicodedata.combining(each))
    found = _WORD.findall(_APOSTROPHES.sub("", plain))
    return [word[:WORD_CHARS_MAX] for word in found]
