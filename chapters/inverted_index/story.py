"""Search as you type, a mistake, and an index that changes while it is searched.

Page: docs/chapters/inverted_index.md
"""

from random import Random

from chapters.inverted_index.inverted import Index
from chapters.inverted_index.segment import Segment, Text, intersect
from chapters.sim.chance import Chance
from chapters.sim.errors import at_least

TITLE = "The inverted index"
FIRST = (
    "midnight",
    "golden",
    "broken",
    "summer",
    "paper",
    "electric",
    "silent",
    "northern",
    "little",
    "crystal",
)
SECOND = (
    "river",
    "heart",
    "train",
    "garden",
    "radio",
    "mirror",
    "harbour",
    "window",
    "satellite",
    "morning",
)
THIRD = ("", "", "", "live", "remix", "again", "blues", "in the rain", "part two", "acoustic")
SHOWN = 4


def titles(rng: Random, count: int) -> list[str]:
    """Return titles of songs that nobody has written yet."""
    parts = (FIRST, SECOND, THIRD)
    return [" ".join(filter(None, (rng.choice(words) for words in parts))) for _ in range(count)]


def demo(*, seed: int = 7, songs: int = 5_000, query: str = "golden harbour") -> None:
    """Index titles, type a query letter by letter, mistype it, and change what is there."""
    at_least(1, songs=songs)
    rng, index = Chance(seed).stream("titles"), Index()
    for number, title in enumerate(titles(rng, songs)):
        index.add(f"{number:05d} {title}", title)
    index.refresh()
    print(f"{songs:,} titles; typing {query!r}:\n")
    for typed in (query[:4], query[:9], query):
        _show(index, typed, is_typing=True)
    mistyped = query[:2] + query[3:]
    print("and mistyped:\n")
    _show(index, mistyped)
    index.add(f"new: {query}, popular", f"{query}, popular", weight=3.0)
    print("added, and nobody had to wait:\n")
    index.refresh()
    _show(index, query)
    print(_work(query, titles(Chance(seed).stream("titles"), songs)))


def _show(index: Index, typed: str, *, is_typing: bool = False) -> None:
    print(f"  {typed}")
    for hit in index.search(typed, SHOWN, is_typing=is_typing):
        print(f"      {hit.score:6.2f}  {hit.key}")


def _work(query: str, all_titles: list[str]) -> str:
    """How many texts an index looks at for a query, and how many there are."""
    segment = Segment(Text(f"{n}", title, 1.0) for n, title in enumerate(all_titles))
    lists = [segment.postings(word) for word in query.split()]
    shortest = min(len(each.texts) for each in lists)
    found = len(intersect(lists).texts)
    total = f"{len(all_titles):,}"
    return f"{found} of {total} have all the words; {shortest} were looked up, not {total}"


if __name__ == "__main__":
    demo()
