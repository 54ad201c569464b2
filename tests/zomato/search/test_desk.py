"""The desk by words, over HTTP, and from the command line: answers and refusals."""

import json
import subprocess
import sys
from dataclasses import replace
from threading import Lock

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.zomato.catalog.test_files import REAL
from tests.zomato.search.test_search import HOUSES, NOON_NS
from zomato.catalog.areas import ZONE
from zomato.catalog.facts import Closed
from zomato.catalog.files import read
from zomato.catalog.hours import every_day
from zomato.search import story
from zomato.search.desk import when
from zomato.search.wire import blueprint


@pytest.fixture
def desk():
    return story.desk_of(HOUSES, NOON_NS)


@pytest.fixture
def client(desk):
    app = Flask("discovery")
    app.register_blueprint(blueprint(lambda: desk, Lock()))
    return app.test_client()


def test_a_search_by_url_says_what_why_and_how_late(client, desk):
    desk.catalog.apply(Closed("r1", NOON_NS + 10**12), NOON_NS)
    found = client.get("/api/search?q=chiken+biriyani&near=12.9716,77.5946&at=12:30").get_json()
    first = found["found"][0]
    assert (first["id"], first["dishes"], first["metres"]) == ("r1", ["Chicken Biryani"], 0)
    assert first["hours"] == "open until Fri 15:00" and first["cost_for_two"] == 500
    assert set(first["why"]) == {"text", "near", "stars", "popular"}
    assert found["stamp"] == {"seen": 0, "behind": 1, "behind_s": 0.0}
    truth = client.get("/api/restaurants/r1").get_json()
    assert truth["is_open"] is False and truth["hours"] == "closed, opens Fri 12:46"
    assert truth["menu"][0] == {
        "id": "i0", "name": "Chicken Biryani", "price_paise": 10_000, "version": 1,
        "is_vegetarian": False, "is_available": True,
    }  # fmt: skip


def test_filters_by_url(client):
    def ids(words):
        return {each["id"] for each in client.get(f"/api/search?{words}").get_json()["found"]}

    assert ids("veg=yes&cost=200") == {"r2"} and ids("open=1&q=biryani") == {"r1", "r5"}
    assert ids("cuisine=THAI") == {"r3"} and ids("stars=4.2&count=1") == {"r3"}
    assert ids("q=biryani&at=2026-11-28T01:00&open=yes") == {"r4"}


def test_suggestions_by_url(client):
    found = client.get("/api/suggest?q=chicken+bi&count=2").get_json()["suggestions"]
    assert found == [{"text": "Chicken Biryani", "kind": "dish", "restaurants": 3}]
    assert client.get("/api/suggest").get_json() == {"suggestions": []}


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("search?near=91,77.59", 400, "latitude is 91.0; it must be -90 to 90"),
        ("search?near=nan,77.59", 400, "latitude is nan"),
        ("search?near=77.59,12.97", 400, "from this city; swap latitude and longitude"),
        ("search?near=28.6,77.2", 400, "km from this city; ask within 60 km"),
        ("search?near=12.97", 400, "near is '12.97'; write latitude and longitude"),
        ("search?near=a,b", 400, "as 12.97,77.59"),
        ("search?at=25:99", 400, "'25:99' is no time; write 21:30"),
        ("search?count=0", 400, "count is 0; it must be 1 to 100"),
        ("search?count=2.5", 400, "count is 2.5; it must be a whole number"),
        ("search?count=inf", 400, "count is 'inf'"),
        ("search?stars=many", 400, "stars is 'many'; it must be a number"),
        ("search?stars=nan", 400, "stars is 'nan'"),
        ("search?cost=0.001", 400, "cost is 0"),
        ("search?veg=perhaps", 400, "veg is 'perhaps'; say yes or no"),
        ("search?colour=red", 400, "'colour' is no word of a search; there are at, cost"),
        (f"search?q={'x' * 300}", 400, "the text has 300 letters; at most 200"),
        (f"suggest?q={'x' * 300}", 400, "the text has 300 letters"),
        ("suggest?q=a&count=1e3", 400, "count is 1000; it must be 1 to 100"),
        ("restaurants/r99", 404, "there is no restaurant 'r99'"),
    ],
)
def test_a_bad_call_is_refused_in_one_line(client, path, status, said):
    answer = client.get(f"/api/{path}")
    assert answer.status_code == status and said in answer.get_json()["error"]
    assert "\n" not in answer.get_json()["error"]


WORDS = st.dictionaries(
    st.sampled_from(["q", "near", "at", "cuisine", "veg", "open", "stars", "cost", "count", "x"]),
    st.one_of(
        st.text(max_size=250),
        st.sampled_from(
            ["12.97,77.59", "-0,180", "1e308,1e308", "12:00", "yes", "3", "-1", "1e-9"]
        ),
    ),
    max_size=4,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WORDS, st.sampled_from(["search", "suggest"]))
def test_whatever_is_asked_gets_an_answer_or_one_line(client, words, what):
    answer = client.get(f"/api/{what}", query_string=words)
    assert answer.status_code in (200, 400)
    assert answer.status_code == 200 or "\n" not in answer.get_json()["error"]


def test_who_never_closes_is_open_and_until_when_is_not_said():
    always = replace(HOUSES[0], hours=every_day("00:00-24:00", ZONE))
    assert when(always, NOON_NS) == "open" and when(HOUSES[0], NOON_NS) == "open until Fri 15:00"
    never = replace(HOUSES[0], hours=every_day("", ZONE))
    assert when(never, NOON_NS) == "closed"
    assert when(HOUSES[3], NOON_NS) == "closed, opens Fri 18:00"


@pytest.mark.skipif(not REAL.exists(), reason="KIT_DATA has no zomato/bengaluru_restaurants.csv")
def test_the_real_city_is_searched():
    desk = story.desk_of(read(REAL).restaurants.values(), NOON_NS)
    found = desk.find({"q": "best biriyani near me", "near": "12.978,77.641", "open": "yes"})[
        "found"
    ]
    assert len(found) == 10 and all(each["metres"] < 7_000 for each in found)
    assert all("Biryani" in each["cuisines"] or "iryani" in each["name"] for each in found)
    assert [each["score"] for each in found] == sorted((e["score"] for e in found), reverse=True)


def kit(*words):
    command = [sys.executable, "-m", "chapters.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_searches_a_made_up_city_and_a_file(tmp_path):
    path = tmp_path / "some.csv"
    path.write_text(
        "name,cuisines,lat,lon,rating,votes\n"
        "Biryani Hub,Biryani,12.97,77.59,4.4,120\nNowhere,Biryani,91,77.59,4.9,900\n"
    )
    done = kit("zomato", "search", "biriyani", "--csv", path, "--at", "12:30", "--json")
    facts = json.loads(done.stdout)
    assert [each["name"] for each in facts["found"]] == ["Biryani Hub"]
    assert (facts["file"]["rows"], facts["file"]["refused"]) == (2, 1)
    shown = kit("zomato", "search", "masala dosa", "--restaurants", 300, "--at", "2026-11-27T12:30")
    assert shown.returncode == 0 and "searched for: masala dosa" in shown.stdout
    bad = kit("zomato", "search", "dosa", "--near", "91,77")
    assert bad.returncode == 2 and "latitude is 91.0" in bad.stderr
    missing = kit("zomato", "search", "dosa", "--csv", tmp_path / "none.csv")
    assert missing.returncode == 2 and "No such file" in missing.stderr
