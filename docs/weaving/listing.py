"""Find the definition that a page names: its lines, by the syntax tree, never by line number."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from weaving import ROOT, WeavingError

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Listing:
    """A piece of a source file: lines `first` to `last`, counted from 1."""

    path: str
    name: str
    first: int
    last: int
    text: str


def find(path: str, name: str = "", *, root: Path = ROOT) -> Listing:
    """Return the listing of `name` in `path`; the whole file without a name.

    Raises `WeavingError` where file or name is missing, with the names that are there.
    """
    source = read(path, root)
    if not name:
        return Listing(path, "", 1, source.count("\n") or 1, source)
    return cut(source, path, name)


def cut(source: str, path: str, name: str) -> Listing:
    """Return the listing of `name` out of `source`, which is the text of `path` or a form of it."""
    first, last = span(ast.parse(source), name, path)
    text = "\n".join(source.splitlines()[first - 1 : last]) + "\n"
    return Listing(path, name, first, last, text)


def read(path: str, root: Path) -> str:
    file = root / path
    if not file.is_file() or root.resolve() not in file.resolve().parents:
        raise WeavingError(f"there is no file {path}")
    return file.read_text(encoding="utf-8")


def span(tree: ast.Module, name: str, path: str) -> tuple[int, int]:
    """First and last line of `name`, decorators included."""
    body: list[ast.stmt] = tree.body
    node: ast.stmt | None = None
    for part in name.split("."):
        node = next((each for each in body if part in names(each)), None)
        if node is None:
            there = ", ".join(each for stmt in body for each in names(stmt)) or "nothing"
            raise WeavingError(f"{path} has no {name}; at that place it has: {there}")
        body = node.body if isinstance(node, ast.ClassDef) else []
    assert node is not None
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)]), node.end_lineno or node.lineno


def names(node: ast.stmt) -> Iterator[str]:
    """The names that a statement binds, as far as a page may name them."""
    if isinstance(node, Definition):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (each.id for each in node.targets if isinstance(each, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def public_names(source: str) -> list[str]:
    """The public functions and classes that a module defines at its top level."""
    found = [node.name for node in ast.parse(source).body if isinstance(node, Definition)]
    return [name for name in found if not name.startswith("_")]


def page_of(source: str) -> str | None:
    """The page that a module's docstring names in its last line: `Page: docs/…md`."""
    docstring = ast.get_docstring(ast.parse(source)) or ""
    last = docstring.strip().splitlines()[-1] if docstring.strip() else ""
    return last.partition("Page:")[2].strip() or None
