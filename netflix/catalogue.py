"""The nouns that several sections share: who watches, and what there is.

Page: docs/netflix/index.md
"""

from dataclasses import dataclass
from typing import NewType

Profile = NewType("Profile", str)  # one viewer of an account
TitleId = NewType("TitleId", str)  # also the title's folder, and the first part of its URLs


@dataclass(frozen=True, slots=True)
class Entry:
    """A title as it is offered: its name for people and its genres, the most fitting first."""

    title: TitleId
    name: str
    genres: tuple[str, ...]
