"""What comes over HTTP: every bad word is answered with one clear line, and nothing is entered."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chapters.sim.real import RealDisk, WallClock
from exchange.app import Exchange
from exchange.gateway import place
from exchange.sequencer import Sequencer
from exchange.wire import BODY_BYTES_MAX, create

ORDER = {
    "account": 1,
    "client_id": "a",
    "symbol": "ACME",
    "side": "buy",
    "type": "limit",
    "quantity": 10,
    "price": "10.05",
}


@pytest.fixture
def running(tmp_path):
    with RealDisk(tmp_path) as disk:
        exchange = Exchange(Sequencer(clock=WallClock(), disk=disk, symbols=["ACME"]))
        yield exchange
        exchange.close()


@pytest.fixture
def client(running):
    return create(running, events_port=1).test_client()


@pytest.mark.parametrize(
    ("change", "reason", "code"),
    [
        ({"quantity": 0}, "bad-quantity", 13),
        ({"quantity": -3}, "bad-quantity", 13),
        ({"quantity": 10**18}, "bad-quantity", 13),
        ({"price": "10.005"}, "bad-price", 18),
        ({"price": "0.00"}, "bad-price", 18),
        ({"price": "-1.00"}, "bad-price", 18),
        ({"symbol": "NONE"}, "unknown-symbol", 1),
        ({"type": "market", "price": None, "post_only": True}, "post-only-would-cross", 99),
    ],
)
def test_a_refused_order_has_reason_and_fix_code(client, change, reason, code):
    answer = client.post("/api/orders", json=ORDER | change)
    assert answer.status_code == 422
    assert answer.json["status"] == "rejected"
    assert (answer.json["reason"], answer.json["code"]) == (reason, code)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": 1.5}, "quantity"),
        ({"quantity": "many"}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({"quantity": None}, "quantity"),
        ({"quantity": 10**40}, "64 bits"),
        ({"price": 10.05}, "price"),
        ({"price": "NaN"}, "price"),
        ({"price": "1e3"}, "price"),
        ({"price": "9" * 40}, "price"),
        ({"price": None}, "price"),
        ({"price": "١٠"}, "price"),
        ({"side": "hold"}, "side"),
        ({"side": None}, "side"),
        ({"type": "wish"}, "type"),
        ({"time_in_force": "never"}, "time_in_force"),
        ({"client_id": ""}, "client_id"),
        ({"client_id": "x" * 65}, "client_id"),
        ({"client_id": "\ud800"}, "client_id"),
        ({"client_id": "a\nb"}, "client_id"),
        ({"symbol": 7}, "symbol"),
        ({"symbol": "ÄCME"}, "symbol"),
        ({"symbol": "AC ME"}, "symbol"),
        ({"post_only": "yes"}, "post_only"),
        ({"account": [1]}, "account"),
        ({"stop_price": 10}, "stop_price"),
        ({"trail": "much"}, "trail"),
        ({"display": "1.5"}, "display"),
        ({"peg": "nowhere"}, "peg"),
        ({"peg": ["primary"]}, "peg"),
        ({"quantity_min": "all"}, "quantity_min"),
        ({"expires": "tomorrow"}, "expires"),
        ({"expires": "2026-12-01T16:00:00"}, "zone"),
        ({"expires": 5}, "expires"),
        ({"expires": "9999-01-01T00:00:00Z"}, "64 bits"),
        ({"ttl": 5}, "no such field"),
    ],
)
def test_words_that_cannot_be_read_name_the_field(client, running, change, field):
    answer = client.post("/api/orders", json=ORDER | change)
    assert answer.status_code == 400
    assert answer.json["code"] == "bad-order"
    assert field in answer.json["reason"]
    assert running.status()["sequence"] == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"order"', b"\xff\xfe", b'{"quantity": NaN}'])
def test_malformed_json_is_refused(client, body):
    answer = client.post("/api/orders", data=body)
    assert answer.status_code == 400
    assert answer.json["status"] == "error"


def test_an_oversized_body_is_refused(client):
    answer = client.post("/api/orders", data=b" " * (BODY_BYTES_MAX + 1))
    assert answer.status_code == 413
    assert answer.json["status"] == "error"


def test_a_duplicate_is_refused_and_a_resend_is_answered(client):
    first = client.post("/api/orders", json=ORDER).json
    again = client.post("/api/orders", json=ORDER)
    assert (again.status_code, again.json["reason"], again.json["code"]) == (
        422,
        "duplicate-client-id",
        6,
    )
    resent = client.post("/api/orders", json=ORDER | {"resend": True})
    assert resent.status_code == 200
    assert resent.json["order_id"] == first["order_id"]
    assert resent.json["status"] == "resting"


def test_a_cancel_of_a_filled_or_unknown_order_says_which(client):
    client.post("/api/orders", json=ORDER)
    seller = {"account": 2, "client_id": "s", "side": "sell"}
    filled = client.post("/api/orders", json=ORDER | seller).json
    assert filled["status"] == "filled"
    late = client.delete("/api/orders/1?account=1&symbol=ACME")
    assert (late.status_code, late.json["reason"], late.json["code"]) == (422, "too-late", 0)
    unknown = client.delete("/api/orders/77?account=1&symbol=ACME")
    assert (unknown.status_code, unknown.json["reason"]) == (422, "unknown-order")
    assert client.delete("/api/orders/1?symbol=ACME").status_code == 400
    assert client.delete(f"/api/orders/{10**30}?account=1&symbol=ACME").status_code == 400


def test_a_replaced_order_says_whether_it_kept_its_place(client):
    client.post("/api/orders", json=ORDER)
    change = {"account": 1, "symbol": "ACME", "quantity": 5, "price": "10.05"}
    smaller = client.patch("/api/orders/1", json=change)
    assert smaller.json["reports"][0]["kept_priority"] is True
    larger = client.patch("/api/orders/1", json=change | {"quantity": 50})
    assert larger.json["reports"][0]["kept_priority"] is False
    assert client.patch("/api/orders/1", json=change | {"price": None}).status_code == 400
    unknown = client.patch("/api/orders/1", json=change | {"display": 5})
    assert (unknown.status_code, unknown.json["reason"][:8]) == (400, "display:")


def test_the_book_and_the_trades_are_what_was_entered(client):
    client.post("/api/orders", json=ORDER)
    client.post("/api/orders", json=ORDER | {"client_id": "b", "quantity": 20})
    client.post("/api/orders", json=ORDER | {"account": 2, "side": "sell", "quantity": 4})
    book = client.get("/api/book/ACME?depth=5").json
    assert book["bids"] == [["10.05", 26, 2]]
    assert book["asks"] == []
    (trade,) = client.get("/api/trades/ACME").json["trades"]
    assert (trade["price"], trade["quantity"], trade["taker_side"]) == ("10.05", 4, "sell")


@pytest.mark.parametrize("path", ["/api/book/NONE", "/api/trades/NONE", "/nothing"])
def test_an_unknown_place_is_404_with_a_reason(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json["reason"]


def test_what_became_of_an_order_can_be_asked(client):
    client.post("/api/orders", json=ORDER)
    assert client.get("/api/orders?account=1&client_id=a").json["open"] == 10
    assert client.get("/api/orders?account=2&client_id=a").status_code == 404


def test_the_page_asks_no_other_host(client):
    for host in ("127.0.0.1:8000", "[::1]:8000", "exchange.example"):
        page = client.get("/", headers={"Host": host}).text
        assert f"http://{host.removesuffix(':8000')}:1/" in page
        assert "https://" not in page


def test_a_taker_that_cancels_its_own_maker_and_rests_is_told_so(client):
    client.post("/api/orders", json=ORDER)
    answer = client.post(
        "/api/orders",
        json=ORDER | {"client_id": "b", "side": "sell", "self_trade": "cancel-maker"},
    )
    assert answer.json["status"] == "accepted"
    assert client.get("/api/orders?account=1&client_id=b").json["status"] == "resting"


def test_a_refused_first_order_of_an_account_leaves_no_trace(client, running):
    before = running._sequencer.replica.engine.dump()
    client.post("/api/orders", json=ORDER | {"account": 99, "quantity": 0})
    assert running._sequencer.replica.engine.dump() == before


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"account": 0}, "accounts count from 1"),
        ({"resend": "yes"}, "resend"),
        ({"quantiti": 5}, "quantiti"),
    ],
)
def test_words_that_mean_nothing_here_are_refused(client, change, word):
    answer = client.post("/api/orders", json=ORDER | change)
    assert answer.status_code == 400
    assert word in answer.json["reason"]


@pytest.mark.parametrize("query", ["depth=x", "depth=-1", "depth=0", "depth=1000"])
def test_a_depth_that_is_none_is_refused(client, query):
    assert client.get(f"/api/book/ACME?{query}").status_code == 400


def test_a_body_nested_beyond_reason_is_refused(client):
    answer = client.post("/api/orders", data='{"a":' * 3000)
    assert (answer.status_code, answer.json["code"]) == (400, "bad-order")


def test_resends_from_many_threads_all_get_the_same_order(running):
    body = ORDER | {"resend": True}
    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(lambda _: place(running, body), range(200)))
    assert {answer["order_id"] for answer in answers} == {1}
    assert not [answer for answer in answers if answer["status"] == "rejected"]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"stop_price": "0"}, "bad-price"),
        ({"stop_price": "-0.01"}, "bad-price"),
        ({"trail": "-0.01"}, "bad-price"),
        ({"trail": "0.10", "price": None, "type": "market"}, "bad-terms"),  # nothing has traded yet
        ({"display": -1}, "bad-terms"),
        ({"display": 1, "quantity": 1_001}, "bad-terms"),  # more than a thousand slices
        ({"peg": "primary", "stop_price": "10.00"}, "bad-terms"),
        ({"quantity_min": 1_000_000}, "bad-terms"),
        ({"quantity_min": 1, "post_only": True}, "bad-terms"),
        ({"time_in_force": "gtd"}, "bad-terms"),
        ({"time_in_force": "gtd", "expires": "2001-01-01T00:00:00Z"}, "bad-terms"),
        ({"expires": "2040-01-01T00:00:00Z"}, "bad-terms"),
        ({"type": "market", "price": None, "time_in_force": "gtc"}, "bad-terms"),
        ({"type": "market", "price": None, "display": 5}, "bad-terms"),
    ],
)
def test_terms_that_make_no_sense_are_refused_and_stay_refused_on_replay(
    client, running, terms, code
):
    answer = client.post("/api/orders", json=ORDER | terms)
    assert (answer.status_code, answer.json["reason"]) == (422, code)
    assert not running._sequencer.replica.engine.client_ids


def test_all_terms_are_taken_and_an_order_beside_the_book_is_found(client):
    wishes = {
        "iceberg": {"display": 10, "quantity": 50},
        "hidden": {"display": 0},
        "stop": {"stop_price": "12.00", "type": "market", "price": None},
        "peg": {"peg": "midpoint", "price": None},
        "dated": {"time_in_force": "gtd", "expires": "2040-01-01T12:00:00+01:00"},
        "least": {"quantity_min": 5},
        "close": {"time_in_force": "at-close"},
    }
    for name, terms in wishes.items():
        answer = client.post("/api/orders", json=ORDER | terms | {"client_id": name})
        assert answer.status_code == 200, answer.json
    account = ORDER["account"]
    found = {
        name: client.get(f"/api/orders?account={account}&client_id={name}").json for name in wishes
    }
    assert {name: each["status"] for name, each in found.items()} == {
        **dict.fromkeys(("iceberg", "hidden", "dated"), "resting"),
        "stop": "waiting-for-price",
        "peg": "waiting-for-reference",
        "close": "waiting-for-close",
        "least": "closed",
    }
    assert found["iceberg"]["open"] == 50
    book = client.get(f"/api/book/{ORDER['symbol']}").json
    assert [level[1] for level in book["bids"]] == [10 + ORDER["quantity"]]
