"""What somebody asks for: words, a place, an hour, and what must hold.

    "best veg biriyani near me"  ──►   words "biryani", only vegetarian

Words that every restaurant would have, or none, are left out; those that mean a filter become one.
Page: docs/zomato/search.md
"""

from dataclasses import dataclass, replace

from chapters.geo import Place
from chapters.inverted_index import words
from zomato.errors import BadQuestion
from zomato.search.spelling import spelled

TEXT_CHARS_MAX = 200
COUNT_MAX = 100
STARS_MAX = 5.0
RUPEES_MAX = 100_000
NOISE = set(
    words(
        "a an and around at best eat find food for from good here hungry i in me my near nearby of or "
        "order place places restaurant restaurants some the to top want with"
    )
)
VEGETARIAN, MEAT = {"veg", "vegetarian"}, {"non"}
OPEN_NOW = ("open", "now")


@dataclass(frozen=True, slots=True)
class Question:
    """A search. `at_ns` is the hour it is asked for. Raises `BadQuestion`."""

    text: str
    near: Place
    at_ns: int
    cuisine: str = ""
    is_vegetarian: bool = False
    is_open: bool = False
    stars_least: float = 0.0
    cost_paise_most: int | None = None
    count: int = 10

    def __post_init__(self) -> None:
        if len(self.text) > TEXT_CHARS_MAX:
            told = f"the text has {len(self.text)} letters; at most {TEXT_CHARS_MAX} are searched"
            raise BadQuestion(told)
        if not 1 <= self.count <= COUNT_MAX:
            raise BadQuestion(f"count is {self.count}; it must be 1 to {COUNT_MAX}")
        if not 0 <= self.stars_least <= STARS_MAX:
            raise BadQuestion(f"stars is {self.stars_least}; it must be 0 to {STARS_MAX:g}")
        most = self.cost_paise_most
        if most is not None and not 0 < most <= RUPEES_MAX * 100:
            raise BadQuestion(f"cost is {most / 100:g}; it must be 1 to {RUPEES_MAX} rupees")

    def understood(self) -> "Question":
        """Return the question with the words alone that say what to eat; the rest became filters."""
        left, veg, is_open = [], self.is_vegetarian, self.is_open
        own = spelled(self.text)
        for place, word in enumerate(own):
            before, after = own[place - 1 : place], own[place + 1 : place + 2]
            if word in VEGETARIAN and not MEAT & set(before):
                veg = True
            elif (word, *after) == OPEN_NOW or (*before, word) == OPEN_NOW:
                is_open = True
            elif word not in NOISE | MEAT | VEGETARIAN:
                left.append(word)
        return replace(self, text=" ".join(left), is_vegetarian=veg, is_open=is_open)
