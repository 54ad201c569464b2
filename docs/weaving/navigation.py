"""The table of contents, from what exists: a system or block that is not built is not in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import yaml

from weaving import ROOT
from weaving.generated import catalogue

DOCS = ROOT / "docs"
Entry: TypeAlias = "str | dict[str, str | list[Entry]]"


def contents() -> list[Entry]:
    """Return the site's navigation, in the form that MkDocs takes."""
    return [
        "index.md",
        {"How to use this kit": [*written("learners.md", "readers.md", "instructors.md")]},
        *systems(),
        {"Chapters": ["chapters/index.md", *chapters()]},
        {"Exercises": ["exercises/index.md", *exercises()]},
        {"Reference": ["cli.md", *written("how-it-works.md"), "source.md"]},
    ]


def written(*pages: str) -> Iterator[str]:
    """Those of `pages` that are there."""
    yield from (page for page in pages if (DOCS / page).is_file())


def systems() -> Iterator[Entry]:
    """A part for each system that is built and has pages."""
    for unit in catalogue().systems:
        if pages := list(in_order(DOCS / unit.name)):
            yield {unit.name.capitalize(): [f"{unit.name}/{page}" for page in pages]}


def in_order(folder: Path) -> Iterator[str]:
    """The pages of a folder: its index, those that the index's `sections:` lists, the rest."""
    there = sorted(file.name for file in folder.glob("*.md")) if folder.is_dir() else []
    listed = [f"{name}.md" for name in sections(folder / "index.md")]
    order = [*(["index.md"] if "index.md" in there else []), *listed]
    yield from (page for page in order if page in there)
    yield from (page for page in there if page not in order)


def sections(index: Path) -> list[str]:
    """The list `sections:` in the front matter of a page; empty without one."""
    text = index.read_text("utf-8") if index.is_file() else ""
    if not text.startswith("---\n"):
        return []
    return list((yaml.safe_load(text.split("---\n")[1]) or {}).get("sections", []))


def chapters() -> Iterator[str]:
    """The chapters' pages, in the order of the syllabus."""
    yield from written(*(f"chapters/{unit.name}.md" for unit in catalogue().chapters))


def exercises() -> Iterator[Entry]:
    """The exercises' pages, by chapter and system."""
    for unit in catalogue().units:
        if found := catalogue().of(unit):
            yield {unit.title.partition(":")[0]: [f"exercises/{each.id}.md" for each in found]}
