"""The site as it is built: links that lead somewhere, pages that fit the screen and ask no other host.

It takes minutes to build. In the order of files, this one is among the first of the slow ones.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
BUILD_S_MAX = 900
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1380, "height": 900}

pytest.importorskip("mkdocs", reason="the docs group is not installed: ./kit docs installs it")

from weaving import generated  # noqa: E402

PAGES = sorted(str(page.relative_to(ROOT)) for page in DOCS.rglob("*.md"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=BUILD_S_MAX, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    handler = partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None: ...


class Anatomy(HTMLParser):
    """The links of a page, and the ids that links may lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids.add(found.get("id") or found.get("name") or "")
        self.links += [link for key in ("href", "src") if (link := found.get(key))]


@pytest.mark.slow
def test_every_link_within_the_site_leads_somewhere(site: Path) -> None:
    pages = {
        f"/{page.relative_to(site).parent}/".replace("/./", "/"): Anatomy(page.read_text("utf-8"))
        for page in site.rglob("index.html")
    }
    broken = [
        f"{here} -> {link}"
        for here, page in pages.items()
        for link in page.links
        if not leads_somewhere(site, pages, urljoin(f"http://site{here}", link))
    ]
    assert broken == []


def leads_somewhere(site: Path, pages: dict[str, Anatomy], link: str) -> bool:
    parts = urlsplit(link)
    if parts.netloc != "site":
        return parts.scheme in ("https", "mailto", "data")
    if parts.path not in pages:
        return (site / unquote(parts.path).lstrip("/")).is_file()
    return not parts.fragment or unquote(parts.fragment) in pages[parts.path].ids


@pytest.mark.slow
def test_every_table_has_headers_and_every_drawing_a_name(site: Path) -> None:
    for page in site.rglob("index.html"):
        text = page.read_text("utf-8")
        for table in re.findall(r"<table.*?</table>", text, re.DOTALL):
            headers = re.findall(r"<th\b[^>]*>(.*?)</th>", table, re.DOTALL)
            beside = headers[1:]  # the corner may be empty: it heads no column of its own
            assert beside and all(each.strip() for each in beside), (page, table[:200])
        for drawing in re.findall(r'<figure class="drawing">(.*?)</figure>', text, re.DOTALL):
            assert 'role="img"' in drawing and re.search(r"<title>[^<]+</title>", drawing), page


@pytest.mark.slow
def test_what_scrolls_sideways_can_be_scrolled_by_keyboard(browser: Any, address: str) -> None:
    view = browser.new_page(viewport=PHONE)
    view.goto(address + "learners/")
    wide = "[...document.querySelectorAll('article *')].filter(e => e.scrollWidth > e.clientWidth"
    wide += " + 1 && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX))"
    assert view.evaluate(f"{wide}.length") > 3
    assert view.evaluate(f"{wide}.filter(e => e.tabIndex < 0).map(e => e.outerHTML)") == []
    view.close()


@pytest.mark.slow
def test_no_page_tells_where_it_was_built(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert str(ROOT) + "/" not in text and "/tmp/page-" not in text, page


def sample() -> list[str]:
    """One page of each kind, and all those that were written by hand."""
    written = [page.removeprefix("docs/").removesuffix(".md") for page in PAGES]
    made = ["chapters/index", "exercises/index", "cli", "source", "source/chapters/errors"]
    made += [f"exercises/{each.id}" for each in generated.catalogue().exercises[:1]]
    addresses = (re.sub(r"(^|/)index$", r"\1", page) for page in dict.fromkeys(written + made))
    return [f"{each}/".replace("//", "/").lstrip("/") for each in addresses]


@pytest.mark.slow
def test_pages_ask_no_other_host_and_fit_the_screen(browser: Any, address: str) -> None:
    requested: list[str] = []
    complaints: list[str] = []
    views = {theme: browser.new_page(color_scheme=theme) for theme in ("light", "dark")}
    for view in views.values():
        view.on("request", lambda request: requested.append(request.url))
        view.on("pageerror", lambda error: complaints.append(str(error)))
        view.on("console", lambda line: line.type == "error" and complaints.append(line.text))
    for page, theme in zip(sample(), cycle(views), strict=False):
        view = views[theme]
        view.set_viewport_size(DESKTOP)
        answer = view.goto(address + page)
        assert answer is not None and answer.ok, page
        scheme = view.evaluate("document.body.dataset.mdColorScheme")
        assert scheme == {"light": "default", "dark": "slate"}[theme], page
        for size in (
            DESKTOP,
            PHONE,
        ):  # the other way round, the menu slides, and is wider meanwhile
            view.set_viewport_size(size)
            assert view.evaluate("document.documentElement.scrollWidth") <= size["width"], page
    view.goto(address, wait_until="networkidle")
    others = [url for url in requested if not url.startswith((address, "data:", "blob:"))]
    for view in views.values():
        view.close()
    assert (others, complaints) == ([], [])
