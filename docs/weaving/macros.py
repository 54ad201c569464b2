"""The macros of a page: found in its Markdown, answered as HTML once the Markdown is rendered.

A macro becomes the paragraph `@@woven:3@@`, which the Markdown renderer carries through untouched
at whatever depth it stands; the paragraph is then replaced by the HTML.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape

from weaving import WeavingError
from weaving.ansi import to_html
from weaving.listing import Listing, find
from weaving.paint import listing_html, source_page, whole_file_html
from weaving.session import Answer, Step, answers

MACRO = re.compile(r"^(?P<indent>[ \t]*)\{\{\s*(?P<verb>\S+)\s+(?P<rest>.*?)\s*\}\}[ \t]*$")
FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
WOVEN = re.compile(r"(?:<p>)?@@woven:(\d+)@@(?:</p>)?")
TRIM = re.compile(r"\s+\|\s*(first|last)\s+(\d+)$")
IN_DRAWING = re.compile(r'(?<=">)([\w/]+\.py):(\d+)(?=<)')  # a text of its own, in an SVG
PLACE = re.compile(r"(?<![\w/.])([\w/]+\.py):(\d+)")


@dataclass(frozen=True, slots=True)
class Macro:
    """One macro of a page, with what follows its verb."""

    verb: str
    rest: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a macro may refer to: the rest of the site, and what the page's commands printed."""

    resolve: Callable[[str], str]  # an address within the site -> one relative to the page
    card: Callable[[str], str]  # an exercise's id -> its card
    shelf: Callable[[str], str]  # "systems" or "chapters" -> those that are built
    starter: Callable[[str], Listing]  # an exercise's id and a place -> what the learner gets
    module: Callable[[str], str | None]  # "book.py" or "exchange/book.py" -> its path, if unique
    printed: Iterator[Answer] = field(default_factory=lambda: iter(()))


def extract(markdown: str) -> tuple[str, list[Macro]]:
    """Return `markdown` with each macro replaced by its numbered mark, and the macros."""
    lines: list[str] = []
    macros: list[Macro] = []
    fence = ""
    for line in markdown.split("\n"):
        if mark := FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        match = None if fence else MACRO.match(line)
        if match:
            line = f"{match['indent']}@@woven:{len(macros)}@@"
            macros.append(Macro(match["verb"], match["rest"]))
        lines.append(line)
    return "\n".join(lines), macros


def weave(html: str, macros: list[Macro], around: Surroundings) -> str:
    """Return `html` with every mark replaced by what its macro asked for."""
    pieces = [answer(macro, around) for macro in macros]
    return WOVEN.sub(lambda match: pieces[int(match[1])], html)


def answer(macro: Macro, around: Surroundings) -> str:
    """Return the HTML that one macro stands for; a refusal names the macro."""
    if macro.verb not in WRITERS:
        raise WeavingError(f"no macro `{macro.verb}`; there are {', '.join(WRITERS)}")
    try:
        return WRITERS[macro.verb](macro.rest, around)
    except WeavingError as error:
        raise WeavingError(f"{{{{ {macro.verb} {macro.rest} }}}}: {error}") from None


def printed_by(macros: list[Macro]) -> Iterator[Answer]:
    """Run the commands of a page, in order."""
    return iter(answers(steps_of(macros)))


def steps_of(macros: list[Macro]) -> list[Step]:
    """Return the commands of a page."""
    return [step_of(macro) for macro in macros if macro.verb in STEPS]


def step_of(macro: Macro) -> Step:
    program = STEPS[macro.verb]
    line = TRIM.sub("", macro.rest)
    return Step(f"{program} {line}".strip(), fails=macro.verb == "run!")


def code(rest: str, around: Surroundings) -> str:
    """A listing, from `path/file.py::Qualified.name`."""
    path, _, name = rest.partition("::")
    return listing_html(find(path, name), href=around.resolve(source_page(path)))


def starter(rest: str, around: Surroundings) -> str:
    """A function as an exercise's starter has it."""
    found = around.starter(rest)
    href = around.resolve(source_page(found.path))
    return listing_html(found, href=href, note="as you get it")


def shelf(rest: str, around: Surroundings) -> str:
    """What is built, as cards."""
    return around.shelf(rest)


def source(rest: str, around: Surroundings) -> str:
    """A file in full."""
    return whole_file_html(find(rest).text)


def terminal(rest: str, around: Surroundings) -> str:
    """A command and what it printed; `| first 12` and `| last 12` show that many lines of it."""
    text = next(around.printed).text.strip("\n")
    shown = to_html(trimmed(text, TRIM.search(rest)))
    command = escape(TRIM.sub("", rest))
    return (
        f'<div class="terminal"><div class="t-command" data-command="{command}">'
        f'<span class="t-prompt" aria-hidden="true">$</span> <kbd>{command}</kbd></div>'
        f'<pre tabindex="0"><samp>{linked(shown, around)}</samp></pre></div>'
    )


def trimmed(text: str, trim: re.Match[str] | None) -> str:
    """The first or last lines, and how many were left out."""
    if trim is None:
        return text
    lines, count = text.split("\n"), int(trim[2])
    if len(lines) <= count:
        return text
    left = f"\x1b[2m  … {len(lines) - count} more lines\x1b[0m"
    kept = [*lines[:count], left] if trim[1] == "first" else [left, *lines[-count:]]
    return "\n".join(kept) + "\x1b[0m"


def linked(html: str, around: Surroundings, places: re.Pattern[str] = PLACE) -> str:
    """Every `file.py:line` that is one of ours leads to that line."""

    def link(match: re.Match[str]) -> str:
        path = around.module(match[1])
        if path is None:
            return match[0]
        return f'<a href="{around.resolve(source_page(path))}#L{match[2]}">{match[0]}</a>'

    return places.sub(link, html)


def attempt(rest: str, around: Surroundings) -> str:
    """A function as the learner of this page has it now."""
    shown = json.loads(next(around.printed).text)
    note = shown.pop("note")
    path = shown["path"].removeprefix("work/")
    return listing_html(Listing(**shown), href=around.resolve(source_page(path)), note=note)


def drawing(rest: str, around: Surroundings) -> str:
    """The SVG that a function draws."""
    picture = linked(next(around.printed).text, around, IN_DRAWING)
    return f'<figure class="drawing">{picture}</figure>'


def exercise(rest: str, around: Surroundings) -> str:
    """A card that leads to an exercise."""
    return around.card(rest)


STEPS = {"run": "", "run!": "", "attempt": "attempt", "svg": "svg"}
WRITERS: dict[str, Callable[[str, Surroundings], str]] = {
    "code": code,
    "run": terminal,
    "run!": terminal,
    "attempt": attempt,
    "svg": drawing,
    "exercise": exercise,
    "starter": starter,
    "shelf": shelf,
    "source": source,
}
