"""The page in front of real machines, whose primary is killed and stopped through the page's own words."""

import json
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from itertools import pairwise

import pytest

from chapters.sim.real import RealDisk, WallClock
from exchange.front.machines import PAGE
from exchange.orders import Accepted, Filled, New, Replace
from exchange.sequencer import Sequencer
from exchange.standby.primary import GIVER
from exchange.standby.processes import MACHINES
from tests.exchange.fix import quick
from tests.exchange.test_serve import Server, free_ports
from tests.waiting import until

pytestmark = pytest.mark.slow

PATIENCE_S = 40


class Market(Server):
    """A server with machines behind it, and words to them."""

    def __init__(self, folder, *more):
        super().__init__(folder, "--standby", *more)

    def call(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            return json.load(refused)

    def machines(self):
        said = self.get("/api/machines")
        return said, {each["name"]: each for each in said["machines"]}

    def primary(self):
        """Return the primary's name once both machines have all that it acknowledges."""
        said, machines = self.machines()
        primary = machines.get(said["primary"], {})
        return said["primary"] if primary.get("copies") == len(MACHINES) else None

    def safe(self):
        return until(self.primary)

    def next(self, victim):
        """Return what is said of the machines once another than `victim` is primary."""
        until(lambda: self.machines()[0]["primary"] not in (None, victim))
        return self.machines()[0]


class Trader(threading.Thread):
    """Enters orders that meet, changes some and cancels some, one after the other, and never gives up."""

    def __init__(self, market, account):
        super().__init__(daemon=True)
        self.market, self.account = market, account
        self.told, self.times, self.over = {}, [], False
        self.replaced = 0

    def run(self):
        number = 0
        while not self.over:
            name = f"{self.account}-{number}"
            side = "buy" if (number + self.account) % 2 else "sell"
            body = {
                "account": self.account, "symbol": "ACME", "side": side,
                "quantity": 10 + number % 7, "price": f"10.0{number % 5}", "client_id": name,
            }  # fmt: skip
            answer = self.market.call("POST", "/api/orders", body)
            while answer["status"] == "error":
                answer = self.market.call("POST", "/api/orders", body | {"resend": True})
            self.told[name] = answer["order_id"]
            if number % 3 == 0:
                wish = {"account": self.account, "symbol": "ACME", "quantity": 5, "price": "9.50"}
                self.market.call("PATCH", f"/api/orders/{answer['order_id']}", wish)
                self.replaced += 1
            if number % 3 == 1:
                path = f"/api/orders/{answer['order_id']}?account={self.account}&symbol=ACME"
                self.market.call("DELETE", path)
            self.times.append(time.monotonic())
            number += 1


class Reader(threading.Thread):
    """Reads the event stream, and keeps its trades."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.events = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60)
        self.trades, self.ids, self.kinds = [], [], []

    def run(self):
        kind = ""
        for line in self.events:
            name, _, value = line.decode().strip().partition(": ")
            if name == "id":
                self.ids.append(int(value))
            elif name == "event":
                kind = value
                self.kinds.append(kind)
            elif name == "data" and kind == "trade":
                said = json.loads(value)
                self.trades.append((said["sequence"], said["price"], said["quantity"]))


@pytest.fixture
def market(tmp_path):
    market = Market(tmp_path)
    yield market
    if market.process.poll() is None:
        market.stop()
    market.process.stdout.close()


def test_who_trades_while_the_primary_is_killed_and_stopped_loses_nothing(market, tmp_path):
    market.safe()
    reader, traders = Reader(market.port + 1), [Trader(market, 1), Trader(market, 2)]
    for each in (reader, *traders):
        each.start()
    for how in ("kill", "stop", "kill"):
        victim = market.safe()
        time.sleep(0.3)
        assert market.call("POST", f"/api/machines/{victim}", {"do": how, "seconds": 1})
        assert market.next(victim)["takeover"]["before"] == victim
    market.safe()
    for each in traders:
        each.over = True
        each.join(PATIENCE_S)
    pauses = [after - before for each in traders for before, after in pairwise(each.times)]
    print("longest pauses", sorted(pauses)[-6:], "orders", [len(each.told) for each in traders])
    assert sorted(pauses)[-1] < 5
    for trader in traders:
        for name, number in list(trader.told.items())[-20:]:
            known = market.get(f"/api/orders?account={trader.account}&client_id={name}")
            assert known["order_id"] == number
    last = market.get("/api/status")["sequence"]
    until(lambda: reader.ids and reader.ids[-1] >= last * 1024)
    assert market.stop() in (0, 130)
    for each in (GIVER, *MACHINES, PAGE):
        with RealDisk(tmp_path / each) as disk:
            disk.claim()  # nobody has it any more: no process is left behind
    judge(tmp_path, traders, reader)


def happened(folder):
    with RealDisk(folder) as disk:
        sequencer = Sequencer(clock=WallClock(), disk=disk, symbols=["ACME"])
        return list(sequencer.history()), sequencer.replica.state_hash


def judge(folder, traders, reader):
    """Open all three journals as any reader would, and compare them with what was told."""
    found = {name: happened(folder / name) for name in (*MACHINES, PAGE)}
    assert len({state for _, state in found.values()}) == 1
    done, _ = found[PAGE]
    entered = {}
    for each in done:
        for event in each.events:
            if isinstance(event, Accepted):
                key = event.order.client_id
                assert key not in entered
                entered[key] = event.order_id
    told = {name: number for trader in traders for name, number in trader.told.items()}
    assert entered == told
    names = Counter(each.command.client_id for each in done if isinstance(each.command, New))
    assert sum(isinstance(each.command, Replace) for each in done) == sum(
        each.replaced for each in traders
    )
    assert set(names.values()) == {1}
    trades = [
        (each.sequence, f"{event.price / 100:.2f}", event.quantity)
        for each in done
        for event in each.events
        if isinstance(event, Filled)
    ]
    assert reader.trades == trades and trades
    assert reader.ids == sorted(reader.ids)
    assert "reset" not in reader.kinds[1:]  # it begins with one, as every stream does


def test_a_server_that_is_stopped_and_started_goes_on(market, tmp_path):
    first = market.enter(client_id="a")["order_id"]
    before = market.get("/api/status")
    assert market.stop() in (0, 130)
    market.process.stdout.close()
    market.start()
    market.safe()
    assert market.get("/api/status")["state_hash"] == before["state_hash"]
    assert market.get("/api/orders?account=1&client_id=a")["order_id"] == first
    assert market.enter(client_id="b")["order_id"] == first + 1
    again = market.enter(client_id="b", resend=True)
    assert again["order_id"] == first + 1


def test_a_fix_session_outlives_the_primary(tmp_path):
    pytest.importorskip("quickfix", reason="QuickFIX is not installed")
    port = free_ports()
    knobs = ("--fix-port", str(port), "--fix-accounts", "ADA=7")
    market = Market(tmp_path / "market", *knobs)
    client = quick.Client(tmp_path, port, "ADA")
    try:
        client.logged_on()
        victim = market.safe()
        for number in range(40):
            client.order(f"o{number}", 1, 10, "10.00")
            if number == 20:
                market.call("POST", f"/api/machines/{victim}", {"do": "kill"})
        told = [each for each in client.until(40) if each["35"] == "8"]
        assert [each["11"] for each in told] == [f"o{number}" for number in range(40)]
        assert [each["150"] for each in told] == ["0"] * 40, "each is in, and told so once"
        assert len({each["37"] for each in told}) == 40
        assert market.next(victim)["primary"] and client.is_on
    finally:
        client.stop()
        market.stop()
        market.process.stdout.close()


def test_a_giver_that_lost_its_disk_is_named_as_the_reason(market, tmp_path):
    market.safe()
    shutil.rmtree(tmp_path / GIVER)
    assert market.call("POST", f"/api/machines/{GIVER}", {"do": "kill"})["status"] == "killed"
    assert market.call("POST", f"/api/machines/{GIVER}", {"do": "kill"})["code"] == "not-running"
    until(lambda: market.machines()[1][GIVER]["process"] == "running")
    market.call("POST", f"/api/machines/{market.machines()[0]['primary']}", {"do": "kill"})
    until(lambda: "was my disk lost?" in (market.machines()[0]["why"] or ""))
    said, machines = market.machines()
    assert said["primary"] is None and "primary" not in {each["role"] for each in machines.values()}
    words = "may not become primary, the giver says: "
    logs = [(tmp_path / f"{name}.log").read_text() for name in MACHINES]
    assert all(log.count(words) <= 2 for log in logs) and any(words in log for log in logs)
    assert market.stop() in (0, 130)
    found = subprocess.Popen(
        market.command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    line = found.stderr.readline()
    found.send_signal(signal.SIGINT)
    found.communicate(timeout=30)
    assert line.startswith("kit: no machine is primary (the giver says: ")
    assert line.rstrip().endswith(f"kit serve exchange --folder {tmp_path / PAGE}")


def test_a_folder_of_another_kind_is_refused_in_one_line(market, tmp_path):
    assert market.stop() in (0, 130)
    command = [each for each in market.command if each != "--standby"]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode == 2
    assert "say --standby too" in refused.stderr


def test_a_person_kills_the_primary_and_trades_on(market, browser):
    victim, problems = market.safe(), []
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"http://127.0.0.1:{market.port}/")
    until(lambda: page.inner_text("#state") == "live")
    until(lambda: f"{victim} is primary" in page.inner_text("#takeover"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Kill the primary").click()
    until(lambda: "killed" in page.inner_text("#answers"))
    page.fill("[name=price]", "9.50")
    page.click("button.primary")
    until(lambda: "accepted" in page.locator("#answers li").first.inner_text())
    until(lambda: "last takeover" in page.inner_text("#takeover"))
    until(lambda: "on 2 disks" in page.inner_text("#machines"))
    page.close()
    assert not problems
