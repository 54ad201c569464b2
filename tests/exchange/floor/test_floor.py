"""What the page asks for, over HTTP: words read strictly, the operator's commands in the journal."""

from itertools import islice

import pytest

from chapters.sim import Chance, SimDisk, VirtualClock
from exchange.app import Exchange
from exchange.bench.latency import SHARES, stick
from exchange.control import Block, Phase, SetPhase, Why
from exchange.floor import figures
from exchange.floor.heat import COLUMN_NS
from exchange.floor.house import Mood, trade
from exchange.orders import CancelAll
from exchange.sequencer import Sequencer
from exchange.wire import create

ORDER = {"client_id": "a", "symbol": "ACME", "side": "buy", "quantity": 10, "price": "10.05"}


class Desk:
    """An exchange on a simulated disk, and HTTP in front of it."""

    def __init__(self, mood=None):
        self.clock = VirtualClock()
        disk = SimDisk(rng=Chance(1).stream("disk"), clock=self.clock)
        self.exchange = Exchange(Sequencer(clock=self.clock, disk=disk, symbols=["ACME"]))
        self.client = create(self.exchange, events_port=1, mood=mood).test_client()

    def post(self, path, **body):
        return self.client.post(path, json=body)

    def get(self, path):
        return self.client.get(path).json


@pytest.fixture
def desk():
    made = Desk(Mood("calm"))
    yield made
    made.exchange.close()


def test_an_account_s_orders_are_told_and_taken_back(desk):
    desk.post("/api/orders", account=7, **ORDER)
    desk.post("/api/orders", account=8, **ORDER | {"side": "sell", "quantity": 4})
    (order,) = desk.get("/api/accounts/7/orders?symbol=ACME")["orders"]
    assert (order["state"], order["open"], order["filled"]) == ("partly filled", 6, 4)
    assert (order["price"], order["side"], order["client_id"]) == ("10.05", "buy", "a")
    assert desk.client.delete("/api/accounts/7/orders?symbol=ACME").status_code == 200
    (order,) = desk.get("/api/accounts/7/orders?symbol=ACME")["orders"]
    assert (order["state"], order["reason"]) == ("canceled", "all-of-account-canceled")
    assert desk.get("/api/accounts/9/orders?symbol=ACME")["orders"] == []


def test_the_operator_s_words_become_commands_of_the_journal(desk):
    seen = []
    enter = desk.exchange.enter
    desk.exchange.enter = lambda command: seen.append(command) or enter(command)
    desk.post("/api/phase", symbol="ACME", phase="halted")
    desk.post("/api/block", symbol="ACME", account=7, is_blocked=True)
    desk.client.delete("/api/accounts/7/orders?symbol=ACME")
    assert seen == [
        SetPhase("ACME", Phase.HALTED, Why.OPERATOR),
        Block(7, "ACME", True),
        CancelAll(7, "ACME"),
    ]
    market = desk.get("/api/market/ACME")
    assert (market["phase"], market["why"], market["regime"]) == ("halted", "operator", "calm")


