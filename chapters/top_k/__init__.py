"""Who is most frequent, without counting everybody. Page: docs/chapters/top_k.md"""

from chapters.top_k.count_min import CountMin
from chapters.top_k.counted import Counted, Counter
from chapters.top_k.errors import BadError, Unmergeable
from chapters.top_k.exact import Exact
from chapters.top_k.leaders import Leaders
from chapters.top_k.space_saving import SpaceSaving

__all__ = [
    "Counted",
    "Counter",
    "Exact",
    "CountMin",
    "Leaders",
    "SpaceSaving",
    "BadError",
    "Unmergeable",
]
