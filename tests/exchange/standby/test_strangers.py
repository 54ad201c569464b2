"""QuickFIX trades through kill -9 of the primary: no acknowledged order is lost or entered twice.

Nor is a cancel or a replace carried out twice: each has one answer, under the name that its client gave it.
"""

import signal
import time
from collections import Counter
from random import Random
from typing import NamedTuple

import pytest

from chapters.sim.real import RealDisk, WallClock
from exchange import codec
from exchange.breaking.stations import PACE, Client, _is_safe
from exchange.fix.pending import Naming
from exchange.sequencer import Replica, Sequencer
from exchange.standby.app import free_ports
from exchange.standby.processes import MACHINES, market
from tests.exchange.fix import quick

pytest.importorskip("quickfix", reason="QuickFIX is not installed")

ACCOUNTS = {"ADA": 1_007, "BEN": 1_008}
KNOWN = ("0", "F", "I", "4", "5", "D")  # ExecTypes of an order that is in
ANSWER_TO = "answer to "  # in the text of what is said to a request that was resent
BURST = (20, 120)  # orders


class Stranger:
    """A QuickFIX client that remembers what it sent and what it was told of it."""

    def __init__(self, folder, ports, name, side):
        others = str(ports["b"])
        self.client = quick.Client(folder, ports["a"], name, others=others)
        self.name, self.side, self.sent, self.left = name, side, 0, {}
        self.numbers, self.changed, self.refused = {}, 0, []
        self.heard, self.late, self.named = 0, 0, []

    def order(self):
        """Enter an order; some are replaced at once, some canceled, and some replaced and canceled."""
        number, name = self.sent, f"{self.name}-{self.sent}"
        price = f"10.0{number % 3}"
        self.sent += 1
        self.send(name, "D", t38=10, t40=2, t44=price)
        former = name
        if number % 3 == 0:
            self.send(f"{name}-r", "G", t41=former, t38=20, t40=2, t44=price)
            self.named.append(former := f"{name}-r")
        if number % 4 == 0:
            self.send(f"{name}-c", "F", t41=former)
            self.named.append(f"{name}-c")

    def send(self, name, kind, **words):
        words |= {"t11": name, "t55": "ACME", "t54": self.side}
        self.left[name] = (kind, words)
        self.client.send(kind, **words)

    def resend(self):
        for kind, words in list(self.left.values()):
            self.client.send(kind, t97="Y", **words)

    def listen(self):
        """Take in what came; return whether every order, cancel and replace is answered."""
        told = list(self.client.told)
        for each in told[self.heard :]:
            text = each.get("58", "")
            asked = text.removeprefix(ANSWER_TO) if text.startswith(ANSWER_TO) else each["11"]
            if each.get("150") in KNOWN:
                order = "-".join(asked.split("-")[:2])
                known = self.numbers.setdefault(order, each["37"])
                self.changed += known != each["37"]
                self.left.pop(asked, None)
            elif each["35"] == "9" and text == "too-late":
                self.late += 1
                self.left.pop(asked, None)
            else:
                self.refused.append(each)
        self.heard = len(told)
        return not self.left

    def finish(self):
        """Ask again, on whatever connection there is, until every order is acknowledged."""
        deadline, asked = time.monotonic() + 60, -10.0
        while not self.listen():
            assert time.monotonic() < deadline, (self.left, self.client.told[-3:])
            if self.client.is_on and time.monotonic() - asked > 3:
                self.resend()
                asked = time.monotonic()
            time.sleep(0.02)


def traded_through(folder, rounds, seed):
    """Let both trade while the primary is killed or stopped; return them, and the pairs of journals."""
    fix, rng = free_ports(MACHINES), Random(seed)
    accounts = ",".join(f"{name}={number}" for name, number in ACCOUNTS.items())
    more = {name: ("--fix-port", str(fix[name]), "--fix-accounts", accounts) for name in MACHINES}
    traders = []
    try:
        with market(folder, PACE._replace(ttl_s=0.2), more) as stations:
            probe = Client(stations["a"].ports, seed, window=1)
            traders += [Stranger(folder, fix, "ADA", 1), Stranger(folder, fix, "BEN", 2)]
            for number in range(rounds):
                probe.last = None
                assert probe.pump(20, _is_safe)
                victim = stations[probe.teller]
                for each in traders:
                    each.client.logged_on()
                last = rng.randint(*BURST)
                for each in range(last):
                    traders[each % 2].order()
                    if each == last // 2:
                        victim.signal(signal.SIGSTOP if number % 3 == 2 else signal.SIGKILL)
                for each in traders:
                    each.finish()
                if number % 3 == 2:
                    victim.signal(signal.SIGCONT)
                else:
                    victim.end()
                    stations[victim.name] = victim.again()
            assert probe.settle()
            probe.close()
            probe_names = len(probe.told)
        return traders, [replayed(folder / name) for name in MACHINES], probe_names
    finally:
        for each in traders:
            each.client.stop()


class Replayed(NamedTuple):
    """What a machine's folder holds: the state, and how often a command has a client's name."""

    replica: Replica
    names: Counter


def replayed(folder):
    with RealDisk(folder) as disk:
        sequencer = Sequencer(clock=WallClock(), disk=disk, symbols=["ACME"])
        words = (codec.words_in(record.payload) for record in sequencer.records(1))
        return Replayed(
            sequencer.replica, Counter(Naming.heard(each).name for each in words if each)
        )


def check(traders, replicas, probed):
    for replica, names in replicas:
        engine = replica.engine
        assert names == Counter(name for trader in traders for name in trader.named)
        for trader in traders:
            account = ACCOUNTS[trader.name]
            assert trader.refused == [] and trader.changed == 0
            assert len(trader.numbers) == trader.sent == len(engine.client_ids[account])
            for name, number in trader.numbers.items():
                assert str(engine.order_id(account, name)) == number
                if f"{name}-c" in trader.named:
                    assert engine.markets["ACME"].find(int(number)) is None
        assert engine.last_order_id == probed + sum(each.sent for each in traders)
    assert len({(each.sequence, each.state_hash) for each, _ in replicas}) == 1


@pytest.mark.slow
def test_a_stranger_trades_through_kill_9_and_loses_and_repeats_nothing(tmp_path):
    check(*traded_through(tmp_path, 3, seed=7))
