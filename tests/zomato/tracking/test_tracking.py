"""Following an order: what the town tells, what a gateway makes of it, and real connections to one."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections import deque
from contextlib import suppress
from random import Random
from threading import Lock

import pytest

from chapters.errors import Refused
from chapters.fanout import Hub
from tests.waiting import until
from tests.zomato.buying import at_noon, fill_a_cart
from zomato.bench.wire import GATEWAY
from zomato.breaking import tracking
from zomato.days import Days
from zomato.dispatch.day import Day
from zomato.dispatch.rolling import Rolling
from zomato.live import Live
from zomato.scene.imagined import imagined
from zomato.tracking import wire
from zomato.tracking.app import GATEWAYS_MAX, Outlet
from zomato.tracking.errors import BadFact
from zomato.tracking.facts import BEGIN, READY, STATE, Fact, fact_of, json_of
from zomato.tracking.relay import Relay, encoded
from zomato.tracking.request import HEAD_BYTES_MAX, ORDER_CHARS_MAX, Asked, asked
from zomato.tracking.teller import Teller, lines, where
from zomato.tracking.wire import ASKING_MAX, Gateway, Session, serve

PAGE = 9400


def state(number, word="planned", order="o1", life="a", forgotten=0):
    return Fact(order, life, number, STATE, json_of({"state": word}), forgotten)


def position(number, x, order="o1", life="a"):
    return Fact(order, life, number, "position", json_of({"x": x}), 0)


# What the town tells ----------------------------------------------------------------------------


def a_day():
    return Live(Day(imagined(Random(3), orders=60, riders=20), Rolling(rng=Random(1), rounds=3)))


@pytest.fixture
def live():
    found = a_day()
    found.pass_to(20 * 60)
    return found


def told_until_it_is_delivered(live, teller):
    restaurant = live.places()["restaurants"][0]
    id = live.place(restaurant["id"], restaurant["x"] + 500, restaurant["y"])
    facts, minute = [], live.minute
    while live.order(id)["state"] != "delivered":
        minute += 0.25
        live.pass_to(minute)
        facts += teller.news(live)
        assert minute < 23 * 60
    return facts + teller.news(live)


def test_every_state_is_told_once_and_in_order_and_where_the_rider_is_while_it_matters(live):
    teller = Teller("a")
    facts = told_until_it_is_delivered(live, teller)
    words = [json.loads(each.data)["state"] for each in facts if each.kind == STATE]
    assert words[-1] == "delivered" and words.count("delivered") == words.count("fetched") == 1
    assert [each.number for each in facts] == list(range(1, len(facts) + 1))
    kinds = [each.kind for each in facts]
    first = next(
        place
        for place, each in enumerate(facts)
        if json.loads(each.data).get("state") in ("sent", "fetched")
    )
    assert "position" not in kinds[:first] and kinds.count("position") > 5
    assert not teller.news(live)


def test_who_knows_nothing_is_told_all_changes_and_the_newest_values(live):
    teller = Teller("a")
    facts = told_until_it_is_delivered(live, teller)
    first, *told, last = teller.everything().splitlines(keepends=True)
    assert (first, last) == (BEGIN, READY)
    known = [fact_of(each) for each in told]
    assert [each for each in known if each.kind == STATE] == [
        fact_of(each.line()) for each in facts if each.kind == STATE
    ]
    assert len([each for each in known if each.kind == "position"]) == 1
    assert [each.number for each in known] == sorted(each.number for each in known)


def test_a_told_plan_does_not_change_with_the_day(live):
    teller = Teller("a")
    facts = told_until_it_is_delivered(live, teller)
    plans = [len(json.loads(each.data)["planned"]) for each in facts if each.kind == STATE]
    assert plans == sorted(plans) and plans[0] <= 1 <= plans[-1]


def test_changes_that_are_too_many_are_forgotten_and_it_is_said_which(live, monkeypatch):
    monkeypatch.setattr("zomato.tracking.teller.KEPT", 2)
    teller = Teller("a")
    facts = [each for each in told_until_it_is_delivered(live, teller) if each.kind == STATE]
    known = [fact_of(each) for each in teller.everything().splitlines(keepends=True)[1:-1]]
    kept = [each.number for each in known if each.kind == STATE]
    assert len(facts) > 2 and kept == [each.number for each in facts[-2:]]
    assert teller.news(live) == [] and facts[-1].forgotten < kept[0]


@pytest.mark.parametrize(
    ("minute", "at"),
    [(-1, (0, 0)), (5, (50, 0)), (10.5, (100, 0)), (16, (100, 40)), (99, (100, 80))],
)
def test_a_rider_is_where_the_rides_say(minute, at):
    rides = [(0, 10, [(0, 0), (40, 0), (100, 0)], 0), (12, 20, [(100, 0), (100, 80)], 1)]
    assert where(rides, minute) == at


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"hello\n", "the town said b'hello"),
        (b"{}\n", "which is no fact of an order"),
        (state(1).line()[:-2], "which is no fact"),
        (state(1).line().replace(b" 1 ", b" one "), "which is no fact"),
        (state(1).line().replace(b" 1 ", b" " + b"1" * 400 + b" "), "which is no fact"),
        (state(1).line().replace(b"o1", b"o 1"), "which is no fact"),
        (state(1).line().replace(b'{"state":"planned"}', b"3"), "which is no fact"),
    ],
)
def test_what_is_no_fact_is_refused(line, said):
    with pytest.raises(BadFact, match=said):
        fact_of(line)


# What a gateway makes of it ---------------------------------------------------------------------


class Line:
    def __init__(self):
        self.taken = b""

    def send(self, chunk):
        self.taken += chunk
        return True

    def events(self):
        return [line[7:].decode() for line in self.taken.splitlines() if line[:6] == b"event:"]


def test_a_change_has_an_id_and_a_value_has_none():
    assert encoded("state", b'{"x":1}', "a-7") == b'id: a-7\nevent: state\ndata: {"x":1}\n\n'
    assert (
        encoded("position", json_of({"t": "a\nb"})) == b'event: position\ndata: {"t":"a\\nb"}\n\n'
    )


def test_what_a_gateway_knows_is_not_published_again_after_a_new_beginning():
    hub, line = Hub(), Line()
    relay = Relay(hub)
    for fact in (state(1), position(2, 10), state(3, "sent")):
        relay.hear(fact)
    hub.join("o1", line, "a-1")
    relay.begin()
    for fact in (state(1), state(3, "sent"), position(4, 20)):
        relay.hear(fact)
    assert relay.ready() == []
    assert line.events() == ["position", "state", "position"]


def test_orders_that_are_no_more_are_closed_when_everything_is_told():
    hub, line = Hub(), Line()
    relay = Relay(hub)
    assert not relay.is_ready
    relay.hear(state(1))
    relay.hear(state(1, order="o2"))
    reader = hub.join("o1", line)
    relay.begin()
    relay.hear(state(1, order="o2"))
    assert relay.ready() == [reader] and hub.names == ["o2"] and relay.is_ready


def test_the_same_name_on_another_day_begins_anew():
    hub, line = Hub(), Line()
    relay = Relay(hub)
    for number in (1, 2, 3):
        relay.hear(state(number))
    hub.join("o1", line, "a-3")
    relay.hear(state(1, "waiting", life="b"))
    assert line.events() == ["snapshot"] and b"id: b-1\n" in line.taken


def test_a_gap_in_what_the_town_still_knows_is_told_with_a_snapshot():
    hub, line = Hub(), Line()
    relay = Relay(hub)
    relay.hear(state(1))
    hub.join("o1", line, "a-1")
    relay.begin()
    relay.hear(state(50, "sent", forgotten=49))
    relay.ready()
    assert line.events() == ["snapshot"] and b"id: a-50\n" in line.taken


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("GET /orders/you-1/events HTTP/1.1", Asked("you-1", "", "")),
        ("GET /orders/you-1/events?last_event_id=a-3 HTTP/1.1", Asked("you-1", "a-3", "")),
        ("GET /orders/you-1/events HTTP/1.1\r\nlast-event-id:  a-4 ", Asked("you-1", "a-4", "")),
        ("GET /orders/a%20b/events HTTP/1.0", Asked("a b", "", "")),
        ("GET /_/status HTTP/1.1", Asked("", "", "")),
        (
            "GET /orders/o/events HTTP/1.1\r\nHost: localhost:9401\r\nOrigin: http://localhost:9400",
            Asked("o", "", "http://localhost:9400"),
        ),
        (
            "GET /orders/o/events HTTP/1.1\r\nHost: [::1]:9401\r\nOrigin: http://[::1]:9400",
            Asked("o", "", "http://[::1]:9400"),
        ),
        (
            "GET /orders/o/events HTTP/1.1\r\nHost: localhost:9401\r\nOrigin: http://evil.example:9400",
            Asked("o", "", ""),
        ),
        (
            "GET /orders/o/events HTTP/1.1\r\nHost: x\nA: b\r\nOrigin: http://x\nA: b:9400",
            Asked("o", "", ""),
        ),
        (
            "GET /orders/o/events HTTP/1.1\r\nHost: localhost:9401\r\nOrigin: http://localhost:8080",
            Asked("o", "", ""),
        ),
    ],
)
def test_a_request_names_an_order_a_place_and_an_origin(head, found):
    assert asked(head.encode(), PAGE) == found


@pytest.mark.parametrize(
    ("head", "status", "said"),
    [
        ("hello", 400, "'hello' is no request of HTTP/1.1"),
        ("GET /orders/o/events SPDY/3", 400, "is no request"),
        ("POST /orders/o/events HTTP/1.1", 405, "'POST' is no way to follow an order; use GET"),
        ("GET / HTTP/1.1", 404, "there is nothing at '/'"),
        ("GET /orders//events HTTP/1.1", 404, "GET /orders/<id>/events"),
        (f"GET /orders/{'o' * (ORDER_CHARS_MAX + 1)}/events HTTP/1.1", 404, "there is nothing at"),
    ],
)
def test_what_is_no_request_is_refused_in_one_line(head, status, said):
    with pytest.raises(Refused, match=said) as refused:
        asked(head.encode(), PAGE)
    assert refused.value.status == status


# Real connections -------------------------------------------------------------------------------


class Town:
    """A town's end, with whatever facts it is given."""

    def __init__(self, folder):
        self.path = f"{folder}/town"
        self.outlet = Outlet(self.path, "run")
        self.facts = []

    def tell(self, *facts):
        self.facts += facts
        self.outlet.tell(lines(facts), lambda: BEGIN + lines(self.facts) + READY)


