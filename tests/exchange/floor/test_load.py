"""The load generator: due times are kept whatever the server does, and the report adds up."""

import json
import subprocess
import sys

import pytest

from chapters.errors import UsageError
from chapters.sim.real import WallClock
from exchange.floor.client import Client
from exchange.floor.crowd import Flow
from exchange.floor.load import drive, report, request_of, told
from exchange.floor.regimes import REGIMES
from exchange.orders import BUY, DAY, Cancel, New, Replace, SelfTrade
from tests.exchange.test_serve import server  # noqa: F401  (a fixture)
from tests.ports import free_ports


@pytest.mark.slow
def test_a_regime_is_sent_to_a_served_exchange_and_every_order_is_answered(server):  # noqa: F811
    address = f"http://127.0.0.1:{server.port}"
    flow = Flow(REGIMES["open"].within(2), 7, 100.0, warm_up=60)
    sent = drive(address, flow, 2, clock=WallClock(), workers=16)
    assert sent.load.failed == 0
    assert server.get("/api/status")["sequence"] == 60 + sent.load.sent
    assert sum(sent.refused.values()) < sent.load.sent / 5
    assert sent.busiest <= sent.load.sent and len(sent.p99_by_second) == 2
    found = report(flow, sent)
    assert found["p50_ms"] <= found["p90_ms"] <= found["p99_ms"] <= found["max_ms"]
    assert "since it was due" in "\n".join(told(sent))

    done = subprocess.run(
        [*(sys.executable, "-m", "chapters.cli", "exchange", "load", address), "--seconds", "1",
         "--per-second", "50", "--json"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["failed"] == 0
    watched = subprocess.run(
        [*(sys.executable, "-m", "chapters.cli", "run", "exchange/floor"), "--url", address,
         "--seconds", "1"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert watched.stdout.count("ACME") == 3


@pytest.mark.slow
def test_the_screen_of_a_served_exchange_says_its_phase(server):  # noqa: F811
    address = f"http://127.0.0.1:{server.port}"
    for phase, said in (("halted", "halted: takes no orders"), ("continuous", "continuous")):
        with Client(address) as client:
            client.ask("POST", "/api/phase", {"symbol": "ACME", "phase": phase})
        watched = subprocess.run(
            [*(sys.executable, "-m", "chapters.cli", "run", "exchange/floor"), "--still",
             "--seconds", "1", "--url", address],
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        assert watched.stdout.count(said) == 3


@pytest.mark.parametrize(
    "address", ["ftp://x", "http://", "http://x:port", "http://x/nope", "nothing at all"]
)
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(UsageError, match=r"no address such as|no exchange answers"):
        Client(address)


def test_nobody_there_is_one_line_that_says_what_to_start():
    with pytest.raises(UsageError, match=r"no exchange answers there.*kit serve exchange"):
        Client(f"http://127.0.0.1:{free_ports()}")


def test_a_command_is_the_request_that_means_it():
    order = New(7, "a", "ACME", BUY, 3, 1005, DAY, self_trade=SelfTrade.ALLOW)
    method, path, body = request_of(order)
    assert (method, path, body["price"], body["side"]) == ("POST", "/api/orders", "10.05", "buy")
    assert request_of(Cancel(7, "A&B", 3)) == (
        "DELETE",
        "/api/orders/3?account=7&symbol=A%26B",
        None,
    )
    assert request_of(Replace(7, "ACME", 3, 2, 99))[2]["price"] == "0.99"
