"""The town as a whole: the story, the faults, the watched day, HTTP, and a browser that orders."""

import json
import subprocess
import sys
import urllib.request
from random import Random
from threading import Lock

import pytest

from chapters.errors import Refused
from tests.waiting import until
from zomato import story
from zomato.app import Settings, day
from zomato.breaking import FAULTS
from zomato.days import Days
from zomato.dispatch.day import Day
from zomato.dispatch.rolling import Rolling
from zomato.live import Live
from zomato.scene.imagined import imagined
from zomato.wire import create

SETTINGS = Settings("", 60, 20, "rolling", 7)


@pytest.mark.parametrize("name", FAULTS)
def test_every_promise_is_kept(name):
    outcome = FAULTS[name].run()
    assert outcome.held, outcome


def test_the_trace_goes_from_the_tap_to_the_door_and_is_the_same_each_time():
    one, other = story.trace(seed=7), story.trace(seed=7)
    names = [each.name for each in one.spans]
    assert names[0] == "Place Order is tapped" and names[-1] == "at the door"
    assert names.count("a better plan") >= 2 and names.count("a rider is sent") == 1
    assert [each.start_ns for each in one.spans] == [each.start_ns for each in other.spans]


def test_the_tour_compares_three_ways():
    told = []

    class Report:
        def __call__(self, line=""):
            told.append(line)

        def trace(self, trace):
            told.append(trace)

    story.tour(Report())
    assert [line.split()[0] for line in told[-3:]] == ["greedy", "matching", "rolling"]


def test_capacity_is_as_the_page_says():
    rows = {row.name: row.value for row in story.capacity().evaluate()}
    assert 28 < rows["orders"] < 30


# A day that is watched --------------------------------------------------------------------------


@pytest.fixture
def live():
    return Live(Day(imagined(Random(3), orders=60, riders=20), Rolling(rng=Random(1), rounds=3)))


def test_an_order_is_planned_sent_carried_and_delivered(live):
    live.pass_to(20 * 60)
    restaurant = live.places()["restaurants"][0]
    id = live.place(restaurant["id"], restaurant["x"] + 500, restaurant["y"])
    states, minute = [], live.minute
    while not states or states[-1] != "delivered":
        minute += 0.5
        live.pass_to(minute)
        found = live.order(id)
        if found["state"] not in states:
            states.append(found["state"])
        assert minute < 23 * 60
    expected = ["waiting", "planned", "sent", "fetched", "on the way to you", "delivered"]
    assert [each for each in expected if each in states] == states and "planned" in states
    assert found["door"] <= minute and found["rider"] == found["planned"][-1][1]


def test_riders_are_where_their_rides_say(live):
    live.pass_to(13 * 60)
    shown = live.shown()
    assert shown["minute"] == 13 * 60 and shown["riders"] and not shown["is_over"]
    for rider in shown["riders"]:
        for one, other in zip(rider["rides"], rider["rides"][1:], strict=False):
            assert one[4:6] == other[2:4] and one[1] <= other[0]


def test_a_lost_rider_is_gone_and_the_orders_wait_again(live):
    minute = live.minute

    def under_way():
        riders = live.shown()["riders"]
        return [each for each in riders if each["rides"] and each["rides"][-1][1] > live.minute]

    while not (busy := under_way()):
        minute += 1
        live.pass_to(minute)
    again = live.lose(busy[0]["id"])
    shown = live.shown()
    assert again and busy[0]["id"] in shown["gone"]
    assert set(again) <= {each["id"] for each in shown["open"]}
    assert busy[0]["id"] not in {each["id"] for each in shown["riders"]}
    with pytest.raises(Refused, match="there is no rider"):
        live.lose(busy[0]["id"])


def test_the_day_ends_and_takes_no_more_orders(live):
    live.pass_to(25 * 60)
    live.pass_to(26 * 60)
    assert live.is_over and live.shown()["delivered"] > 50
    with pytest.raises(Refused, match="the day is over"):
        live.place("r1", 0, 0)


@pytest.fixture
def client():
    days = Days(lambda number: day(SETTINGS, number), Lock(), Live(day(SETTINGS, 0)))
    return create(days).test_client()


