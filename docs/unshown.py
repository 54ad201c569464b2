"""List the public code that no page shows: `python docs/unshown.py`.

A listing of a class shows its methods; one of a whole file shows all that is in it. Checks are not
meant for pages.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS.parent), str(DOCS)]

from weaving import ROOT  # noqa: E402
from weaving.generated import modules  # noqa: E402
from weaving.listing import public_names  # noqa: E402

SHOWN = re.compile(r"\{\{\s*code\s+([\w/]+\.py)(?:::(\w+))?")


def shown() -> dict[str, set[str]]:
    """The names that pages show, by file; an empty name is the whole file."""
    found: dict[str, set[str]] = {}
    for page in DOCS.rglob("*.md"):
        for path, name in SHOWN.findall(page.read_text("utf-8")):
            found.setdefault(path, set()).add(name)
    return found


def unshown() -> Iterator[str]:
    """Every public function and class that no page shows, as `path::name`."""
    on_pages = shown()
    for path in modules():
        names = on_pages.get(path, set())
        if "" not in names and not path.endswith("checks.py"):
            public = public_names((ROOT / path).read_text("utf-8"))
            yield from (f"{path}::{name}" for name in public if name not in names)


if __name__ == "__main__":
    print("\n".join(unshown()))
