"""Pages that nobody writes: exercises, lists, the command reference, and every source file."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path

from chapters.errors import KitError
from chapters.runner.catalogue import Catalogue, Exercise, Unit
from chapters.runner.copies import starter_of
from weaving import PACKAGES, ROOT, WeavingError
from weaving.commands import reference
from weaving.listing import Listing, cut, page_of

EXERCISE = """\
# {exercise.title}

{facts}

{exercise.brief}

Read first: [the chapter on it]({chapter}).

## What you get

{starters}

## Write it

```console
$ kit start {exercise.id}
$ kit watch
```

`kit start` puts the file into your `work/` folder; edit it there, with the editor that you like.
`kit watch` checks at every save, `kit check` once. {after}

Stuck? `kit hint` gives {hints} hints, one at a time, from a nudge to nearly the code. The checks
know {mutants} common mistakes by sight, and say which one yours looks like.

## Afterwards

```console
$ kit diff {exercise.id}
$ kit solution {exercise.id}
```
"""
HIDDEN = "---\nsearch:\n  exclude: true\nhide:\n  - toc\n---\n\n"


@cache
def catalogue() -> Catalogue:
    return Catalogue.load()


def pages() -> dict[str, str]:
    """Return the Markdown of every generated page, by its path within the site's sources."""
    found = {f"exercises/{each.id}.md": exercise_page(each) for each in catalogue().exercises}
    found |= {f"source/{path.removesuffix('.py')}.md": source_file(path) for path in modules()}
    return found | {
        "exercises/index.md": exercise_index(),
        "chapters/index.md": chapter_index(),
        "source.md": source_index(),
        "cli.md": reference(),
    }


@cache
def modules() -> tuple[str, ...]:
    """The paths of all modules of what is built: those with more in them than a docstring."""
    built = {unit.package.split(".")[-1] for unit in catalogue().units}
    unbuilt = set(PACKAGES) - built - {"chapters"}
    files = (
        file for name in PACKAGES if name not in unbuilt for file in (ROOT / name).rglob("*.py")
    )
    return tuple(sorted(str(file.relative_to(ROOT)) for file in files if file.stat().st_size))


def module_of(place: str) -> str | None:
    """The module that `book.py` or `exchange/book.py` can only mean; None if it may be several."""
    found = [path for path in modules() if path == place or path.endswith(f"/{place}")]
    return place if place in found else found[0] if len(found) == 1 else None


def exercise_page(exercise: Exercise) -> str:
    """An exercise: the task, the function as the learner gets it, and the commands."""
    starters = "\n".join(f"{{{{ starter {exercise.id} {hole} }}}}\n" for hole in exercise.holes)
    chapter = relative(f"exercises/{exercise.id}.md", exercise.page)
    systems = " and ".join(f"**{name}**" for name in exercise.then)
    after = f"After its own stages, the checks run {systems} on your code." if systems else ""
    return EXERCISE.format(
        exercise=exercise, facts=facts(exercise), chapter=chapter, starters=starters, after=after,
        hints=len(exercise.hints), mutants=len(exercise.mutants),
    )  # fmt: skip


def facts(exercise: Exercise) -> str:
    """The line under the title: how long, how much, with what."""
    minutes = f"about {exercise.minutes} minutes" if exercise.minutes else "no time given"
    points = f" · {exercise.points} points" if exercise.points else ""
    return f"`{exercise.id}` · {minutes}{points} · {len(exercise.hints)} hints\n{{: .facts }}"


def starter(rest: str) -> Listing:
    """A function as the learner gets it, at its place in our source: `starter ID path/file.py::Name`."""
    exercise_id, _, place = rest.partition(" ")
    exercise = find_exercise(exercise_id)
    hole = next((each for each in exercise.holes if str(each) == place), None)
    if hole is None:
        holes = ", ".join(str(each) for each in exercise.holes)
        raise WeavingError(f"{exercise_id} has no hole {place}; it has {holes}")
    path = str(exercise.path_of(hole.module))
    text = starter_of(exercise, hole.module, exercise.reference()[hole.module])
    ours = cut(exercise.reference()[hole.module], path, hole.name)
    return replace(cut(text, path, hole.name), first=ours.first, last=ours.last)


def card(exercise: Exercise, href: str) -> str:
    """The card of an exercise, as HTML."""
    minutes = f"{exercise.minutes} min · " if exercise.minutes else ""
    return (
        f'<aside class="exercise"><p class="kind">Exercise</p>'
        f'<h4><a href="{href}">{escape(exercise.title)}</a></h4>'
        f"<p>{inline(exercise.brief)}</p>"
        f'<p class="how"><code>kit start {exercise.id}</code>'
        f"<span>{minutes}{len(exercise.hints)} hints</span></p></aside>"
    )


