"""The town as a whole: the story, the faults, the watched day, HTTP, and a browser that orders."""

import json
import subprocess
import sys
from random import Random
from threading import Lock

import pytest

from chapters.errors import Refused
from chapters.transaction import BadAddress
from tests.ports import free_ports
from tests.waiting import until
from tests.zomato.buying import at_noon, fill_a_cart
from zomato import story
from zomato.app import Settings, serve, tasted, town
from zomato.breaking import FAULTS
from zomato.catalog.facts import Priced
from zomato.days import Days
from zomato.dispatch.day import Day
from zomato.dispatch.rolling import Rolling
from zomato.live import Live
from zomato.scene.imagined import imagined
from zomato.wire import create

SETTINGS = Settings("", 60, 20, "rolling", 7)


@pytest.mark.parametrize("name", sorted(FAULTS.keys() - {"mistakes"}))  # which has tests of its own
def test_every_promise_is_kept(name):
    outcome = FAULTS[name].run()
    assert outcome.held, outcome


def test_the_trace_goes_from_the_tap_to_the_door_and_is_the_same_each_time():
    one, other = story.trace(seed=7), story.trace(seed=7)
    names = [each.name for each in one.spans]
    assert names[0] == "Place Order is tapped" and names[-2:] == ["at the door", "the books sum to"]
    assert names.count("authorise!") == 2 and names.count("authorise: done") == 1
    assert one.spans[-1].attributes == {"all": "₹0.00", "differences": 0}
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
            assert one[2][-1] == other[2][0] and one[1] <= other[0]


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


def place_of(shop, **more):
    """A cart with the first two dishes of the first restaurant."""
    own = next(iter(shop.menus.catalog))
    lines = [{"dish": each.id, "quantity": 1, "price": each.price_paise} for each in own.menu[:2]]
    where = shop.live.places()["restaurants"][0]
    at = {"x": where["x"] + 500, "y": where["y"]}
    return {"key": "k", "restaurant": own.id, "lines": lines, **at, **more}


def until_over(shop, id):
    states = []
    while not states or states[-1] not in ("delivered", "given up", "cancelled"):
        shop.pass_to(shop.minute + 0.5)
        state = shop.order(id)["state"]
        states += [state] if states[-1:] != [state] else []
        assert shop.minute < 24 * 60, states
    shop.pass_to(shop.minute + 5)
    return states


@pytest.fixture
def shop():
    found = town(SETTINGS, 0)
    found.pass_to(12 * 60)
    return found


def test_an_order_comes_though_the_gateway_is_rude_and_the_order_process_is_killed(shop):
    shop.break_gateway(False, 0.6)
    id = shop.place(place_of(shop, coupon="HUNGRY"))["id"]
    shop.pass_to(shop.minute + 0.2)
    shop.kill()
    with pytest.raises(Refused, match="the order process is dead") as error:
        shop.place(place_of(shop, key="other"))
    assert error.value.status == 503
    states = until_over(shop, id)
    assert states[-1] == "delivered" and "on the way to you" in states
    money = shop.money()
    assert money["sum"] == "₹0.00" and money["differ"] == [] and money["runs"]


def test_an_order_that_nobody_could_pay_for_is_cancelled_in_the_end(shop):
    shop.break_gateway(True, 0.0)
    id = shop.place(place_of(shop))["id"]
    shop.pass_to(shop.minute + 30)
    assert shop.order(id)["state"] == "placed"
    shop.break_gateway(False, 0.0)
    shop.cancel(id)
    assert until_over(shop, id) == ["cancelled"]
    assert shop.order(id)["why"] == "you changed your mind"


def test_a_lost_rider_with_food_is_replaced_and_the_books_name_the_one_who_came(shop):
    id = shop.place(place_of(shop))["id"]
    while shop.order(id)["state"] != "on the way to you":
        shop.pass_to(shop.minute + 0.5)
    shop.pass_to(shop.minute + 1)  # it is noted who has it
    lost = shop.order(id)["rider"]
    shop.live.lose(lost)
    assert until_over(shop, id)[-1] == "delivered"
    came = shop.order(id)["rider"]
    assert came != lost and shop.ledger.balance(f"rider/{came}") > 0
    assert shop.service.orders.order(id).trip == 1