@pytest.fixture
def town(tmp_path):
    made = Town(tmp_path)
    yield made
    made.outlet.close()


def served(town, story, sessions_max=50):
    """Run `story(port, gateway)` beside a gateway in the same event loop."""

    async def run():
        gateway = Gateway(PAGE, sessions_max)
        port = asyncio.get_running_loop().create_future()
        server = asyncio.create_task(serve(gateway, "127.0.0.1", 0, town.path, port.set_result))
        async with asyncio.timeout(30):
            opened = await port
            while not gateway.status()["ready"]:
                town.tell()
                await asyncio.sleep(0.01)
            await story(opened, gateway)
        server.cancel()
        await asyncio.gather(server, return_exceptions=True)

    asyncio.run(run())


async def get(port, target="/orders/o1/events", *headers):
    incoming, out = await asyncio.open_connection("127.0.0.1", port)
    out.write("\r\n".join((f"GET {target} HTTP/1.1", "Host: x", *headers, "", "")).encode())
    return incoming, out


async def read(port, target="/orders/o1/events", *headers):
    incoming, out = await get(port, target, *headers)
    text = (await incoming.read()).decode()
    out.close()
    return text


def test_a_stream_begins_with_a_snapshot_and_goes_on_and_resumes(town):
    town.tell(state(1), state(3, "sent"))

    async def story(port, gateway):
        incoming, out = await get(port)
        begun = (await incoming.readuntil(b"}\n\n")).decode()
        assert begun.startswith("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8")
        assert "id: a-3\nevent: snapshot" in begun and "Access-Control" not in begun
        town.tell(state(4, "fetched"))
        assert await incoming.readuntil(b"}\n\n") == encoded(STATE, b'{"state":"fetched"}', "a-4")
        out.close()
        origin = "Origin: http://x:9400"
        incoming, out = await get(port, "/orders/o1/events", "Last-Event-ID: a-1", origin)
        resumed = (await incoming.readuntil(b"fetched"))[-300:].decode()
        assert "a-3" in resumed and "a-4" in resumed and "snapshot" not in resumed
        assert "Access-Control-Allow-Origin: http://x:9400\r\n" in resumed
        out.close()

    served(town, story)


