"""Where the packages are, and which are built: known before the catalogue is read.

Page: docs/how-it-works.md
"""

from pathlib import Path

import chapters

ROOT = Path(chapters.__file__).resolve().parents[1]
SYSTEMS = ("zomato", "netflix", "spotify", "exchange", "s3")
PACKAGES = ("chapters", *SYSTEMS)


def is_built(folder: Path) -> bool:
    """Return whether the chapter or system in that folder is there: it has a story to tell."""
    return (folder / "story.py").is_file()


def systems_with_commands() -> list[str]:
    """Return the built systems that have commands of their own."""
    return [
        name for name in SYSTEMS if is_built(ROOT / name) and (ROOT / name / "cli.py").is_file()
    ]
