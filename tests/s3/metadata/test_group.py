"""A front end in front of several replicas: it finds the leader and never repeats what may be done."""

from types import SimpleNamespace

import pytest

from chapters.errors import Definite, Indefinite
from chapters.sim import VirtualClock
from s3.errors import Busy, Unconfirmed
from s3.metadata.batches import Read, pack, pack_entries
from s3.metadata.remote import PATIENCE_NS, Group
from s3.metadata.replica import BUSY_503, REDIRECT_421, UNKNOWN_504

ENTRIES = [(b"k", b"v")]


class Line:
    """A replica that answers from a list, and its last answer for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = 0

    def call(self, method, url, body=b""):
        self.calls += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, content = answer
        return SimpleNamespace(status=status, body=content)


ENTRY = (200, pack_entries(ENTRIES))
DONE = (200, pack([b"done"]))
AWAY, SILENT = Definite("away"), Indefinite("no answer")


def group(**lines):
    return Group(lines, clock=VirtualClock())


def test_it_follows_the_hint_to_the_leader_and_remembers():
    first, leader = Line((REDIRECT_421, b"b")), Line(ENTRY)
    found = group(a=first, b=leader)
    for _ in range(2):
        assert found.read(Read.one(b"k")) == ENTRIES
    assert (first.calls, leader.calls) == (1, 2)


@pytest.mark.parametrize("answer", [AWAY, SILENT, (BUSY_503, b"no"), (REDIRECT_421, b"")])
def test_a_read_is_asked_elsewhere(answer):
    assert group(a=Line(answer), b=Line(ENTRY)).read(Read.one(b"k")) == ENTRIES


def test_a_commit_goes_on_after_what_certainly_did_not_happen():
    assert group(a=Line(AWAY), b=Line(DONE)).commit([b"x"]) == ["done"]


@pytest.mark.parametrize("answer", [SILENT, (UNKNOWN_504, b"leadership was lost")])
def test_a_commit_that_may_have_happened_is_not_repeated(answer):
    first, second = Line(answer), Line(DONE)
    with pytest.raises(Unconfirmed):
        group(a=first, b=second).commit([b"x"])
    assert second.calls == 0


def test_without_a_leader_patience_ends():
    clock = VirtualClock()
    with pytest.raises(Busy, match="no leader among the metadata replicas a, b"):
        Group({"a": Line(AWAY), "b": Line((REDIRECT_421, b""))}, clock=clock).read(Read.one(b"k"))
    assert PATIENCE_NS <= clock.now_ns() < 2 * PATIENCE_NS