@pytest.mark.parametrize("last", ["a-0x", "b-3", "a-99", "-", "a-" + "1" * 300])
def test_a_place_that_is_none_gets_the_snapshot(town, last):
    town.tell(state(1), state(3, "sent"))

    async def story(port, gateway):
        incoming, out = await get(port, "/orders/o1/events", f"Last-Event-ID: {last}")
        assert b"id: a-3\nevent: snapshot" in await incoming.readuntil(b"}\n\n")
        out.close()

    served(town, story)


def test_who_has_everything_is_told_that_the_stream_is_open(town):
    town.tell(state(1))

    async def story(port, gateway):
        incoming, out = await get(port, "/orders/o1/events", "Last-Event-ID: a-1")
        assert (await incoming.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
        out.close()

    served(town, story)


def test_refusals_have_a_status_and_one_line(town, monkeypatch):
    monkeypatch.setattr(wire, "GRACE_S", 0.05)

    async def story(port, gateway):
        unknown = await read(port, "/orders/nobody/events")
        assert unknown.startswith("HTTP/1.1 404 Not Found")
        assert "there is no order 'nobody' here; place one first" in unknown
        assert (await read(port, "/favicon.ico")).startswith("HTTP/1.1 404")
        long = await read(port, "/orders/o1/events", "X: " + "y" * HEAD_BYTES_MAX)
        assert long.startswith("HTTP/1.1 431") and "the headers are over 8192 bytes" in long
        incoming, out = await asyncio.open_connection("127.0.0.1", port)
        out.write(b"POST /orders/o1/events HTTP/1.1\r\n\r\n")
        posted = (await incoming.read()).decode()
        assert posted.startswith("HTTP/1.1 405") and "Allow: GET\r\n" in posted
        out.close()

    served(town, story)


def test_an_order_may_be_asked_for_a_moment_before_the_town_tells_of_it(town):
    async def story(port, gateway):
        incoming, out = await get(port)
        await asyncio.sleep(0.05)
        town.tell(state(1))
        assert b"event: snapshot" in await incoming.readuntil(b"}\n\n")
        out.close()

    served(town, story)


def test_at_its_bound_a_gateway_says_come_back_later_and_has_room_when_somebody_leaves(town):
    town.tell(state(1))

    async def story(port, gateway):
        streams = [await get(port) for _ in range(3)]
        for incoming, _ in streams:
            await incoming.readuntil(b"}\n\n")
        full = await read(port)
        assert full.startswith("HTTP/1.1 503") and "Retry-After: 2\r\n" in full
        assert "3 readers are the most here" in full
        streams[0][1].close()
        while gateway.status()["sessions"] == 3:
            await asyncio.sleep(0.01)
        streams.append(await get(port))
        assert b"200 OK" in await streams[-1][0].readuntil(b"}\n\n")
        for _, out in streams:
            out.close()

    served(town, story, sessions_max=3)


def test_connections_that_do_not_ask_have_a_bound_too(town):
    async def story(port, gateway):
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(ASKING_MAX + 1)]
        incoming, out = await asyncio.open_connection("127.0.0.1", port)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            out.write(b"GET /_/status HTTP/1.1\r\n\r\n")
            await incoming.readexactly(1)
        for _, each in (*idle, (incoming, out)):
            each.transport.abort()

    served(town, story, sessions_max=1)


