"""Give a file new content so that whoever looks, after whatever crash, finds the old or the new.

Whole, that is: never a mixture, never nothing. The disk offers little to do it with: it tears
unsynced writes at any byte and forgets unsynced names. One of its operations, though, changes what
a name leads to in a single step. Page: docs/chapters/sim.md
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chapters.sim.disk import Disk


def replace(disk: "Disk", name: str, data: bytes) -> None:
    """Give `name` the content `data`: a crash leaves the old content or the new, whole.

    Once this has returned, the new. Costs two syncs.
    """
    temporary = f"{name}.tmp"
    if temporary in disk.names(temporary):
        disk.truncate(temporary, 0)
    disk.append(temporary, data)
    # The bytes must be safe before any name leads to them.
    disk.sync(temporary)
    disk.rename(temporary, name)
    # Until this the rename itself can be forgotten.
    disk.sync_names()