def test_an_auction_s_curves_and_price_are_told_while_orders_gather(desk):
    desk.post("/api/phase", symbol="ACME", phase="opening-auction")
    desk.post("/api/orders", account=7, **ORDER)
    desk.post("/api/orders", account=8, **ORDER | {"side": "sell", "quantity": 4, "price": "10.00"})
    market = desk.get("/api/market/ACME")
    assert market["demand"] == [["10.05", 10]] and market["supply"] == [["10.00", 4]]
    assert market["indicative"] == {"price": "10.05", "quantity": 4, "imbalance": 6}
    desk.post("/api/phase", symbol="ACME", phase="continuous")
    market = desk.get("/api/market/ACME")
    assert market["uncrossed"] == {"price": "10.05", "quantity": 4} and "demand" not in market


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "/api/phase", {"symbol": "ACME", "phase": "asleep"}, "phase: 'asleep' is not one"),
        ("POST", "/api/phase", {"symbol": "NONE", "phase": "halted"}, "'NONE' is not traded here"),
        ("POST", "/api/phase", [], "no JSON object"),
        ("POST", "/api/block", {"symbol": "ACME", "account": 1}, "is_blocked: None"),
        ("POST", "/api/block", {"symbol": "ACME", "account": 0, "is_blocked": True}, "account: 0"),
        ("POST", "/api/regime", {"regime": "mad"}, "regime: 'mad' is not one of calm"),
        ("POST", "/api/regime", {"regime": {}}, "regime: {} is not one of calm"),
        ("GET", "/api/accounts/me/orders?symbol=ACME", None, "account: 'me' is no whole number"),
        ("GET", "/api/accounts/1/orders", None, "symbol: None"),
        ("DELETE", "/api/accounts/1/orders?symbol=X", None, "'X' is not traded here"),
        ("GET", "/api/market/X", None, "'X' is not traded here"),
        ("GET", "/api/heat/X", None, "'X' is not traded here"),
    ],
)
def test_what_cannot_be_read_is_one_line_that_names_it(desk, method, path, body, said):
    answer = desk.client.open(path, method=method, json=body)
    assert answer.status_code == 400
    assert said in answer.json["reason"]
    assert desk.exchange.status()["sequence"] == 0


def test_the_operator_s_body_nested_beyond_reason_is_refused(desk):
    answer = desk.client.post("/api/phase", data='{"a":' * 3000)
    assert (answer.status_code, answer.json["code"]) == (400, "bad-order")


def test_without_simulated_traders_there_is_no_mood_to_change():
    desk = Desk()
    answer = desk.post("/api/regime", regime="news")
    assert answer.status_code == 400 and "--per-second" in answer.json["reason"]
    assert "regime" not in desk.get("/api/market/ACME")
    desk.exchange.close()


def test_the_mood_is_changed_over_http(desk):
    assert desk.post("/api/regime", regime="news").json["regime"] == "news"
    assert desk.get("/api/market/ACME")["regime"] == "news"


def test_the_heat_map_goes_on_while_nothing_happens(desk):
    desk.post("/api/orders", account=7, **ORDER)
    desk.clock.advance(10 * COLUMN_NS)  # and a bit: what the sync took
    columns = desk.get("/api/heat/ACME")["columns"]
    assert len(columns) >= 10
    assert all(column["bids"] == [[1005, 10]] for column in columns[1:-1])


def test_what_came_too_soon_for_a_look_is_seen_once_it_has_waited(desk):
    """Two orders at once and a quiet second: the second one waited for all of it."""
    desk.post("/api/orders", account=7, **ORDER)
    desk.post("/api/orders", account=7, **ORDER | {"client_id": "b", "quantity": 30})
    desk.clock.advance(4 * COLUMN_NS)
    desk.post("/api/orders", account=7, **ORDER | {"client_id": "c", "quantity": 60})
    columns = desk.get("/api/heat/ACME")["columns"]
    assert [column["bids"] for column in columns[1:4]] == [[[1005, 40]]] * 3


def test_what_is_seen_is_what_the_market_did(desk):
    messages = trade(
        desk.exchange, "ACME", Mood("news"), clock=desk.clock, seed=7, per_second=100.0, run="0"
    )
    list(islice(messages, 3_000))
    heat = desk.get("/api/heat/ACME")
    traded = {trade[0] for column in heat["columns"] for trade in column["trades"]}
    assert len(traded) > 5
    lines = [
        line
        for account in range(900, 950)
        for line in desk.get(f"/api/accounts/{account}/orders?symbol=ACME")["orders"]
    ]
    assert {"resting", "filled", "canceled"} <= {line["state"] for line in lines}


def test_latency_is_measured_at_every_share_and_nothing_is_refused():
    found = list(stick(0.02))
    assert [each.share for each in found] == list(SHARES)
    assert all(0 < each.p50_ns <= each.p99_ns and not each.refused for each in found)


@pytest.mark.parametrize("draw", [figures.paces, lambda: figures.heat("calm", 5)])
def test_drawings_are_small_documents(draw):
    drawn = draw()
    assert drawn.startswith("<svg") and drawn.endswith("</svg>") and len(drawn) < 300_000