def test_who_connects_and_does_not_ask_is_cut_off(town, monkeypatch):
    monkeypatch.setattr(wire, "SWEEP_S", 0.1)

    async def story(port, gateway):
        incoming, out = await asyncio.open_connection("127.0.0.1", port)
        out.write(b"GET /orders/o1/events HTTP/1.1\r\nHost: slow")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await incoming.readexactly(1)
        out.transport.abort()

    served(town, story)


def test_a_slow_reader_gets_every_change_and_few_of_many_positions_the_last_among_them(town):
    town.tell(state(1))
    pad = "." * 500

    async def story(port, gateway):
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.setblocking(False)
        await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
        incoming, out = await asyncio.open_connection(sock=raw, limit=1024)
        out.write(b"GET /orders/o1/events HTTP/1.1\r\n\r\n")
        await incoming.readuntil(b"event: snapshot")
        out.transport.pause_reading()
        for number in range(2, 402):
            kind, data = (
                (STATE, {"state": number}) if number % 20 == 0 else ("position", {"x": number})
            )
            town.tell(Fact("o1", "a", number, kind, json_of(data | {"pad": pad})))
            await asyncio.sleep(0)
        while town.facts[-1].number != 401 or not _has_heard(gateway, 401):
            await asyncio.sleep(0.01)
        town.tell(state(402, "last"))
        out.transport.resume_reading()
        text = b""
        while b'"last"' not in text:
            text += await incoming.read(4096)
        states = [int(line[6:]) for line in text.decode().split("\n") if line.startswith("id: a-")]
        assert states == [*range(20, 401, 20), 402]
        assert text.count(b"event: position") < 100 and b'"x":401' in text
        out.close()

    served(town, story)


