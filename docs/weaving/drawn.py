"""Print the SVG that a zero-argument function returns: `drawn.py module:function`."""

import importlib
import sys


def main(target: str) -> None:
    module, _, function = target.partition(":")
    picture = getattr(importlib.import_module(module), function)()
    assert picture.lstrip().startswith("<svg"), f"{target} did not return an <svg>"
    sys.stdout.write(picture)


if __name__ == "__main__":
    main(*sys.argv[1:])
