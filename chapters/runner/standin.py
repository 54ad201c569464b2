"""Our code, standing in for what the learner has not written yet.

A copy may hold holes of several exercises. So that one can be checked, or served, before the others
are written, our function is appended below the learner's last line and takes the hole's place: the
learner's line numbers stay as they are. Page: docs/how-it-works.md
"""

import ast
from collections.abc import Iterable

from chapters.runner.catalogue import Exercise
from chapters.runner.source import Source
from chapters.runner.starter import unsolved_id


def open_holes(
    mine: Source, module: str, exercises: Iterable[Exercise]
) -> list[tuple[str, Exercise]]:
    """Return the functions of `module` that are still holes, with their exercises."""
    return [
        (name, exercise)
        for exercise in exercises
        for name in exercise.names_in(module)
        if mine.has(name) and unsolved_id(mine.find(name)) == exercise.id
    ]


def completed(mine: Source, ours: Source, module: str, exercises: Iterable[Exercise]) -> str:
    """Return the learner's text, with our functions below it for those exercises' open holes."""
    holes = open_holes(mine, module, exercises)
    if not holes:
        return mine.text
    helpers = [
        name
        for exercise in dict.fromkeys(exercise for _, exercise in holes)
        for name in exercise.dropped_from(module)
        if not mine.has(name)
    ]
    parts = [_missing_imports(mine, ours)]
    parts += [_stand_in(ours, name) for name in (*helpers, *(name for name, _ in holes))]
    return (
        mine.text.rstrip("\n")
        + "\n\n\n# Below: our code, for what is not written yet.\n"
        + "".join(parts)
    )


def _stand_in(ours: Source, name: str) -> str:
    """A function is defined again; a method is defined aside and put into its class."""
    text = ours.text_of(name)
    owner, _, last = name.rpartition(".")
    if not owner:
        return text
    aside = f"_Ours_{name.replace('.', '_')}"
    return f"class {aside}:\n{text}\n{owner}.{last} = {aside}.__dict__[{last!r}]\n"


def _missing_imports(mine: Source, ours: Source) -> str:
    """The imports that ours has and the learner's copy lacks, as lines."""
    have = {ast.unparse(each) for each in _singles(mine.tree)}
    return "".join(
        ast.unparse(each) + "\n" for each in _singles(ours.tree) if ast.unparse(each) not in have
    )


def _singles(tree: ast.Module) -> Iterable[ast.stmt]:
    """Every top-level import, split into statements that import one name each."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (ast.Import([each]) for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            yield from (ast.ImportFrom(node.module, [each], node.level) for each in node.names)