def _has_heard(gateway, number):
    return gateway._hub._found("o1").newest >= number


def test_who_takes_nothing_sweep_after_sweep_is_cut_off(town, monkeypatch):
    monkeypatch.setattr(wire, "SWEEP_S", 0.1)
    town.tell(state(1))

    async def story(port, gateway):
        incoming, out = await get(port)
        assert b": still here\n\n" in await incoming.readuntil(b": still here\n\n")
        out.transport.pause_reading()
        number = 1
        while not gateway.cut_off:
            number += 1
            town.tell(Fact("o1", "a", number, STATE, b'{"pad":"%b"}' % (b"." * 20_000)))
            await asyncio.sleep(0.01)
        while gateway.status()["sessions"]:
            await asyncio.sleep(0.01)
        out.transport.abort()

    served(town, story)


def test_a_gateway_goes_on_when_the_town_talks_nonsense_or_comes_back(town):
    town.tell(state(1))

    async def story(port, gateway):
        incoming, out = await get(port)
        await incoming.readuntil(b"}\n\n")
        town.outlet.tell(b"nonsense\n", lambda: b"")
        for number in (2, 3):
            town.facts.append(state(number, f"word {number}"))
        text = b""
        while b"word 3" not in text:
            town.tell()
            with suppress(TimeoutError):
                text += await asyncio.wait_for(incoming.read(4096), 0.05)
        assert text.count(b"event: state") == 2 and b"snapshot" not in text
        out.close()

    served(town, story)


def test_another_day_ends_the_streams_of_yesterday(town):
    days = Days(lambda number: a_day(), Lock(), a_day())
    days.shop.pass_to(20 * 60)
    restaurant = days.shop.places()["restaurants"][0]
    order = days.shop.place(restaurant["id"], restaurant["x"], restaurant["y"])

    async def story(port, gateway):
        while not gateway.status()["orders"]:
            town.outlet.tell_of(days)
            await asyncio.sleep(0.01)
        incoming, out = await get(port, f"/orders/{order}/events")
        assert b'"id":"you-1"' in await incoming.readuntil(b"}\n\n")
        days.begin_another()
        town.outlet.tell_of(days)
        await incoming.read()
        assert gateway.status()["orders"] == 0
        out.close()

    served(town, story)


def test_a_town_has_room_for_so_many_gateways(town):
    lines_in = [socket.socket(socket.AF_UNIX) for _ in range(GATEWAYS_MAX + 1)]
    for each in lines_in:
        each.connect(town.path)
        town.tell(state(len(town.facts) + 1))
    assert lines_in[0].recv(100).startswith(BEGIN) and lines_in[-1].recv(100) == b""
    lines_in[0].close()
    town.tell(state(98))
    town.tell(state(99))
    for each in lines_in:
        each.close()
    assert town.outlet.gateways == GATEWAYS_MAX - 1


def test_a_session_costs_no_dictionary():
    assert not hasattr(Session(Gateway(PAGE, 1)), "__dict__")


