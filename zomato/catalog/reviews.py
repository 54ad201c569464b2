"""What people say in stars, and how much to believe it: one five-star review is no 5.0.

    shrunken = (PRIOR_VOTES · usual mean + sum of stars) / (PRIOR_VOTES + votes)

As if everybody began with a few votes for the usual. With few votes it stays near the usual mean,
with a thousand it is what they say. How many to begin with: the spread of one person's stars about a
restaurant, taken as 1.2, by that between restaurants, 0.46 in Bengaluru, squared: about 7.
Source: Efron & Morris, "Stein's Paradox in Statistics", 1977. Page: docs/zomato/catalog.md
"""

from collections.abc import Iterable
from dataclasses import dataclass

from zomato.errors import BadReview

STARS_MIN, STARS_MAX = 1, 5
PRIOR_VOTES = 7
USUAL_TENTHS = 35  # the mean of means, where there is nothing to take it from: Bengaluru's
VOTES_MAX = 100_000_000


@dataclass(frozen=True, slots=True)
class Rating:
    """How many votes, and the sum of their stars in tenths: whole numbers add up. Raises `BadReview`."""

    votes: int = 0
    tenths: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.votes <= VOTES_MAX:
            raise BadReview(f"votes is {self.votes}; it must be 0 to {VOTES_MAX}")
        least, most = (10 * each * self.votes for each in (STARS_MIN, STARS_MAX))
        if not least <= self.tenths <= most:
            raise BadReview(f"{self.votes} votes sum up to {least} to {most}, not {self.tenths}")

    @property
    def mean(self) -> float | None:
        """Return the stars on average; None if nobody has voted."""
        return self.tenths / self.votes / 10 if self.votes else None

    def with_stars(self, stars: int) -> "Rating":
        """Return the rating with one vote more. Raises `BadReview`."""
        return Rating(self.votes + 1, self.tenths + 10 * checked(stars))


def shrunken(rating: Rating, usual_tenths: float = USUAL_TENTHS) -> float:
    """Return the stars to expect of a restaurant, 1 to 5, where `usual_tenths` is the mean of all."""
    votes = PRIOR_VOTES + rating.votes
    return (PRIOR_VOTES * usual_tenths + rating.tenths) / votes / 10


def usual_tenths(ratings: Iterable[Rating]) -> float:
    """Return the mean of the means: a restaurant counts once, however many votes it has."""
    means = [10 * each.mean for each in ratings if each.mean is not None]
    return sum(means) / len(means) if means else USUAL_TENTHS


def checked(stars: int) -> int:
    """Return stars that are a whole number from 1 to 5. Raises `BadReview`."""
    if type(stars) is not int or not STARS_MIN <= stars <= STARS_MAX:
        raise BadReview(f"stars is {stars!r:.20}; it must be a whole number, 1 to 5")
    return stars
