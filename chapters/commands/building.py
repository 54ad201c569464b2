"""`kit build --native`: the parts of the systems that can be compiled, compiled.

Page: docs/exchange/native.md
"""

from importlib import import_module
from importlib.util import find_spec

import typer

from chapters.commands.screen import progress, say
from chapters.errors import UsageError

app = typer.Typer()


@app.command(
    epilog="Example: kit build --native; then KIT_NATIVE=1 kit run exchange/native",
    help="Compile what can be compiled: the same source, faster.",
)
def build(
    native: bool = typer.Option(False, "--native", help="Compile the exchange's engine by mypyc."),
) -> None:
    """Call `native.build` of each system that has one."""
    from chapters.runner.catalogue import Catalogue

    if not native:
        raise UsageError("what is to be built? `kit build --native` compiles the exchange's engine")
    for unit in Catalogue.load().units:
        if find_spec(f"{unit.package}.native"):
            module = import_module(f"{unit.package}.native")
            with progress(f"compiling {unit.name}"):
                folder = module.build()
            say(f"{folder}     use it: {module.ASKED}=1 kit …")