# Killed -----------------------------------------------------------------------------------------


def started(town, port=0):
    command = [sys.executable, "-c", GATEWAY, town.path, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline())


def ended(process):
    process.kill()
    process.wait()
    process.stdout.close()


def test_killed_for_good_a_gateway_comes_back_and_no_change_is_missed(town):
    requests = pytest.importorskip("requests", reason="requests is not installed")
    process, port = started(town)
    url, numbers, last = f"http://127.0.0.1:{port}/orders/o1/events", [], {}
    town.tell(state(1))

    def ready():
        town.tell()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_/status") as answer:
            return json.load(answer)["orders"]

    def follow(up_to):
        with requests.get(url, stream=True, headers=last, timeout=30) as answer:
            assert answer.status_code == 200
            for line in answer.iter_lines(chunk_size=1):
                if line.startswith(b"id: "):
                    last["Last-Event-ID"] = line[4:].decode()
                    numbers.append(int(line.rpartition(b"-")[2]))
                if numbers and numbers[-1] == up_to:
                    return

    try:
        for life in range(3):
            until(ready)
            town.tell(state(10 * life + 2), position(10 * life + 3, 7))
            follow(10 * life + 2)
            ended(process)
            town.tell(state(10 * life + 4), state(10 * life + 5))
            process, _ = started(town, port)
        until(ready)
        follow(25)
    finally:
        ended(process)
    assert numbers in ([1, 2, 4, 5, 12, 14, 15, 22, 24, 25], [2, 4, 5, 12, 14, 15, 22, 24, 25])


def test_a_gateway_that_has_not_heard_the_town_asks_to_come_back(town):
    process, port = started(town)
    try:
        with pytest.raises(urllib.error.HTTPError, match="503") as error:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/orders/o1/events")
        assert error.value.headers["Retry-After"] == "2"
        error.value.close()
    finally:
        ended(process)


def test_a_part_that_is_started_alone_says_what_to_start():
    command = [sys.executable, "-m", "chapters.cli", "zomato", "track"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (
        done.returncode == 2 and "this is a part of `kit serve zomato`; start that" in done.stderr
    )


class Forgetful(tracking.Phone):
    """A phone that comes back without the id of what it had last."""

    def away(self):
        self.last = ""
        super().away()


class Brief(Teller):
    """A town that tells a new gateway how orders stand, and not how they came to it."""

    def everything(self):
        for told in self._told.values():
            told.changes = deque(list(told.changes)[-1:])
        return super().everything()


@pytest.mark.parametrize(("part", "broken"), [("Phone", Forgetful), ("Teller", Brief)])
def test_the_promises_of_the_killed_gateway_are_not_empty(monkeypatch, part, broken):
    monkeypatch.setattr(tracking, part, broken)
    assert not tracking.gateway_killed().held


@pytest.mark.parametrize(("kills", "dead"), [(0, 3), (30, 10), (2, 40)])
def test_however_often_it_is_killed_nobody_misses_a_change(kills, dead):
    assert tracking.gateway_killed(seed=5, kills=kills, dead=dead).held


@pytest.mark.slow
def test_in_a_browser_a_killed_gateway_is_hardly_noticed(served, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    problems = at_noon(page, served)
    fill_a_cart(page)
    page.click("#place")
    until(lambda: page.inner_text("#followed") == "live")
    tracking_port = json.loads(urllib.request.urlopen(f"{served}/api/town").read())["tracking"]
    status = f"{served.rpartition(':')[0]}:{tracking_port}/_/status"
    pid = json.loads(urllib.request.urlopen(status).read())["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: page.inner_text("#followed") != "live")
    until(lambda: page.inner_text("#followed") == "live")
    assert json.loads(urllib.request.urlopen(status).read())["pid"] != pid
    page.click("[data-speed='5']")
    until(lambda: page.evaluate("kitTown.mine.order.state") == "delivered")
    id = page.evaluate("kitTown.mine.order.id")
    order = json.loads(urllib.request.urlopen(f"{served}/api/orders/{id}").read())
    steps = page.inner_text("#steps")
    assert all(rider in steps for _, rider in order["planned"]) and "was at your door" in steps
    assert not problems
    page.close()
