"""One request of the Web API: whose it is, and what it says.

Page: docs/spotify/webapi.md
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from chapters.errors import Refused
from spotify.accounts.users import User
from spotify.catalogue.track import Track
from spotify.house import House
from spotify.webapi.objects import LIMIT_MAX, Facts, paged

LIMIT = 20
MARKET_OF_USER = "from_token"
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of a user; `root` is the service's address, for links that can be followed."""

    house: House
    user: User
    path: str
    words: Mapping[str, str]
    body: Mapping[str, Any]
    root: str

    @property
    def market(self) -> str | None:
        """Return the market that was asked for; None for all."""
        found = self.words.get("market")
        return self.user.market if found == MARKET_OF_USER else found

    def whole(self, name: str, default: int, low: int = 0, high: int = 100_000) -> int:
        """Return a whole number. Raises `Refused` with 400."""
        found = self.words.get(name)
        if found is None:
            return default
        if not found.isdecimal() or not low <= int(found[:9]) <= high:
            raise Refused(400, f"Invalid {name}: {found[:40]!r}; it must be {low} to {high}")
        return int(found)

    def ids(self, name: str = "ids") -> list[str]:
        """Return ids separated by commas. Raises `Refused` with 400 for none, or too many."""
        given = self.words.get(name) or ",".join(map(str, self.body.get(name, ())))
        found = [word for word in given.split(",") if word]
        if not 0 < len(found) <= LIMIT_MAX:
            raise Refused(
                400, f"{name}: {len(found)} ids; send 1 to {LIMIT_MAX}, separated by commas"
            )
        return found

    def page(self, items: Sequence[Thing], shaped: Callable[[Thing], Facts | None]) -> Facts:
        """Return the page of a list that was asked for."""
        kept = {name: word for name, word in self.words.items() if name not in ("offset", "limit")}
        query = "&".join(f"{name}={word}" for name, word in kept.items())
        href = f"{self.root}{self.path}" + (f"?{query}" if query else "")
        return paged(
            items, shaped, href, self.whole("offset", 0), self.whole("limit", LIMIT, 1, LIMIT_MAX)
        )

    def tracks(self, uris: object) -> list[str]:
        """Return the ids of tracks that are named by URI or id. Raises `Refused`: 400, 404."""
        if not isinstance(uris, list) or not all(isinstance(each, str) for each in uris):
            raise Refused(400, "uris: send a list of spotify:track:… URIs")
        catalogue = self.house.shelf.catalogue()
        return [catalogue.track(uri.rpartition(":")[2]).id for uri in uris]

    def track(self, id: str) -> Track:
        """Return a track. Raises `Refused` with 404."""
        return self.house.shelf.catalogue().track(id)
