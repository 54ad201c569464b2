"""A page is rows, and a row is titles; a title that is in sight already is worth less in the next row.

    Continue watching   [a][b]                            always first
    Top picks           [c][d][e][f] g h
    Trending            [e]→                              e is in sight above: others come first here
    Because of b        …                                 taken if what it adds is worth most

The value of a row is the sum of what its titles are worth, further right less; the page takes the most
valuable row, looks at all others again, and goes on. Invariants: no two rows that show the same titles;
no title twice in a row; within the first VISIBLE titles of a row none that is in sight above, while there
is another. Source: Alvino & Basilico, "Learning a Personalized Homepage", Netflix, 2015.
Page: docs/netflix/rows.md
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

VISIBLE = 4  # titles of a row that are in sight without a scroll
ROWS_MAX = 8
ROW_TITLES_MAX = 20
AGAIN = 0.1  # what a title is worth that is in sight already
SEEN_LESS = 0.85  # each place further right is looked at so much less


@dataclass(frozen=True, slots=True)
class Row:
    """A row, or one that could be: its titles, best first. `is_fixed`: at the top, if not empty."""

    name: str
    titles: tuple[str, ...]
    weight: float = 1.0  # of this kind of row
    is_fixed: bool = False


def page(
    candidates: Sequence[Row], worth: Mapping[str, float], rows_max: int = ROWS_MAX
) -> list[Row]:
    """Return the rows of a page, from the top: fixed ones, then by what each adds to those above it.

    `worth` is how much this viewer is thought to like each title, 0 or more; unknown ones are worth 0.
    Empty rows are left out. Of equal rows the earlier candidate is taken.
    """
    chosen: list[Row] = []
    seen: set[str] = set()
    left = [row for row in candidates if row.titles]
    while left and len(chosen) < rows_max:
        fixed = [row for row in left if row.is_fixed]
        row = fixed[0] if fixed else max(left, key=lambda each: value(each, worth, seen))
        left.remove(row)
        titles = row.titles if row.is_fixed else fresh_first(row.titles, seen)
        if any(set(titles[:VISIBLE]) == set(above.titles[:VISIBLE]) for above in chosen):
            continue
        chosen.append(Row(row.name, titles[:ROW_TITLES_MAX], row.weight, row.is_fixed))
        seen.update(titles[:VISIBLE])
    return chosen


def value(row: Row, worth: Mapping[str, float], seen: AbstractSet[str]) -> float:
    """Return what a row would add to a page on which `seen` is in sight."""
    total = 0.0
    for place, title in enumerate(fresh_first(row.titles, seen)[:VISIBLE]):
        again = AGAIN if title in seen else 1.0
        total += worth.get(title, 0.0) * again * SEEN_LESS**place
    return row.weight * total


def fresh_first(titles: Sequence[str], seen: AbstractSet[str]) -> tuple[str, ...]:
    """Return titles in their order, but those in sight already after all others."""
    return tuple(sorted(titles, key=lambda title: title in seen))
