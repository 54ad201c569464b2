"""A listing is found by name; a wrong name says what there is."""

from pathlib import Path

import pytest
from weaving import WeavingError
from weaving.listing import find, page_of, public_names

SOURCE = '''"""An idea. Page: docs/chapters/idea.md"""

LIMIT = 3  # of something


@staticmethod
def first():
    """Do."""
    return 1


class Thing:
    size: int = 0

    def grow(self):
        self.size += 1

    async def _hide(self): ...
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "idea.py").write_text(SOURCE, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("LIMIT", 3, 3),
        ("first", 6, 9),
        ("Thing", 12, 18),
        ("Thing.size", 13, 13),
        ("Thing.grow", 15, 16),
        ("Thing._hide", 18, 18),
    ],
)
def test_a_definition_is_found_with_its_decorators(
    root: Path, name: str, first: int, last: int
) -> None:
    listing = find("idea.py", name, root=root)
    assert (listing.first, listing.last) == (first, last)
    assert listing.text == "\n".join(SOURCE.splitlines()[first - 1 : last]) + "\n"


@pytest.mark.parametrize("name", ["second", "Thing.shrink", "first.inner", "Thing.grow.deep"])
def test_a_missing_name_is_refused_with_the_names_that_are_there(root: Path, name: str) -> None:
    with pytest.raises(WeavingError, match=rf"idea\.py has no {name}; at that place it has: "):
        find("idea.py", name, root=root)


@pytest.mark.parametrize("path", ["gone.py", "../idea.py", "/etc/hostname"])
def test_a_missing_file_is_refused(root: Path, path: str) -> None:
    with pytest.raises(WeavingError, match="there is no file"):
        find(path, root=root)


def test_without_a_name_it_is_the_whole_file(root: Path) -> None:
    assert find("idea.py", root=root).text == SOURCE


def test_the_page_of_a_module_is_in_the_last_line_of_its_docstring() -> None:
    assert page_of(SOURCE) == "docs/chapters/idea.md"
    assert page_of('"""An idea.\n\nPage: docs/a.md\n"""') == "docs/a.md"
    assert page_of('"""An idea."""') is None
    assert page_of("x = 1") is None


def test_public_names_leave_out_private_ones() -> None:
    assert public_names(SOURCE + "\ndef _secret(): ...\n") == ["first", "Thing"]
