"""What can go wrong between a feed and its readers.

    KitError
    └── Definite
        ├── LostPlace       what came after a reader's place is not kept: a snapshot first, then the feed
        └── Refused
            ├── NoSuchFeed  404: nothing is published under this name
            └── HubFull     503: as many readers as the hub takes; come back later

Page: docs/chapters/fanout.md
"""

from chapters.errors import Definite, Refused


class LostPlace(Definite):
    """Nothing was given: the place is older than what is kept, or of another life of the feed."""


class NoSuchFeed(Refused):
    """Nobody publishes under this name."""

    def __init__(self, name: str) -> None:
        super().__init__(404, f"there is no feed {name!r:.60}; ask for one that is published")


class HubFull(Refused):
    """One reader more would cost what the others need."""

    def __init__(self, readers_max: int) -> None:
        super().__init__(503, f"{readers_max} readers are the most here; come back in a while")
