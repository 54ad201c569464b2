"""QuickFIX trades through kill -9 of the primary: no acknowledged order is lost or entered twice."""

import signal
import time
from random import Random

import pytest

from chapters.sim.real import RealDisk, WallClock
from exchange.breaking.stations import PACE, Client, _is_safe
from exchange.sequencer import Sequencer
from exchange.standby.app import free_ports
from exchange.standby.processes import MACHINES, market
from tests.exchange.fix import quick

pytest.importorskip("quickfix", reason="QuickFIX is not installed")

ACCOUNTS = {"ADA": 1_007, "BEN": 1_008}
KNOWN = ("0", "F", "I")  # ExecTypes of an order that is in
BURST = (20, 120)  # orders


class Stranger:
    """A QuickFIX client that remembers what it sent and what it was told of it."""

    def __init__(self, folder, ports, name, side):
        others = str(ports["b"])
        self.client = quick.Client(folder, ports["a"], name, others=others)
        self.name, self.side, self.sent, self.left = name, side, 0, {}
        self.numbers, self.changed, self.refused = {}, 0, []
        self.heard = 0

    def order(self):
        name, price = f"{self.name}-{self.sent}", f"10.0{self.sent % 3}"
        self.sent += 1
        self.left[name] = price
        self.client.order(name, self.side, 10, price)

    def resend(self):
        for name, price in list(self.left.items()):
            self.client.order(name, self.side, 10, price, t97="Y")

    def listen(self):
        """Take in what came; return whether every order is acknowledged."""
        told = list(self.client.told)
        for each in told[self.heard :]:
            if each.get("150") in KNOWN:
                known = self.numbers.setdefault(each["11"], each["37"])
                self.changed += known != each["37"]
                self.left.pop(each["11"], None)
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


def replayed(folder):
    with RealDisk(folder) as disk:
        return Sequencer(clock=WallClock(), disk=disk, symbols=["ACME"]).replica


def check(traders, replicas, probed):
    for replica in replicas:
        engine = replica.engine
        for trader in traders:
            account = ACCOUNTS[trader.name]
            assert trader.refused == [] and trader.changed == 0
            assert len(trader.numbers) == trader.sent == len(engine.client_ids[account])
            for name, number in trader.numbers.items():
                assert str(engine.order_id(account, name)) == number
        assert engine.last_order_id == probed + sum(each.sent for each in traders)
    assert len({(each.sequence, each.state_hash) for each in replicas}) == 1


@pytest.mark.slow
def test_a_stranger_trades_through_kill_9_and_loses_and_repeats_nothing(tmp_path):
    check(*traded_through(tmp_path, 3, seed=7))
