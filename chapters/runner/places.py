"""Where the packages are: what the terminal must know before it reads the catalogue.

Page: docs/how-it-works.md
"""

from pathlib import Path

import chapters

ROOT = Path(chapters.__file__).resolve().parents[1]
SYSTEMS = ("zomato", "netflix", "spotify", "exchange", "s3")


def systems_with_commands() -> list[str]:
    """Return the built systems that have commands of their own."""
    return [
        name
        for name in SYSTEMS
        if (ROOT / name / "cli.py").is_file() and (ROOT / name / "story.py").is_file()
    ]
