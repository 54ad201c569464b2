"""One feed to very many readers, of whom some are slow. Page: docs/chapters/fanout.md"""

from chapters.fanout.errors import HubFull, LostPlace, NoSuchFeed
from chapters.fanout.feed import KEPT, Feed
from chapters.fanout.hub import Hub, Line, Reader
from chapters.fanout.place import NOWHERE, number_of, text_of

__all__ = [
    "Feed",
    "Hub",
    "Line",
    "Reader",
    "KEPT",
    "NOWHERE",
    "number_of",
    "text_of",
    "HubFull",
    "LostPlace",
    "NoSuchFeed",
]