def test_a_price_that_changes_under_a_cart_is_said_and_the_search_hears_of_it_later(shop):
    cart = place_of(shop)
    own = shop.menus.catalog.restaurant(cart["restaurant"])
    dearer = own.menu[0].price_paise + 5_00
    shop.menus.catalog.apply(Priced(own.id, own.menu[0].id, dearer), shop.menus.now_ns())
    for ask in (shop.quote, shop.place):
        with pytest.raises(Refused, match="confirm the new price") as error:
            ask(cart)
        assert error.value.status == 409
    assert shop.menus.desk.find({"q": own.name})["stamp"]["behind"] == 1
    shop.pass_to(shop.minute + 12)
    assert shop.menus.desk.find({"q": own.name})["stamp"]["behind_s"] < 600
    cart["lines"][0]["price"] = dearer
    assert shop.place(cart)["total"] > 0


def test_kitchens_change_prices_in_the_course_of_a_day(shop):
    before = shop.menus.catalog.last
    shop.pass_to(18 * 60)
    assert shop.menus.catalog.last > before


def test_a_quote_is_what_is_paid_and_takes_no_coupon(shop):
    cart = place_of(shop, coupon="HUNGRY")
    quotes = [shop.quote(cart)["total"] for _ in range(30)]  # more than there are coupons
    assert set(quotes) == {shop.place(cart)["total"]}


def test_a_database_in_a_file_keeps_the_orders(tmp_path, monkeypatch):
    monkeypatch.setenv("KIT_DATABASE", f"sqlite:///{tmp_path / 'kit.db'}")
    one = town(SETTINGS, 0)
    one.pass_to(12 * 60)
    id = one.place(place_of(one))["id"]
    other = town(SETTINGS, 0)
    assert other.order(id)["state"] == one.order(id)["state"]
    one.database.close()
    other.database.close()


@pytest.fixture
def client():
    days = Days(lambda number: town(SETTINGS, number), Lock(), town(SETTINGS, 0))
    days.shop.pass_to(12 * 60)
    return create(days, lambda: tasted(7)).test_client()


LINE = {"dish": "d", "quantity": 1, "price": 1}
CART = {"key": "k", "restaurant": "r1", "lines": [LINE], "x": 1, "y": 1}


@pytest.mark.parametrize(
    ("path", "facts", "status", "said"),
    [
        ("/api/orders", CART | {"restaurant": "r0"}, 404, "there is no restaurant 'r0'"),
        ("/api/orders", CART | {"restaurant": 7}, 404, "there is no restaurant 7"),
        ("/api/orders", CART | {"key": None}, 400, "key is None; make up a word"),
        ("/api/orders", CART | {"key": ""}, 400, "r1 has no dish 'd'"),
        ("/api/orders", CART | {"lines": []}, 400, "lines is []"),
        ("/api/orders", CART | {"x": "a"}, 400, "x is 'a'; it must be metres"),
        ("/api/orders", CART | {"y": 1e9}, 400, "y is 1000000000.0"),
        ("/api/orders", CART | {"x": True}, 400, "x is True"),
        ("/api/orders", CART, 400, "r1 has no dish 'd'"),
        ("/api/orders", [], 400, "post a JSON object"),
        ("/api/quote", CART | {"coupon": 7}, 400, "coupon is 7"),
        ("/api/orders/nope/cancel", {}, 404, "there is no order 'nope'"),
        ("/api/orders/nope/missing", {"dish": "d"}, 404, "there is no order 'nope'"),
        ("/api/gateway", {"down": 1}, 400, "down is 1; it must be true or false"),
        ("/api/gateway", {"rudeness": 2}, 400, "rudeness is 2; it must be a number, 0 to 0.9"),
        ("/api/speed", {"minutes_a_second": -1}, 400, "must be a number, 0 to 60"),
        ("/api/speed", {}, 400, "minutes_a_second is None"),
        ("/api/lose", {"rider": "c999"}, 404, "there is no rider 'c999'"),
    ],
)
def test_a_bad_call_is_refused_in_one_line(client, path, facts, status, said):
    answer = client.post(path, json=facts)
    assert answer.status_code == status and said in answer.get_json()["error"]


