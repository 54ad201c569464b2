"""QuickFIX trades on the real gateway: real sockets, a real disk, gaps both ways, and a restart."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from chapters.errors import UsageError
from chapters.sim.errors import DiskInUse
from chapters.sim.real import RealDisk, WallClock
from exchange.app import build
from exchange.app import serve as serve_exchange
from exchange.clearing.drop_copy import Tape, copies
from exchange.fix.app import Gateway, must_be_right, read_accounts
from exchange.fix.tracker import Tracker
from exchange.orders import SELL, New
from tests.exchange.fix import quick
from tests.exchange.test_serve import free_ports
from tests.waiting import until

pytest.importorskip("quickfix", reason="QuickFIX is not installed")

ACCOUNTS = {"ADA": 7, "BEN": 8}


@contextmanager
def gateway(folder, port, *, journal="journal", sessions="fix", **options):
    exchange = opened(lambda: build(folder / journal, ["ACME"]))
    with RealDisk(folder / sessions) as disk:
        made = Gateway(exchange, clock=WallClock(), disk=disk, accounts=ACCOUNTS, **options)
        made.start("127.0.0.1", port)
        made.exchange = exchange
        try:
            yield made
        finally:
            made.close()
            exchange.close()
            exchange._sequencer._disk.close()


def opened(build):
    """Build an exchange once the process that was killed has let go of its folder."""
    deadline = time.monotonic() + 20
    while True:
        try:
            return build()
        except DiskInUse:
            assert time.monotonic() < deadline, "somebody still has the folder"
            time.sleep(0.05)


@pytest.fixture
def port():
    return free_ports()


@pytest.fixture
def clients(tmp_path, port):
    """Start clients by name; all of them end with the test."""
    started = []

    def start(name):
        started.append(quick.Client(tmp_path, port, name))
        return started[-1]

    yield start
    for client in started:
        client.stop()


def states(told):
    """Return (ClOrdID, ExecType, OrdStatus, CumQty, LeavesQty) of each report."""
    return [(each["11"], each["150"], each["39"], each["14"], each["151"]) for each in told]


def test_two_strangers_trade(tmp_path, port, clients):
    with gateway(tmp_path, port):
        ada, ben = clients("ADA").logged_on(), clients("BEN").logged_on()
        ada.order("a1", 1, 100, "10.05")
        ada.until(1)
        ben.order("b1", 2, 30, "10.05")
        assert states(ben.until(2)) == [("b1", "0", "0", "0", "30"), ("b1", "F", "2", "30", "0")]
        ada.until(2)
        ada.send("G", t11="a2", t41="a1", t55="ACME", t54=1, t38=80, t40=2, t44="10.04")
        ada.until(3)
        ada.send("F", t11="a3", t41="a2", t55="ACME", t54=1)
        assert states(ada.until(4)) == [
            ("a1", "0", "0", "0", "100"),
            ("a1", "F", "1", "30", "70"),
            ("a2", "5", "1", "30", "50"),
            ("a3", "4", "4", "30", "0"),
        ]
        ada.send("F", t11="a4", t41="a3", t55="ACME", t54=1)
        assert (ada.until(5)[-1]["35"], ada.told[-1]["102"]) == ("9", "0")


def test_messages_that_a_stranger_has_missed_are_sent_again(tmp_path, port, clients):
    with gateway(tmp_path, port) as made:
        ada = clients("ADA").logged_on()
        ada.order("a1", 1, 10, "10.05")
        ada.until(1)
        ada.do(expect=2)  # as if the first report had never come
        made.exchange.enter(New(99, "x", "ACME", SELL, 4, 1005))
        told = ada.until(3)
        assert [(each["34"], each.get("43")) for each in told] == [
            ("2", None),
            ("2", "Y"),
            ("3", None),
        ]
        assert told[0]["17"] == told[1]["17"]


@pytest.mark.slow
def test_messages_that_we_have_missed_are_asked_for(tmp_path, port, clients):
    with gateway(tmp_path, port):
        ada = clients("ADA").logged_on()
        ada.do(skip=5)
        ada.order("a1", 1, 10, "10.05")
        assert states(ada.until(1)) == [("a1", "0", "0", "0", "10")]
        asked = [each for each in ada.session_messages if each["35"] == "2"]
        assert [(each["7"], each["16"]) for each in asked] == [("2", "0")]


@pytest.mark.slow
def test_after_a_restart_a_stranger_is_sent_what_it_has_missed(tmp_path, port, clients):
    with gateway(tmp_path, port):
        ada = clients("ADA").logged_on()
        ada.order("a1", 1, 10, "10.05")
        ada.until(1)
    ada.wait(lambda: not ada.is_on, "still connected")
    with gateway(tmp_path, port) as made:
        made.exchange.enter(New(99, "x", "ACME", SELL, 4, 1005))
        told = ada.until(2)
        assert told[-1]["150"] == "F" and told[-1]["14"] == "4"
        ada.order("a1", 1, 10, "10.05", t97="Y")
        assert states(ada.until(3))[-1] == ("a1", "I", "1", "4", "6")
        assert made.exchange.status()["sequence"] == 2, (
            "an order that is resent is not entered again"
        )


@pytest.mark.slow
def test_orders_of_a_client_that_drops_its_line_go_if_that_was_agreed(tmp_path, port, clients):
    with gateway(tmp_path, port, cancels_on_disconnect=["ADA"]) as made:
        ada = clients("ADA").logged_on()
        ada.order("a1", 1, 10, "10.05")
        ada.until(1)
        ada.stop()
        deadline = time.monotonic() + 20
        while made.exchange.depth("ACME", 5)[1]:
            assert time.monotonic() < deadline, "the order is still there"
            time.sleep(0.01)


@pytest.mark.slow
def test_an_exchange_that_takes_no_orders_says_so(tmp_path, port, clients):
    with gateway(tmp_path, port) as made:
        ada = clients("ADA").logged_on()
        made.exchange.close()
        ada.order("a1", 1, 10, "10.05")
        (told,) = ada.until(1)
        assert (told["35"], told["380"], told["379"]) == ("j", "4", "a1")


def test_accounts_are_read_and_who_wants_their_orders_gone():
    assert read_accounts("ADA=7, BEN=8/cancel") == ({"ADA": 7, "BEN": 8}, ["BEN"])
    assert read_accounts("") == ({}, [])


@pytest.mark.parametrize("words", ["ADA", "ADA=x", "=7", "ADA=0", "ADA=7,BEN=7", f"ADA={2**63}"])
def test_accounts_that_cannot_be_read_are_one_clear_line(words):
    with pytest.raises(UsageError, match="--fix-accounts"):
        read_accounts(words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("ADA=7,ADA=8", "ADA is given twice"),
        ("ADA=7,BEN=8,ADA=7/cancel", "ADA is given twice"),
        ("ADA=7,RISK=7/copy,RISK=8/copy", "RISK is given twice"),
        ("KIT=7", "KIT is the exchange's own"),
        ("KIT=all/copy", "KIT is the exchange's own"),
        ("A DA=7", "'A DA' is no CompID"),
        ("ADA =7", "'ADA ' is no CompID"),
        ("R SK=7/copy", "'R SK' is no CompID"),
        ("ÅDA=7", "'ÅDA' is no CompID"),
    ],
)
def test_a_comp_id_is_one_given_once_and_not_ours(words, said):
    with pytest.raises(UsageError, match=f"--fix-accounts: {said}"):
        read_accounts(words)


def test_the_exchange_may_have_another_comp_id():
    assert read_accounts("KIT=7", "HOUSE") == ({"KIT": 7}, [])
    with pytest.raises(UsageError, match="HOUSE is the exchange's own"):
        read_accounts("HOUSE=7", "HOUSE")
    with pytest.raises(UsageError, match="--fix-sender: 'K T'"):
        must_be_right("127.0.0.1", 8000, 0, "ADA=7", "K T")


def test_a_door_that_nobody_may_enter_is_not_opened():
    for words in ("", ","):
        with pytest.raises(UsageError, match="--fix-accounts is empty"):
            must_be_right("127.0.0.1", 8000, 8500, words)
    must_be_right("127.0.0.1", 8000, 0, "")


def serve(*words):
    command = (sys.executable, "-m", "chapters.cli", "serve", "exchange", *map(str, words))
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(process):
    process.send_signal(signal.SIGINT)
    process.wait(30)
    process.stdout.close()
    process.stderr.close()


@pytest.mark.slow
def test_kit_serves_an_echo(tmp_path, port):
    process = serve("--fix-echo", "--port", port, "--sender", "ISLD", "--target", "TW44")
    client = None
    try:
        assert f":{port}" in process.stdout.readline()
        client = quick.Client(tmp_path, port, "TW44", "ISLD").logged_on()
        client.order("a", 1, 10, "10.05")
        assert client.until(1)[0]["11"] == "a"
    finally:
        if client is not None:
            client.stop()
        end(process)
    assert process.returncode in (0, 130)


def test_an_echo_has_no_standby():
    with pytest.raises(UsageError, match="leave it out, or --standby"):
        serve_exchange(standby=True, fix_echo=True)


def kill(process):
    """Kill -9 a server, and first of all the process in it that has the exchange."""
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    children = [int(each) for task in tasks for each in task.read_text().split()]
    for child in children:
        os.kill(child, signal.SIGKILL)
    process.kill()
    process.wait(30)
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
    process.stdout.close()
    process.stderr.close()


@pytest.mark.slow
def test_kit_serves_fix_beside_the_page_and_survives_kill_9(tmp_path, port, clients):
    words = ("--port", free_ports(), "--per-second", 0, "--folder", tmp_path / "x",
             "--fix-port", port, "--fix-accounts", "ADA=7,BEN=8")  # fmt: skip
    ada = clients("ADA")
    for life in range(3):
        process = serve(*words)
        try:
            ada.logged_on()
            ada.order(f"a{life}", 1, 10, "10.05")
            ada.until(life + 1)
        finally:
            kill(process)
        ada.wait(lambda: not ada.is_on, "still connected")
    assert [each["17"] for each in ada.told] == ["1-0", "2-0", "3-0"]


@pytest.mark.slow
def test_a_port_that_is_the_pages_is_refused(port):
    process = serve("--port", port, "--fix-port", port + 1)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2 and "--fix-port" in said and len(said.strip().splitlines()) == 1


@pytest.mark.slow
def test_under_kill_9_in_mid_burst_every_order_is_entered_once_and_every_report_heard(
    tmp_path, port, clients
):
    words = ("--port", free_ports(), "--per-second", 0, "--folder", tmp_path / "x",
             "--fix-port", port, "--fix-accounts", "ADA=7,BEN=8")  # fmt: skip
    traders, rng, sent = [clients("ADA"), clients("BEN")], Random(5), 0
    for _ in range(4):
        process = serve(*words)
        for each in traders:
            each.logged_on()
        last = sent + rng.randrange(50, 400)
        while sent < last:
            trader, side = traders[sent % 2], 1 + sent % 2
            trader.order(f"o{sent}", side, 10, f"10.0{sent % 3}")
            if sent % 7 == 6:
                trader.send("F", t11=f"c{sent}", t41=f"o{sent - 2}", t55="ACME", t54=side)
            sent += 1
        kill(process)
        for each in traders:
            each.wait(lambda each=each: not each.is_on, "still connected")
    with gateway(tmp_path / "x", port, journal=".", sessions="sessions") as made:
        until(lambda: made.exchange._sequencer.replica.engine.last_order_id == sent)
        # Cancels come in behind the orders, and their reports behind those.
        until(lambda: owed(made) == [heard(trader) for trader in traders])


@pytest.mark.slow
def test_a_stranger_that_watches_hears_of_each_trade_once_under_kill_9(tmp_path, port, clients):
    words = ("--port", free_ports(), "--per-second", 0, "--folder", tmp_path / "x", "--fix-port", port,
             "--fix-accounts", "ADA=7,BEN=8,RISK=7+8/copy,LATE=8/copy")  # fmt: skip
    traders, sent = [clients("ADA"), clients("BEN")], 0
    watchers = [clients("RISK")]
    for life in range(3):
        process = serve(*words)
        for each in (*traders, *watchers):
            each.logged_on()
        last = sent + 150 + 60 * life
        while sent < last:
            traders[sent % 2].order(f"o{sent}", 1 + sent % 2, 10, f"10.0{sent % 3}")
            sent += 1
        kill(process)
        for each in (*traders, *watchers):
            each.wait(lambda each=each: not each.is_on, "still connected")
        watchers += [clients("LATE")] if life == 1 else []
    process = serve(*words)
    try:
        for each in watchers:
            each.logged_on()
        watchers[0].order("x", 1, 10, "10.05")
        watchers[0].wait(lambda: watchers[0].told[-1]["35"] == "j", "no refusal")
        traders[1].order("last", 2, 10, "10.00", t59=3)
        until(lambda: [named(each) for each in watchers] == copied(tmp_path / "x", {7, 8}, {8}))
        assert named(watchers[1]), "nobody has traded"
    finally:
        kill(process)


def named(watcher):
    """Return what the clearing house calls the trades that a watcher was told of."""
    return [each["527"] for each in watcher.told if each["35"] == "8"]


def copied(folder, *watched):
    """Return the names of the trades that the house itself finds in the journal, for each watcher."""
    executions = list(Tape(disk=RealDisk(folder)).read())
    return [
        [each.id for each in executions for side in copies(each) if side.account in accounts]
        for accounts in watched
    ]


def owed(made):
    """Return the ExecIDs that the journal owes each account, derived from it once more."""
    found = {7: [], 8: []}
    tracker = Tracker(lambda account: account in found)
    for done in made.exchange._sequencer.history():
        for told in tracker.apply(done, None, 0):
            found[told.account] += [value for tag, value in told.body if tag == 17]
    return list(found.values())


def heard(trader):
    """Return the ExecIDs that a trader was told, in order."""
    return [each["17"] for each in trader.told if each.get("17", "0") != "0"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["quickfix", "echo", "exchange"])
def test_every_acceptor_of_the_benchmark_answers_every_order(kind, tmp_path):
    code = (
        "import sys; from pathlib import Path; from exchange.bench.fix import Peer\n"
        "peer = Peer(sys.argv[1], Path(sys.argv[2])); peer.trade(200); peer.trade(3); peer.stop()"
    )
    command = (sys.executable, "-c", code, kind, str(tmp_path))
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
