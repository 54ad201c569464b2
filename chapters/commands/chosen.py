"""Which system, and whose code: what several verbs ask first.

Page: docs/how-it-works.md
"""

import os
from typing import TYPE_CHECKING

import typer

from chapters.commands.screen import warn

if TYPE_CHECKING:
    from chapters.runner.catalogue import Catalogue, Unit
    from chapters.runner.progress import Progress

SYSTEM = typer.Argument(..., metavar="SYSTEM", help="The system, as `kit list` names it.")
EXERCISE = typer.Argument(
    "", metavar="[EXERCISE]", help="The exercise; by default the one in hand."
)


def system_named(name: str) -> "Unit":
    """Return the system of that name. Raises `UnknownName`."""
    from chapters.runner.catalogue import Catalogue

    return Catalogue.load().system(name)


def overlay(mine: bool) -> None:
    """Put the learner's modules in place of ours, and say which."""
    if not mine:
        return
    from chapters.runner.overlay import install
    from chapters.runner.workplace import work_folder

    installed = install(work_folder())
    warn(f"with your {', '.join(installed.modules())}")
    if ours := installed.still_ours():
        warn(f"not written yet, so ours stands in: {', '.join(ours)}")


def inherited_overlay() -> None:
    """In a child process of a `--mine` run: do as the parent did."""
    if os.environ.get("KIT_MINE") == "1":
        from chapters.runner.overlay import install
        from chapters.runner.workplace import work_folder

        install(work_folder())


def course() -> "tuple[Catalogue, Progress]":
    """Return what is built and how far the learner is; a broken progress file is said."""
    from chapters.runner.course import opened

    catalogue, progress = opened()
    if progress.warning:
        warn(progress.warning)
    return catalogue, progress
