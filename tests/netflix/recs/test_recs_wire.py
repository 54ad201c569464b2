"""The page over HTTP: made from what was reported, as it comes in, and never refused for want of it."""

from random import Random
from threading import Lock

import pytest
from flask import Flask

from chapters.log import Log
from chapters.sim.clock import S, VirtualClock
from chapters.sim.disk import SimDisk
from netflix.events.event import Event
from netflix.events.intake import Intake
from netflix.recs import wire
from netflix.recs.artwork import Artwork
from netflix.scene.evening import START_S, cast
from netflix.scene.imagined import title


@pytest.fixture
def page():
    """A page's service: ask for a profile's rows, report a view, let time pass, click."""
    clock = VirtualClock(START_S * S)
    films = [title(Random(n), name) for n, name in enumerate(("colony", "harbour", "storm"))]
    control = cast(clock, Random(1), SimDisk(rng=Random(2)), films).control
    log = Log(disk=SimDisk(rng=Random(3)))
    app = Flask(__name__)
    artwork = Artwork(rng=Random(4))
    app.register_blueprint(wire.blueprint(control, log, Lock(), artwork))
    return Page(app.test_client(), clock, Intake(log), artwork)


class Page:
    def __init__(self, client, clock, intake, artwork):
        self.client, self.clock, self.intake, self.artwork = client, clock, intake, artwork

    def rows(self, profile):
        found = self.client.get(f"/api/home?profile={profile}").get_json()["rows"]
        return {row["name"]: [each["title"] for each in row["titles"]] for row in found}

    def watch(self, profile, name):
        session = f"{profile}-{name}"
        event = Event(session, 0, "start", self.clock.now_ns() // 1_000_000, profile, name)
        self.intake.take([{"session": session, "number": 0, "kind": "start", "at_ms": event.at_ms,
                           "profile": profile, "title": name}])  # fmt: skip
        self.clock.advance(6 * S)


def test_rows_follow_the_reports_as_they_come(page):
    assert next(iter(page.rows("ada"))) == "Popular here"
    page.clock.advance(6 * S)
    page.watch("ben", "harbour")
    page.watch("ben", "storm")
    assert set(page.rows("ada")["Popular here"][:2]) == {"storm", "harbour"}
    page.watch("ada", "harbour")
    rows = page.rows("ada")
    assert rows["Top picks for you"][0] == "storm" and rows["Top picks for you"][-1] == "harbour"
    assert "Popular here" in page.rows("cem")


def test_a_report_that_came_twice_is_one_view(page):
    page.watch("ben", "harbour")
    for _ in range(3):
        page.watch("cem", "storm")
        page.watch("dee", "harbour")
    assert page.rows("ada")["Popular here"][0] == "harbour"


def test_a_click_is_learnt_from_and_what_makes_no_sense_is_refused(page):
    page.rows("ada")
    shown = page.client.get("/api/home?profile=ada").get_json()["rows"][0]["titles"][0]
    facts = {"title": shown["title"], "profile": "ada", "picture": shown["picture"]}
    assert page.client.post("/api/artwork", json=facts).status_code == 200
    assert sum(got for _, got in page.artwork.counts(shown["title"], "")) == 1
    for wrong, status in (
        ({"title": "nothing"}, 404), ({"picture": -1}, 400), ({"picture": "x"}, 400), ({"profile": 7}, 400),
        ({"title": None}, 400),
    ):  # fmt: skip
        answer = page.client.post("/api/artwork", json=facts | wrong)
        assert answer.status_code == status and "\n" not in answer.get_json()["error"]
    assert page.client.post("/api/artwork", data="x").status_code == 400