def inline(text: str) -> str:
    """The little Markdown that a brief may hold, as HTML."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def shelf(kind: str, resolve: Callable[[str], str]) -> str:
    """The systems or the chapters that are built, as HTML."""
    units = catalogue().systems if kind == "systems" else catalogue().chapters
    return f'<div class="shelf">{"".join(book(unit, resolve) for unit in units)}</div>'


def book(unit: Unit, resolve: Callable[[str], str]) -> str:
    """One of them, with its page if it has one."""
    page = first_page(unit)
    if page is None:
        return ""
    href = resolve(re.sub(r"(^|/)index$", r"\1", page.removesuffix(".md")).rstrip("/") + "/")
    return (
        f'<a href="{href}"><span class="kind">{unit.kind} · {unit.minutes} min</span>'
        f"<b>{escape(unit.title)}</b><span>{inline(about(unit))}</span></a>"
    )


def first_page(unit: Unit) -> str | None:
    """Where reading about a unit begins: a chapter's page, the index of a system's folder."""
    name = f"chapters/{unit.name}.md" if unit.kind == "chapter" else f"{unit.name}/index.md"
    return name if (ROOT / "docs" / name).is_file() else None


def about(unit: Unit) -> str:
    """The first paragraph of the package's docstring."""
    docstring = ast.get_docstring(ast.parse((unit.folder / "__init__.py").read_text("utf-8"))) or ""
    return " ".join(docstring.partition("\n\n")[0].split())


def exercise_index() -> str:
    """All exercises, in the order of the syllabus, by chapter and system."""
    parts = [
        "# Exercises\n\nEach one takes a function out of the working code and lets you write it."
    ]
    parts.append("The checks then run the real system on what you wrote.\n")
    for unit in catalogue().units:
        if found := catalogue().of(unit):
            parts.append(f"## {unit.title}\n")
            parts.extend(f"{{{{ exercise {each.id} }}}}\n" for each in found)
    return "\n".join(parts)


def chapter_index() -> str:
    """The building blocks, in the order in which they build on one another."""
    head = "# Chapters\n\nA chapter is a building block: code that the systems import."
    return "\n".join(
        [head, "{: .lead }\n", *(chapter_entry(unit) for unit in catalogue().chapters)]
    )


def chapter_entry(unit: Unit) -> str:
    """One chapter: what it is about, how long it takes, what it needs."""
    page = ROOT / "docs" / "chapters" / f"{unit.name}.md"
    title = f"[{unit.title}]({unit.name}.md)" if page.is_file() else unit.title
    needs = f" · needs {', '.join(unit.needs)}" if unit.needs else ""
    return (
        f"## {title}\n\n{about(unit)}\n\n"
        f"`kit run {unit.name}` · {unit.minutes} minutes{needs}\n{{: .facts }}\n"
    )


def source_file(path: str) -> str:
    """A source file in full, with the page that explains it."""
    own = f"source/{path.removesuffix('.py')}.md"
    named = page_of((ROOT / path).read_text("utf-8"))
    explained = ""
    if named is not None and is_page(named):
        explained = f"Explained in [{title_of(named)}]({relative(own, named)})."
    return f"{HIDDEN}# {path}\n\n{explained}\n\n{{{{ source {path} }}}}\n"


def source_index() -> str:
    """Every source file, by folder."""
    parts = ["---\nhide:\n  - toc\n---\n\n# Source\n\nEvery listing on this site leads here.\n"]
    folder = ""
    for path in modules():
        if str(Path(path).parent) != folder:
            folder = str(Path(path).parent)
            parts.append(f"\n## {folder}\n")
        parts.append(f"- [{Path(path).name}](source/{path.removesuffix('.py')}.md)")
    return "\n".join(parts) + "\n"


def is_page(page: str) -> bool:
    """Whether `docs/….md` is a page of the site: written, or generated."""
    return (ROOT / page).is_file() or page.removeprefix("docs/") in generated_names()


def generated_names() -> Iterator[str]:
    """The paths of the generated pages, without writing them."""
    yield from ("exercises/index.md", "chapters/index.md", "source.md", "cli.md")
    yield from (f"exercises/{each.id}.md" for each in catalogue().exercises)


def title_of(page: str) -> str:
    """The heading of a written page, else its name."""
    file = ROOT / page
    text = file.read_text("utf-8") if file.is_file() else ""
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1] if found else Path(page).stem


def relative(from_page: str, to_page: str) -> str:
    """The link from one page to another, both as paths within the site's sources."""
    if not is_page(to_page):
        raise WeavingError(f"{from_page} links to {to_page}, which is not there")
    target = to_page.removeprefix("docs/")
    return "../" * from_page.count("/") + target


def find_exercise(exercise_id: str) -> Exercise:
    """The exercise of that id; the error is one of the page that asked."""
    try:
        return catalogue().exercise(exercise_id)
    except KitError as error:
        raise WeavingError(str(error)) from None
