"""A module's text, and where each function stands in it: edits leave every other byte alone.

    @decorated            ┐                 ┐
    def match(self, …):   │ signature       │
        '''Docstring.'''  ┘                 │ whole
        body                                │
        # closing remark                    ┘

Lines are counted from 0 here, half-open; Python's own `ast` counts them from 1.
Page: docs/how-it-works.md
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from chapters.runner.errors import BrokenCopy

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Place:
    """One function: its node, and its lines with decorators and closing remarks."""

    name: str
    node: Function
    first: int
    end: int

    @property
    def statements(self) -> list[ast.stmt]:
        """The body without its docstring."""
        return self.node.body[1:] if ast.get_docstring(self.node) is not None else self.node.body


class Source:
    """The text of one module, parsed. `file` is how messages name it."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.lines = text.splitlines(keepends=True)
        try:
            self.tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None) or 1
            reason = error.args[0] if error.args else "nested too deeply"
            raise BrokenCopy(f"{file}:{line} is not Python: {reason}") from None

    def find(self, name: str) -> Place:
        """Return the function of that qualified name. Raises `BrokenCopy` when there is none."""
        found = [node for path, node in functions(self.tree) if path == name]
        if not found:
            raise BrokenCopy(f"{self.file} has no function {name}")
        return self._place(name, found[-1])

    def has(self, name: str) -> bool:
        """Return whether a function of that qualified name is there."""
        return any(path == name for path, _ in functions(self.tree))

    def text_of(self, name: str) -> str:
        """Return the function's own lines."""
        place = self.find(name)
        return "".join(self.lines[place.first : place.end])

    def class_end(self, name: str) -> int | None:
        """Return the line after the last one of the class that `name` lives in, if it is there."""
        owner = name.rpartition(".")[0]
        ends = [node.end_lineno for path, node in classes(self.tree) if path == owner]
        return ends[-1] if ends else None

    def _place(self, name: str, node: Function) -> Place:
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 1
        end = node.end_lineno or node.lineno
        return Place(name, node, first, self._past_remarks(end, node.col_offset))

    def _past_remarks(self, end: int, indent: int) -> int:
        """Comments after the last statement, deeper than the `def`, belong to the function."""
        for number in range(end, len(self.lines)):
            line = self.lines[number]
            stripped = line.lstrip()
            if stripped and not stripped.startswith("#"):
                break
            if stripped and len(line) - len(stripped) > indent:
                end = number + 1
            elif stripped:
                break
        return end

    def replaced(self, first: int, end: int, text: str) -> "Source":
        """Return the source with lines `first` to `end` replaced."""
        lines = [*self.lines[:first], text, *self.lines[end:]]
        return Source("".join(lines), self.file)


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Yield every function outside other functions, with its qualified name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, f"{prefix}{node.name}.")


def classes(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.ClassDef]]:
    """Yield every class outside functions, with its qualified name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield prefix + node.name, node
            yield from classes(node, f"{prefix}{node.name}.")


def names_used(tree: ast.AST) -> set[str]:
    """Return every name and attribute that the code mentions, strings of `__all__` included."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return used | {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def same_code(mine: ast.AST, theirs: ast.AST) -> bool:
    """Return whether two functions say the same, whatever their layout, remarks and docstring."""
    return _bare(mine) == _bare(theirs)


def _bare(node: ast.AST) -> str:
    copy: ast.AST = ast.parse(ast.unparse(node))
    for each in ast.walk(copy):
        if isinstance(each, Function) and ast.get_docstring(each) is not None:
            each.body = each.body[1:] or [ast.Pass()]
    return ast.dump(copy)


def signature_end(source: Source, node: Function) -> tuple[int, int]:
    """Return line and column just after the colon that ends the signature."""
    text = "".join(source.lines[node.lineno - 1 :])
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.string in ("(", "[", "{"):
            depth += 1
        elif token.string in (")", "]", "}"):
            depth -= 1
        elif token.string == ":" and token.type == tokenize.OP and depth == 0:
            return node.lineno - 1 + token.end[0] - 1, token.end[1]
    raise AssertionError(f"{source.file}: a function without a colon")
