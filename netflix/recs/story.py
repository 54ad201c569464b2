"""A viewer's page, and how much of what everybody watched next was in sight on theirs.

Page: docs/netflix/rows.md
"""

from collections.abc import Callable, Sequence
from statistics import mean

from chapters.errors import UsageError
from chapters.sim.errors import at_least
from netflix.recs.home import Home
from netflix.recs.imagined import DAYS_MS, City, city
from netflix.recs.rows import VISIBLE, Row, page

TITLE = "The page: what to put before whom"
ROWS_IN_SIGHT = 3
PAIRS_MAX = 100_000

Pages = Callable[[str], Sequence[Row]]


def demo(
    *, seed: int = 7, viewers: int = 300, titles: int = 100, each: int = 20, viewer: int = 3
) -> None:
    """Show a viewer's page, and judge everybody's by what they watched next."""
    at_least(1, viewers=viewers, titles=titles, each=each)
    at_least(0, viewer=viewer)
    if viewer >= viewers or viewers * each > PAIRS_MAX:
        raise UsageError(
            f"viewer is {viewer} of {viewers}, with {each} views each; at most {PAIRS_MAX:,} views"
        )
    made = city(seed, viewers, titles, each)
    home = Home(made.catalogue, made.views, DAYS_MS)
    names = {str(entry.title): entry.name for entry in made.catalogue}
    profile = f"viewer-{viewer}"
    next_ones = ", ".join(sorted(names[title] for title in made.later.get(profile, ())))
    print(f"{profile} has watched most of {home.taste(profile)}; next came {next_ones}\n")
    for row in page(home.rows(profile, ()), home.worth(profile))[:5]:
        print(f"  {row.name:40} {', '.join(names[title] for title in row.titles[:VISIBLE])}")
    print(f"\nIn sight ({ROWS_IN_SIGHT} rows of {VISIBLE}) was, of what was watched next:")
    for name, pages in ways(home, made).items():
        print(f"  {name:28} {found(made, pages):6.1%}")


def ways(home: Home, made: City) -> dict[str, Pages]:
    """Return three ways to make a page: the same for all, for each viewer, and rows in a fixed order."""
    popular = page(home.rows("nobody", ()), home.worth("nobody"))
    return {
        "the same page for all": lambda profile: popular,
        "own rows, in a fixed order": lambda profile: home.rows(profile, ())[1:],
        "own rows, by what they add": lambda profile: page(
            home.rows(profile, ()), home.worth(profile)
        ),
    }


def found(made: City, pages: Pages) -> float:
    """Return the share of what viewers watched next that was in sight on their pages, on average."""
    return mean(
        len(later & in_sight(pages(profile))) / len(later) for profile, later in made.later.items()
    )


def in_sight(rows: Sequence[Row]) -> set[str]:
    """Return the titles that are seen without a scroll."""
    return {title for row in rows[:ROWS_IN_SIGHT] for title in row.titles[:VISIBLE]}
