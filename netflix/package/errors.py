"""What can be wrong with media files that are to be packaged.

    KitError
    └── Definite
        └── BadMedia           (netflix/errors.py)
            ├── DamagedBox     a box that is cut off or makes no sense: which one, where, how long
            └── Mismatch       chunks or tracks that do not fit together

Page: docs/netflix/boxes.md
"""

from netflix.errors import BadMedia


class DamagedBox(BadMedia):
    """A box of ISO-BMFF that cannot be read; the message has its kind, its place and its size."""


class Mismatch(BadMedia):
    """Chunks of one rendition with different settings, or renditions that are cut differently."""