@pytest.mark.parametrize(
    ("path", "facts", "status", "said"),
    [
        ("/api/orders", {"restaurant": "r0", "x": 1, "y": 1}, 404, "there is no restaurant 'r0'"),
        (
            "/api/orders",
            {"restaurant": 7, "x": 1, "y": 1},
            400,
            "restaurant is 7; it must be an id",
        ),
        (
            "/api/orders",
            {"restaurant": "r1", "x": "a", "y": 1},
            400,
            "x is 'a'; it must be a number",
        ),
        ("/api/orders", {"restaurant": "r1", "x": 1, "y": 1e9}, 400, "y is 1000000000.0"),
        ("/api/orders", {"restaurant": "r1", "x": True, "y": 1}, 400, "x is True"),
        ("/api/orders", [], 400, "post a JSON object"),
        ("/api/speed", {"minutes_a_second": -1}, 400, "must be a number, 0 to 60"),
        ("/api/speed", {}, 400, "minutes_a_second is None"),
        ("/api/lose", {"rider": "c999"}, 404, "there is no rider 'c999'"),
    ],
)
def test_a_bad_call_is_refused_in_one_line(client, path, facts, status, said):
    answer = client.post(path, json=facts)
    assert answer.status_code == status and said in answer.get_json()["error"]


def test_orders_are_taken_up_to_a_bound_and_another_day_begins_anew(client):
    for _ in range(200):
        assert (
            client.post("/api/orders", json={"restaurant": "r1", "x": 1, "y": 1}).status_code == 200
        )
    full = client.post("/api/orders", json={"restaurant": "r1", "x": 1, "y": 1})
    assert full.status_code == 429 and "200 orders" in full.get_json()["error"]
    assert client.get("/api/orders/you-200").get_json()["state"] == "waiting"
    assert client.get("/api/orders/you-201").status_code == 404
    assert client.post("/api/day", json={}).get_json() == {"number": 1}
    assert client.get("/api/orders/you-1").status_code == 404
    assert client.get("/api/now").get_json()["speed"] == 1.0
    page = client.get("/")
    assert (
        page.status_code == 200 and "default-src 'self'" in page.headers["Content-Security-Policy"]
    )


def test_time_passes_by_its_factor():
    days = Days(lambda number: day(SETTINGS, number), Lock(), Live(day(SETTINGS, 0)), speed=5)
    before = days.live.minute
    days.pass_s(2)
    assert days.live.minute == before + 10
    days.speed = 0
    days.pass_s(100)
    assert days.live.minute == before + 10


# A browser --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_order_from_the_map_arrives_at_the_door_though_riders_are_lost(served, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    problems, hosts = [], set()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(served)
    until(lambda: page.evaluate("kitTown.now.riders.length"))
    page.click("[data-speed='20']")
    until(lambda: page.evaluate("kitTown.now.minute > 12 * 60"))
    page.click("[data-speed='5']")
    town = json.loads(urllib.request.urlopen(f"{served}/api/town").read())
    restaurant = town["restaurants"][0]
    x, y = page.evaluate(f"kitTown.pixel({restaurant['x']}, {restaurant['y']})")
    page.click("#map", position={"x": x, "y": y})
    until(lambda: "Now click where you live" in page.inner_text("#hint"))
    page.click("#map", position={"x": x + 40, "y": y + 30})
    until(lambda: "Place Order was tapped" in page.inner_text("#steps"))
    until(lambda: page.locator("#plans button").count())
    page.locator("#plans button").first.click()
    until(lambda: page.evaluate("kitTown.now.gone.length"))
    until(lambda: page.evaluate("kitTown.own.state") == "delivered")
    assert "was at your door" in page.inner_text("#steps") and not problems
    name, port = served.removeprefix("http://").split(":")
    assert hosts == {f"{name}:{port}", f"{name}:{int(port) + 1}"}
    page.close()


def test_the_command_dispatches_writes_and_judges(tmp_path):
    from tests.zomato.dispatch.test_dispatch import SMALL

    for name, text in SMALL.items():
        (tmp_path / name).write_text(text)

    def kit(*words):
        command = [sys.executable, "-m", "chapters.cli", *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    out = tmp_path / "out"
    done = kit("run", "zomato/dispatch", tmp_path, "--out", out, "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["delivered"] == 1
    judged = json.loads(kit("zomato", "check", tmp_path, out, "--json").stdout)
    assert judged == {"allowed": True, "broken": []}
    path = out / "solution_info_orders.txt"
    path.write_text(path.read_text().replace(" 25 c1", " 24 c1"))
    told = kit("zomato", "check", tmp_path, out)
    assert told.returncode == 1 and "is at o1 too short before 24" in told.stdout
    missing = kit("zomato", "dispatch", tmp_path / "nowhere")
    assert missing.returncode == 2 and "No such file" in missing.stderr
    unknown = kit("zomato", "dispatch", tmp_path, "--policy", "fast")
    assert unknown.returncode == 2 and "there are greedy, matching, rolling" in unknown.stderr
