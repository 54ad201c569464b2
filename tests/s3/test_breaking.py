"""Every fault gives an honest verdict: held where it must hold, broken where no software can help."""

import pytest

from chapters.sim import SimDisk
from s3.breaking import FAULTS
from s3.breaking.app import Writer
from s3.scene.requests import Answered

QUICK = {"power": {"points": 60}, "slow-disk": {"reads": 1_000}, "torn-write": {"object_bytes": 60}}
HELD = [*(name for name in FAULTS if name not in ("process-kill", "lying-fsync"))]


@pytest.mark.parametrize("seed", (1, 7))
@pytest.mark.parametrize("name", HELD)
def test_every_promise_holds(name, seed):
    outcome = FAULTS[name].run(seed=seed, **QUICK.get(name, {}))
    assert outcome.held, [each for each in outcome.verdicts if not each.held]
    assert outcome.replay.startswith(f"kit break s3 {name}")


@pytest.mark.parametrize("name", ["nodes", "partition", "lost-quorum", "eventual-cache"])
def test_a_fault_is_the_same_for_the_same_seed(name):
    assert FAULTS[name].run(seed=3) == FAULTS[name].run(seed=3)


def test_three_of_six_nodes_are_too_many_and_say_so():
    held = [each.held for each in FAULTS["nodes"].run(nodes=3).verdicts]
    assert held == [False, False, True, True, True]


def test_two_lying_disks_are_survived_and_three_are_not():
    assert FAULTS["lying-fsync"].run(liars=2).held
    assert not FAULTS["lying-fsync"].run(liars=3).held


def test_a_server_clock_two_days_fast_breaks_the_lock():
    assert not FAULTS["clock-skew"].run(server_hours=48).held


def test_a_promise_that_does_not_hold_is_noticed(monkeypatch):
    monkeypatch.setattr(SimDisk, "sync", lambda disk, name: None)
    assert not FAULTS["power"].run(points=80).held


class _Forgetful:
    """A server that has only the first version of everything."""

    def __init__(self, writer):
        self._writer = writer

    def get(self, path):
        return Answered(200, {}, self._writer.body(path, 1))


def test_an_older_version_than_the_acknowledged_one_is_a_loss():
    writer = Writer(0, 7, told={"/burst/0-1": 9}, asked={"/burst/0-1": 17})
    assert list(writer.settle(_Forgetful(writer)))
    writer = Writer(0, 7, told={"/burst/0-1": 1})
    assert not list(writer.settle(_Forgetful(writer)))


@pytest.mark.slow
def test_kill_nine_of_the_real_server_loses_nothing():
    outcome = FAULTS["process-kill"].run(rounds=3)
    assert outcome.held, outcome.verdicts
