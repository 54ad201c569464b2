"""The site and the code keep pace: each names the other, and the pages ask no other host."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
BUILD_S_MAX = 900
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1380, "height": 900}
CODE = re.compile(r"^\s*\{\{\s*code\s+([\w/]+\.py)(?:::([\w.]+))?\s*\}\}", re.MULTILINE)

pytest.importorskip("mkdocs", reason="the docs group is not installed: ./kit docs installs it")
sys.path.insert(0, str(DOCS))

from weaving import generated, listing  # noqa: E402

PAGES = sorted(str(page.relative_to(ROOT)) for page in DOCS.rglob("*.md"))
EXPLAINING = [page for page in PAGES if page.startswith(("docs/chapters/", *(
    f"docs/{unit.name}/" for unit in generated.catalogue().systems
)))]  # fmt: skip


@pytest.mark.parametrize("path", generated.modules())
def test_every_module_names_its_page_and_the_page_is_there(path: str) -> None:
    page = listing.page_of((ROOT / path).read_text("utf-8"))
    if page is None and path.endswith(("__init__.py", "__main__.py")):
        return
    assert page, f"{path}: the docstring's last line does not say `Page: docs/….md`"
    assert generated.is_page(page), f"{path} names {page}, which is not there"


@pytest.mark.parametrize("page", EXPLAINING)
def test_every_page_shows_code_of_a_module_that_names_it(page: str) -> None:
    shown = {path for path, _ in CODE.findall((ROOT / page).read_text("utf-8"))}
    assert shown, f"{page} shows no code"
    named = {listing.page_of((ROOT / path).read_text("utf-8")) for path in shown}
    assert page in named, f"{page} shows {sorted(shown)}, none of which names this page"


@pytest.mark.parametrize("page", PAGES)
def test_every_listing_that_a_page_asks_for_is_there(page: str) -> None:
    for path, name in CODE.findall((ROOT / page).read_text("utf-8")):
        assert listing.find(path, name).text


@pytest.mark.parametrize("page", PAGES)
def test_every_demonstration_that_a_page_names_is_there(page: str) -> None:
    from chapters.commands import running

    for name in re.findall(r"kit run ([a-z][\w/-]*)", (ROOT / page).read_text("utf-8")):
        unit, section = running._place(name)
        if not section or running._own_command(unit, section) is None:
            assert running._demo(unit, section)


def test_every_exercise_has_a_page_to_read_first() -> None:
    for exercise in generated.catalogue().exercises:
        assert generated.is_page(exercise.page), f"{exercise.id}: {exercise.page} is not there"


def test_unshown_code_can_be_listed() -> None:
    found = subprocess.run(
        [sys.executable, DOCS / "unshown.py"], capture_output=True, text=True, check=True
    )
    assert all(re.fullmatch(r"[\w/]+\.py::\w+", line) for line in found.stdout.splitlines())


def test_the_colours_of_terminals_can_be_read() -> None:
    """Each theme's terminal against each colour that a command may print in."""
    palette = (ROOT / "chapters/portal/static/palette.css").read_text("utf-8")
    book = (DOCS / "stylesheets" / "book.css").read_text("utf-8")
    grounds = re.findall(r"--kit-terminal: (#[0-9a-f]{6});", palette)
    colours = re.findall(r"^\.t-\w+ \{ color: (#[0-9a-f]{6});", book, re.MULTILINE)
    assert len(grounds) == 2 and len(colours) == 8
    assert all(contrast(each, ground) >= 4.5 for each in colours for ground in grounds)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
