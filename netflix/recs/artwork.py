"""Which picture of a title, for a viewer of that taste? The one that is clicked, as far as is known.

    (title, taste)     picture 0      picture 1      picture 2
    colony, Drama      40 shown, 2    90 shown, 9    12 shown, 0        Thompson draws, and shows 1 mostly

A click can come long after the picture was shown, and mostly does not come. So a picture that is shown
counts as not clicked at once, and a click mends that. Invariant: of a picture there are never more clicks
than it was shown. Counts are in memory only, at most CELLS_MAX of them; they are small, and learnt anew.
Source: Chandrashekar et al., "Artwork Personalization at Netflix", 2017.
Page: docs/netflix/artwork.md
"""

from collections import OrderedDict
from random import Random

from chapters.bandit.policy import Thompson
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least

PICTURES = 3
CELLS_MAX = 10_000  # titles × tastes


class Artwork:
    """Pictures of titles, and what came of showing them."""

    def __init__(self, *, rng: Random, pictures: int = PICTURES) -> None:
        self._rng, self._pictures = rng, pictures
        self._cells: OrderedDict[tuple[str, str], Thompson] = OrderedDict()

    def show(self, title: str, taste: str) -> int:
        """Return which picture to show to such a viewer, from 0; it counts as not clicked for now."""
        cell = self._cell(title, taste)
        picture = cell.choose()
        cell.learn(picture, 0.0)
        return picture

    def clicked(self, title: str, taste: str, picture: int) -> None:
        """Hear that a picture was clicked; one that was never shown is ignored."""
        cell = self._cell(title, taste)
        if 0 <= picture < self._pictures and cell.rewards[picture] < cell.pulls[picture]:
            cell.rewards[picture] += 1

    def counts(self, title: str, taste: str) -> list[tuple[int, int]]:
        """Return how often each picture was shown, and how often clicked."""
        cell = self._cell(title, taste)
        return [(shown, int(got)) for shown, got in zip(cell.pulls, cell.rewards, strict=True)]

    def _cell(self, title: str, taste: str) -> Thompson:
        key = title, taste
        if key not in self._cells:
            self._cells[key] = Thompson(self._pictures, rng=self._rng)
            if len(self._cells) > CELLS_MAX:
                self._cells.popitem(last=False)
        self._cells.move_to_end(key)
        return self._cells[key]


def demo(*, seed: int = 7, viewers: int = 3_000) -> None:
    """Let viewers of three tastes see a title; each taste clicks another picture most."""
    at_least(1, viewers=viewers)
    chance, tastes = Chance(seed), ("Drama", "Action", "Comedy")
    luck, artwork = chance.stream("clicks"), Artwork(rng=chance.stream("artwork"))
    for number in range(viewers):
        taste = tastes[number % len(tastes)]
        picture = artwork.show("colony", taste)
        if luck.random() < (0.12 if tastes[picture] == taste else 0.05):
            artwork.clicked("colony", taste, picture)
    print("Three pictures; each taste clicks another one with 0.12, the others with 0.05.\n")
    for taste in tastes:
        counts = artwork.counts("colony", taste)
        said = ", ".join(f"{shown:4} shown, {got:3} clicked" for shown, got in counts)
        print(f"  {taste:8} {said}")
