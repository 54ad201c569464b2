"""One request through a system, as a waterfall: run when the site is built."""

from importlib import import_module

from chapters.sim.waterfall import to_svg


def exchange() -> str:
    """An order from the gateway to its fill."""
    return to_svg(import_module("exchange.story").trace(seed=7, real=False))
