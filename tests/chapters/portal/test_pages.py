"""A page that extends the base has its style, its script and its theme, and asks no other host."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask, render_template_string
from werkzeug.serving import make_server

import chapters.portal
from chapters.portal import Event, EventServer
from chapters.portal.pages import blueprint

STATIC = Path(chapters.portal.__file__).parent / "static"
PAGE = """
{% extends "portal/base.html" %}
{% block title %}Test{% endblock %}
{% block main %}<p id="seen"></p><svg id="line"></svg><svg id="spark"></svg>{% endblock %}
{% block scripts %}<script type="module">
import { find, follow, plot, sparkline } from "/portal/portal.js";
const seen = [];
const onState = (word) => { find("#state").textContent = word; };
follow("EVENTS", { tick: (n) => {
  seen.push(n);
  find("#seen").textContent = seen.join(" ");
  plot(find("#line"), [{ points: seen.map((y, x) => [x, y]), kind: "buy", steps: true, area: true }]);
  sparkline(find("#spark"), seen);
} }, onState);
</script>{% endblock %}
"""


def app(events: str = "http://127.0.0.1:9/") -> Flask:
    made = Flask(__name__, static_folder=None)
    made.register_blueprint(blueprint())
    made.add_url_rule("/", "page", lambda: render_template_string(PAGE.replace("EVENTS", events)))
    return made


def test_everything_that_a_page_refers_to_is_served() -> None:
    client = app().test_client()
    page = client.get("/").get_data(as_text=True)
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert {"/portal/palette.css", "/portal/portal.css", "/portal/portal.js"} <= set(addresses)
    for address in addresses:
        if address.startswith("/portal/"):
            with client.get(address) as answer:
                assert answer.status_code == 200, address


@pytest.mark.parametrize("file", sorted(path.name for path in STATIC.iterdir()))
def test_no_file_names_another_host(file: str) -> None:
    hosts = re.findall(r"https?://([\w.]+)", (STATIC / file).read_text("utf-8"))
    assert set(hosts) <= {"www.w3.org"}  # the name of SVG, which nobody fetches


def test_every_colour_is_there_in_light_and_in_dark() -> None:
    light, dark, *_ = re.findall(r"\{(.*?)\}", (STATIC / "palette.css").read_text(), re.DOTALL)
    names = re.compile(r"(--kit-[\w-]+):")
    assert names.findall(light) == names.findall(dark)


ON = ("paper", "panel", "raised")
TEXT = ("ink", "muted", "faint", "accent", "link", "buy", "sell", "good", "bad", "warn")
TEXT += ("code-keyword", "code-string", "code-number", "code-name")


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_colour_of_text_can_be_read(theme: int) -> None:
    blocks = re.findall(r"\{(.*?)\}", (STATIC / "palette.css").read_text(), re.DOTALL)
    colours = dict(re.findall(r"--kit-([\w-]+): (#[0-9a-f]{6});", blocks[theme]))
    poor = {
        (name, ground): ratio
        for name in TEXT
        for ground in ON
        if (ratio := contrast(colours[name], colours[ground])) < 4.5
    }
    assert poor == {}  # WCAG 2.2, 1.4.3: 4.5 to 1


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["buy", "sell", "muted", "ink"])
def test_a_number_can_be_read_on_its_bar(name: str, theme: int) -> None:
    blocks = re.findall(r"\{(.*?)\}", (STATIC / "palette.css").read_text(), re.DOTALL)
    colours = dict(re.findall(r"--kit-([\w-]+): (#[0-9a-f]+);", blocks[theme]))
    for bar in {"buy": ["buy"], "sell": ["sell"]}.get(name, ["buy", "sell"]):
        ground = laid_over(colours[f"{bar}-soft"], colours["raised"])
        assert contrast(colours[name], ground) >= 4.5, (name, bar)


def laid_over(film: str, ground: str) -> str:
    """The colour of `#rrggbbaa` on `#rrggbb`."""
    part = int(film[7:9], 16) / 255
    pairs = [(int(film[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a * part + b * (1 - part)):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of `#rrggbb`, as WCAG 2.2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_is_measured_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # just too little


@contextmanager
def served(page: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, page, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Feed:
    """An event server in a loop of its own, which can go away and come back at the same port."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()
        self.port = 0
        self.up()

    def up(self) -> None:
        self.server = EventServer()
        self.port = self._wait(self.server.start("127.0.0.1", self.port))

    def down(self) -> None:
        self._wait(self.server.close())

    def publish(self, number: int) -> None:
        async def publish() -> None:
            self.server.publish(Event(number, "tick", number))

        self._wait(publish())

    def stop(self) -> None:
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)


@pytest.fixture
def feed() -> Iterator[Feed]:
    made = Feed()
    yield made
    made.stop()


@pytest.mark.slow
def test_a_page_follows_a_stream_and_resumes_it_after_the_server_was_away(
    browser: Any, feed: Feed
) -> None:
    with served(app(f"http://127.0.0.1:{feed.port}/")) as address:
        page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        page.wait_for_selector("#state:text('live')")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.click("#theme")
        assert page.evaluate("document.documentElement.dataset.theme") == "light"
        feed.publish(1)
        page.wait_for_selector("#seen:text('1')")
        feed.down()
        page.wait_for_selector("#state:text('away')")
        feed.up()
        feed.publish(1)
        feed.publish(2)  # while the page is away: it must come all the same, and 1 not again
        page.wait_for_selector("#seen:text('1 2')", timeout=30_000)
        feed.publish(3)
        page.wait_for_selector("#seen:text('1 2 3')")
        assert page.locator("#line path").count() == 2
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.close()
        assert complaints == []
