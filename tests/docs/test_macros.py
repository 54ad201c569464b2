"""Macros: taken out of the Markdown, answered in its HTML, refused with page and macro named."""

from collections.abc import Iterator

import pytest
from weaving import WeavingError, session
from weaving.listing import Listing
from weaving.macros import Macro, Surroundings, extract, step_of, weave
from weaving.session import Answer, Step, answers, scrubbed


def around(printed: Iterator[Answer] = iter(())) -> Surroundings:
    return Surroundings(
        resolve=lambda address: f"../{address}",
        card=lambda name: f"<aside>{name}</aside>",
        shelf=lambda kind: f"<div>{kind}</div>",
        starter=lambda rest: Listing("a/b.py", "f", 3, 3, "def f(): ...\n"),
        module=lambda place: place if place == "a/b.py" else None,
        printed=printed,
    )


def test_macros_are_taken_out_where_they_stand_and_left_alone_in_fences() -> None:
    page = (
        "Text {{ not one }}\n\n  {{ exercise a/b }}\n\n```\n{{ code x.py }}\n```\n{{ run kit }}\n"
    )
    text, macros = extract(page)
    assert macros == [Macro("exercise", "a/b"), Macro("run", "kit")]
    assert text == (
        "Text {{ not one }}\n\n  @@woven:0@@\n\n```\n{{ code x.py }}\n```\n@@woven:1@@\n"
    )


def test_a_listing_links_to_its_lines() -> None:
    html = weave("<p>@@woven:0@@</p>", [Macro("code", "chapters/errors.py::Definite")], around())
    assert html.startswith('<figure class="listing">')
    assert 'href="../source/chapters/errors/#L' in html and "<b>Definite</b>" in html


@pytest.mark.parametrize(
    ("macro", "message"),
    [
        (Macro("code", "chapters/errors.py::Gone"), r"\{\{ code .*Gone \}\}: .* has no Gone"),
        (Macro("code", "chapters/gone.py"), "there is no file chapters/gone.py"),
        (Macro("cod", "x"), "no macro `cod`; there are code, run"),
    ],
)
def test_what_is_missing_fails_with_the_macro_named(macro: Macro, message: str) -> None:
    with pytest.raises(WeavingError, match=message):
        weave("@@woven:0@@", [macro], around())


def test_a_terminal_shows_the_command_and_links_places() -> None:
    printed = iter([Answer("at a/b.py:7 <ok>\nline 2\nline 3\n", 0)])
    html = weave("@@woven:0@@", [Macro("run", "kit list | first 1")], around(printed))
    assert "<kbd>kit list</kbd>" in html and "&lt;ok&gt;" in html
    assert '<a href="../source/a/b/#L7">a/b.py:7</a>' in html
    assert "… 2 more lines" in html and "line 2" not in html


def test_steps_know_whether_they_may_fail() -> None:
    assert step_of(Macro("run", "kit list | last 3")) == Step("kit list")
    assert step_of(Macro("run!", "kit check")) == Step("kit check", fails=True)
    assert step_of(Macro("svg", "a.b:c")) == Step("svg a.b:c")


@pytest.fixture
def no_cache(tmp_path, monkeypatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(session, "CACHE", tmp_path / "cache")
    return tmp_path / "cache"


def test_the_steps_of_a_page_share_a_folder_and_show_no_machine_path(no_cache) -> None:  # type: ignore[no-untyped-def]
    write = "python -c \"import os; open('x', 'w').write('kept'); print(os.path.abspath('x'))\""
    read = "python -c \"print(open('x').read())\""
    assert [each.text.strip() for each in answers([Step(write), Step(read)])] == ["x", "kept"]


def test_answers_come_from_the_cache_the_second_time(no_cache) -> None:  # type: ignore[no-untyped-def]
    step = Step('python -c "import time; print(time.time_ns())"')
    assert answers([step]) == answers([step])
    assert len(list(no_cache.glob("*.json"))) == 1


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Step('python -c "raise SystemExit(3)"'), "ended with exit code 3"),
        (Step('python -c ""', fails=True), "ended with exit code 0"),
        (Step("rm -rf x"), "a page may run kit, python, attempt, svg only"),
    ],
)
def test_an_unexpected_end_fails_and_is_not_cached(no_cache, step: Step, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(WeavingError, match=message):
        answers([step])
    assert not no_cache.exists()


def test_paths_of_the_machine_are_taken_out(tmp_path) -> None:  # type: ignore[no-untyped-def]
    text = f"{tmp_path / 'work' / 'a.py'} and {session.ROOT}/exchange/book.py in {session.ROOT}"
    assert scrubbed(text, tmp_path) == "work/a.py and exchange/book.py in ."