def test_discovery_is_mounted_with_the_restaurants_of_the_day(client):
    places = {
        each["id"]: each["name"] for each in client.get("/api/town").get_json()["restaurants"]
    }
    found = client.get("/api/search?q=biryani&count=3").get_json()["found"]
    assert found and all(places[each["id"]] == each["name"] for each in found)
    menu = client.get(f"/api/restaurants/{found[0]['id']}").get_json()["menu"]
    assert menu and all(each["price_paise"] > 0 for each in menu)
    assert client.get("/api/search?near=91,0").status_code == 400
    assert client.get("/api/restaurants/r0").status_code == 404
    assert client.get("/api/suggest?q=bir").get_json()["suggestions"]


def test_what_one_feels_like_is_a_search_of_the_day(client):
    found = client.get("/api/home?customer=17&at=fri+20:00").get_json()["restaurants"]
    cuisines = {each["cuisine"] for each in found}
    assert len(cuisines) > 2 and all(each["why"] for each in found)
    hits = [client.get(f"/api/search?q={each}").get_json()["found"] for each in cuisines]
    assert sum(bool(each) for each in hits) > len(hits) / 2
    assert client.get("/api/home?customer=17&at=never").status_code == 400


def test_orders_are_taken_up_to_a_bound_and_another_day_begins_anew(client):
    own = client.get("/api/restaurants/r1").get_json()["menu"][0]
    line = {"dish": own["id"], "quantity": 1, "price": own["price_paise"]}
    ids = []
    for number in range(200):
        answer = client.post("/api/orders", json=CART | {"key": f"k{number}", "lines": [line]})
        assert answer.status_code == 200, answer.get_json()
        ids.append(answer.get_json()["id"])
    full = client.post("/api/orders", json=CART | {"key": "more", "lines": [line]})
    assert full.status_code == 429 and "200 orders" in full.get_json()["error"]
    assert client.get(f"/api/orders/{ids[-1]}").get_json()["state"] == "placed"
    assert client.post("/api/day", json={}).get_json() == {"number": 1}
    assert client.get(f"/api/orders/{ids[0]}").status_code == 404
    assert client.get("/api/now").get_json()["speed"] == 1.0
    page = client.get("/")
    assert (
        page.status_code == 200 and "default-src 'self'" in page.headers["Content-Security-Policy"]
    )


def test_time_passes_by_its_factor():
    days = Days(lambda number: town(SETTINGS, number), Lock(), town(SETTINGS, 0), speed=5)
    before = days.shop.minute
    days.pass_s(2)
    assert days.shop.minute == before + 10
    days.speed = 0
    days.pass_s(100)
    assert days.shop.minute == before + 10


# A browser --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_order_from_the_page_arrives_while_the_gateway_flakes_and_the_books_balance(
    served, browser
):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    problems = at_noon(page, served)
    page.click("[data-mood='rude']")
    fill_a_cart(page)
    page.fill("#coupon", "HUNGRY")
    page.press("#coupon", "Tab")
    until(lambda: "coupon" in page.inner_text("#bill"))
    page.click("#place")
    page.click("#kill")
    until(lambda: "Place Order was tapped" in page.inner_text("#steps"))
    page.click("[data-speed='5']")
    until(lambda: page.locator("#plans button").count())
    page.locator("#plans button").first.click()
    until(lambda: page.evaluate("kitTown.now.gone.length"))
    until(lambda: page.evaluate("kitTown.mine.order.state") == "delivered")
    assert "was at your door" in page.inner_text("#steps") and not problems
    page.click("[data-mood='fine']")
    until(lambda: "our books agree" in page.inner_text("#statement"))
    assert "all of it" in page.inner_text("#books") and page.inner_text("#books").endswith("₹0.00")
    page.click("#missing")
    until(lambda: "will come back" in page.inner_text("#hint"))
    name, port = served.removeprefix("http://").split(":")
    assert hosts == {f"{name}:{port}", f"{name}:{int(port) + 1}"}
    page.close()


def test_a_database_that_is_not_there_is_said_before_anything_is_started(monkeypatch):
    monkeypatch.setenv("KIT_DATABASE", "mysql://somewhere")
    with pytest.raises(BadAddress, match="mysql is not spoken here"):
        serve(port=free_ports(1))


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
