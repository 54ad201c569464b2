"""Who is near: places on Earth, and indexes of them. Page: docs/chapters/geo.md"""

from chapters.geo.brute import Brute
from chapters.geo.errors import BadHash, BadPlace, FarAway
from chapters.geo.grid import Grid
from chapters.geo.near import Index, Near
from chapters.geo.place import Place, metres
from chapters.geo.plane import Plane
from chapters.geo.prefixes import Prefixes
from chapters.geo.quadtree import Quadtree

__all__ = [
    "Place",
    "metres",
    "Plane",
    "Index",
    "Near",
    "Brute",
    "Grid",
    "Prefixes",
    "Quadtree",
    "BadPlace",
    "BadHash",
    "FarAway",
]
