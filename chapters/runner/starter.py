"""Starters: the production module with holes, derived from its source, so that the two never drift.

    def match(self, order):                     def match(self, order):
        '''Fill `order`, best price first.'''       '''Fill `order`, best price first.'''
        while order.left and …:          ──►        raise Unsolved("exchange/price-time-priority")
            …

Signature and docstring stay, the body goes; private helpers that would tell too much go whole, and
with them the imports that nothing else used. Everything else stays as it is, byte for byte.
Page: docs/how-it-works.md
"""

import ast
from collections.abc import Iterable, Sequence

from chapters.runner.source import Place, Source, names_used, signature_end

UNSOLVED_IMPORT = "from chapters.errors import Unsolved\n"


def punch(
    source: str, names: Sequence[str], exercise_id: str, *, file: str = "", drop: Iterable[str] = ()
) -> str:
    """Return `source` with each function of `names` left to write, and those of `drop` gone.

    Raises `BrokenCopy` when the source does not parse or lacks one of the functions.
    """
    module = Source(source, file or exercise_id)
    for name in names:
        module = _emptied(module, module.find(name), exercise_id)
    dropped = _without(module, drop)
    return _importing_unsolved(_without_idle_imports(dropped, module), exercise_id).text


def is_unsolved(place: Place) -> bool:
    """Return whether the function is still a hole: nothing in it but `raise Unsolved(…)`."""
    return unsolved_id(place) is not None


def unsolved_id(place: Place) -> str | None:
    """Return the id of the exercise whose hole this function is, if it is one."""
    match place.statements:
        case [
            ast.Raise(exc=ast.Call(func=ast.Name("Unsolved"), args=[ast.Constant(str() as found)]))
        ]:
            return found
    return None


def _emptied(module: Source, place: Place, exercise_id: str) -> Source:
    """Replace the body after the docstring, or after the signature where there is none."""
    node = place.node
    hole = f'raise Unsolved("{exercise_id}")\n'
    docstring = node.body[0] if ast.get_docstring(node) is not None else None
    if docstring is not None:
        line, column = (docstring.end_lineno or docstring.lineno) - 1, docstring.end_col_offset or 0
        indent = docstring.col_offset
    else:
        line, column = signature_end(module, node)
        indent = node.col_offset + 4
    head = module.lines[line].encode()[:column].decode() + "\n"
    if docstring is not None and docstring.lineno == node.lineno:
        indent = node.col_offset + 4
    return module.replaced(line, place.end, head + " " * indent + hole)


def _without(module: Source, drop: Iterable[str]) -> Source:
    """Cut whole functions, with the blank lines and remarks right above them."""
    for name in drop:
        place = module.find(name)
        first = place.first
        while first and module.lines[first - 1].lstrip().startswith("#"):
            first -= 1
        while first and not module.lines[first - 1].strip():
            first -= 1
        end = place.end
        if first == 0 or module.lines[first - 1].rstrip().endswith(":"):
            while end < len(module.lines) and not module.lines[end].strip():
                end += 1
        module = module.replaced(first, end, "")
    return module


def _without_idle_imports(module: Source, before: Source) -> Source:
    """Cut imported names that were in use before the helpers were dropped, and are not now."""
    idle = names_used(before.tree) - names_used(module.tree)
    for node in reversed(module.tree.body):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        kept = [each for each in node.names if _bound(each) not in idle]
        if len(kept) == len(node.names):
            continue
        node.names = kept
        text = ast.unparse(node) + "\n" if kept else ""
        module = module.replaced(node.lineno - 1, node.end_lineno or node.lineno, text)
    return module


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _importing_unsolved(module: Source, exercise_id: str) -> Source:
    """Import `Unsolved`, beside what comes from chapters.errors already, else in its place."""
    imports = [each for each in module.tree.body if isinstance(each, ast.Import | ast.ImportFrom)]
    froms = [each for each in imports if isinstance(each, ast.ImportFrom) and not each.level]
    for node in froms:
        if node.module == "chapters.errors":
            if any(each.name == "Unsolved" for each in node.names):
                return module
            node.names = sorted([*node.names, ast.alias("Unsolved")], key=lambda each: each.name)
            text = ast.unparse(node) + "\n"
            return module.replaced(node.lineno - 1, node.end_lineno or node.lineno, text)
    ours = [each for each in froms if _is_ours(each, exercise_id)]
    later = [each for each in ours if (each.module or "") > "chapters.errors"]
    if later:
        return module.replaced(later[0].lineno - 1, later[0].lineno - 1, UNSOLVED_IMPORT)
    if imports:
        line = imports[-1].end_lineno or imports[-1].lineno
        return module.replaced(line, line, ("" if ours else "\n") + UNSOLVED_IMPORT)
    line = module.tree.body[0].end_lineno or 1 if ast.get_docstring(module.tree) is not None else 0
    return module.replaced(line, line, ("\n" if line else "") + UNSOLVED_IMPORT)


def _is_ours(node: ast.ImportFrom, exercise_id: str) -> bool:
    return (node.module or "").partition(".")[0] in ("chapters", exercise_id.partition("/")[0])
