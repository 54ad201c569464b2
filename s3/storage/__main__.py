"""A storage node and nothing else: `python -m s3.storage FOLDER HOST PORT NAME ZONE`.

What a server starts nine of: it imports little, and ends with its parent. Page: docs/s3/storage.md
"""

import sys
from pathlib import Path

from s3.storage.app import run_node


def main(words: list[str]) -> None:
    """Run the node that the words describe."""
    folder, host, port, name, zone = words
    run_node(Path(folder), host, int(port), name, zone, is_part=True, on_ready=_say)


def _say(url: str) -> None:
    print(url, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
