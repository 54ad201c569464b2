"""What the exercises on standbys check: where two journals part, when to acknowledge, the fence.

Page: docs/exchange/standby.md
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from chapters.checking import JSON, Case, Stage
from chapters.lease import Answer, Ask, Kind, Lease
from chapters.sim import Chance, S, SimDisk, VirtualClock
from exchange import codec
from exchange.orders import Cancel
from exchange.standby.copies import Copies
from exchange.standby.giver import NAME, Giver
from exchange.standby.history import Mark, Place, agreed
from exchange.standby.journal import Journal
from exchange.standby.member import Member
from exchange.standby.messages import (
    Append,
    Behind,
    Claim,
    Confirm,
    Elsewhere,
    Enter,
    Message,
    Over,
    Propose,
    Recorded,
    Verdict,
)
from exchange.storm.trials import played, trial

# Words of a journal: "e3" begins epoch 3, "7" is a command.


def _payload(word: str) -> bytes:
    if word.startswith("e"):
        return codec.encode_epoch(0, int(word[1:]))
    return codec.encode(0, Cancel(1, "ACME", int(word)))


def _word(payload: bytes) -> str:
    if epoch := codec.epoch_in(payload):
        return f"e{epoch}"
    command = codec.decode(payload)[1]
    assert isinstance(command, Cancel)
    return str(command.order_id)


def parted(pairs: list[list[Any]]) -> JSON:
    """Return where each pair of journals parts: marks and last record of either."""
    return [
        agreed([Mark(*each) for each in ours], last, [Mark(*each) for each in theirs], their_last)
        for ours, last, theirs, their_last in pairs
    ]


def taken(words: list[str], messages: list[list[Any]]) -> JSON:
    """Let messages [sequence, epoch, payloads] come to a journal; return answers, and what is left."""
    disk = SimDisk(rng=Chance(3).stream("disk"))
    journal = Journal(disk=disk)
    journal.append([_payload(word) for word in words])
    journal.sync()
    said = [
        journal.take(Place(sequence, epoch), [_payload(word) for word in payloads])
        for sequence, epoch, payloads in messages
    ]
    disk.crash()
    left = Journal(disk=disk)
    return [said, [_word(payload) for payload in left.read(1, left.last)] if left.last else []]


def committed(own: str, recorded: list[str], copies_min: int, steps: list[list[Any]]) -> JSON:
    """Return what may be acknowledged after each step."""
    copies, found = Copies(own, recorded, copies_min=copies_min), list[JSON]()
    for name, *args in steps:
        getattr(copies, name)(*args)
        found.append(copies.committed)
    return found


def recorded(steps: list[list[Any]]) -> JSON:
    """Let machines begin epochs and propose disks, or the power fail; return what the giver says."""
    clock, disk = VirtualClock(), SimDisk(rng=Chance(3).stream("disk"))
    giver, found = Giver(clock=clock, disk=disk), list[JSON]()
    for name, *args in steps:
        if name == "begin":
            clock.advance(10 * S)  # whatever lease there was is over
            ask = Ask(Kind.ACQUIRE, NAME, args[0], 0, 1.0, 0)
            said = giver.hear(Claim(ask, f"{args[0]}.1", 0))
            assert isinstance(said, Verdict)
            found.append(said.answer.lease.epoch if said.answer.lease else said.answer.why)
        elif name == "propose":
            told = giver.hear(Propose(args[0], args[1], tuple(args[2])))
            assert isinstance(told, Recorded)
            found.append([told.epoch, told.version, list(told.disks)])
        else:
            disk.crash()
            giver = Giver(clock=clock, disk=disk)
    return found


def answered(acts: list[list[Any]]) -> JSON:
    """Let messages come to machine "b"; return, for each, what it says and how far it has applied.

    They are [sender, epoch, sequence, its epoch, payloads, committed], or an epoch that "b" is given.
    """
    said, found, clock = list[tuple[str, Message]](), list[JSON](), VirtualClock()
    member = Member(
        "b", ("a", "c"), clock=clock, rng=Chance(3).stream("name"), symbols=["ACME"],
        disk=SimDisk(rng=Chance(3).stream("disk")), send=lambda *each: said.append(each),
    )  # fmt: skip
    for sender, epoch, *more in acts:
        said.clear()
        if sender == "giver":
            lease = Lease(NAME, "b", epoch, 1.0, 0.0)
            member.handle("giver", Verdict(Answer(lease, "", 0, clock.now_ns()), ("a.1", "b.1")))
            member.handle("client", Enter(7, Cancel(1, "ACME", 9)))
            clock.advance(0)
        else:
            sequence, of, words, committed = more
            payloads = tuple(_payload(word) for word in words)
            place = Place(sequence, of)
            member.handle(
                sender, Append(epoch, f"{sender}.1", place, payloads, committed, (0, b""))
            )
        found.append([[_told(*each) for each in said], member.replica.sequence, member.leader])
    return found


def _told(target: str, message: Message) -> JSON:
    """Return what matters of a message."""
    match message:
        case Confirm(epoch, _, up_to):
            return [target, "Confirm", epoch, up_to]
        case Behind(epoch, _, marks, last):
            return [target, "Behind", epoch, [list(mark) for mark in marks], last]
        case Over(epoch):
            return [target, "Over", epoch]
        case Elsewhere(_, primary):
            return [target, "Elsewhere", primary]
    return [target, type(message).__name__]


def stormy(seed: int) -> JSON:
    """Let a round of bad weather pass; return what went wrong, and how much went well."""
    passed = played(trial(seed))
    return [list(passed.broken), passed.acknowledged, passed.epochs]


# Cases.


def one_writer(rng: Random) -> Iterator[Case]:
    yield ([[[[1, 1]], 5, [[1, 1]], 9], [[[1, 1]], 9, [[1, 1]], 5], [[], 0, [[1, 1]], 3]],)
    last = rng.randint(1, 50)
    yield ([[[[1, 1]], last, [[1, 1]], rng.randint(1, 50)]],)


def several(rng: Random) -> Iterator[Case]:
    """An old tail; one that is only behind; a writer that never reached the other; nothing in common."""
    yield ([[[[1, 1]], 12, [[1, 1], [2, 10]], 17]],)
    yield ([[[[1, 1], [2, 10]], 14, [[1, 1], [2, 10], [3, 18]], 30]],)
    yield ([[[[1, 1], [2, 10]], 14, [[1, 1], [3, 8]], 30]],)
    yield ([[[[1, 1]], 3, [[2, 1]], 4]],)
    first, second = rng.randint(5, 9), rng.randint(3, 20)
    yield ([[[[1, 1], [2, second]], 25, [[1, 1], [3, first]], 26]],)


def at_the_end(rng: Random) -> Iterator[Case]:
    yield ["e1"], [[1, 1, ["1", "2"]], [3, 1, ["3"]]]
    yield ["e1", "1"], [[2, 1, []], [2, 1, [str(rng.randint(2, 99)), "5"]]]


def come_again(rng: Random) -> Iterator[Case]:
    """A message twice; an old one behind a newer one; one that overlaps."""
    yield ["e1"], [[1, 1, ["1", "2"]], [1, 1, ["1", "2"]]]
    yield ["e1"], [[1, 1, ["1"]], [2, 1, ["2", "3"]], [1, 1, ["1"]], [0, 0, ["e1"]]]
    yield ["e1", "1", "2"], [[2, 1, ["2", "3", "4"]]]
    yield ["e1", "1", "2", "3"], [[2, 1, []], [1, 1, ["1"]]]


def old_tails(rng: Random) -> Iterator[Case]:
    yield ["e1", "1", "2", "3"], [[2, 1, ["e2", "7"]]]
    yield ["e1", "1", "2", "3", "4"], [[2, 1, ["e2"]], [3, 2, ["8", "9"]]]
    yield ["e1", "1", "2", "3"], [[2, 1, ["2", "e2"]]]
    keep = rng.randint(1, 3)
    yield ["e1", "1", "2", "3", "4"], [[keep, 1, ["e4", "6"]], [keep + 1, 4, ["6", "7"]]]


def two_disks(rng: Random) -> Iterator[Case]:
    yield "a", ["a"], 1, [["hold", "a", 3], ["hold", "a", 9]]
    yield "a", ["a", "b"], 1, [["hold", "a", 57], ["hold", "b", 54], ["hold", "b", 57]]
    more = rng.randint(1, 50)
    yield "a", ["a", "b"], 1, [["hold", "b", more], ["hold", "a", 25], ["hold", "c", 99]]
    yield "a", ["a"], 2, [["hold", "a", 9], ["hold", "b", 9]]


def one_is_dropped(rng: Random) -> Iterator[Case]:
    """Proposed is not recorded; and the answer to an old question is none."""
    both: list[JSON] = [["hold", "a", 60], ["hold", "b", 54]]
    yield "a", ["a", "b"], 1, [*both, ["propose", ["a"]], ["on_record", 1, ["a"]]]
    yield (
        "a",
        ["a", "b"],
        1,
        [*both, ["propose", ["a"]], ["on_record", 0, ["a"]], ["hold", "a", 70]],
    )
    twice: list[JSON] = [["propose", ["a"]], ["propose", ["a", "b"]], ["on_record", 1, ["a"]]]
    yield "a", ["a", "b"], 1, [*both, *twice, ["on_record", 2, ["a", "b"]], ["hold", "b", 60]]


def one_comes_back(rng: Random) -> Iterator[Case]:
    """Waited for, it holds all up; asked for, it may count already; nothing acknowledged is taken back."""
    alone: list[JSON] = [["hold", "a", 60], ["hold", "b", 54], ["wait_for", "b"], ["hold", "a", 70]]
    yield "a", ["a"], 1, [*alone, ["give_up_on", ["b"]]]
    asked: list[JSON] = [["propose", ["a", "b"]], ["hold", "a", 80], ["hold", "b", 75]]
    yield "a", ["a"], 1, [*alone, ["hold", "b", 66], *asked, ["on_record", 1, ["a", "b"]]]
    yield "a", ["a"], 1, [["hold", "a", 60], ["wait_for", "c"], ["hold", "a", 70], ["hold", "c", 9]]


def proposals(rng: Random) -> Iterator[Case]:
    """A set of disks, a later one, an old question that comes again; and a power failure."""
    both, alone = ["a.1", "b.1"], ["a.1"]
    yield (
        [
            ["begin", "a"],
            ["propose", 1, 1, both],
            ["propose", 1, 2, alone],
            ["propose", 1, 1, both],
        ],
    )
    again = rng.randint(2, 9)
    yield ([["begin", "a"], ["propose", 1, again, both], ["crash"], ["propose", 1, 1, alone]],)


def old_proposals(rng: Random) -> Iterator[Case]:
    """Who has begun a later epoch is not dropped by an earlier one, and its versions begin anew."""
    begun: list[list[JSON]] = [["begin", "a"], ["propose", 1, 7, ["a.1", "b.1"]], ["begin", "b"]]
    yield ([*begun, ["propose", 1, 8, ["a.1"]]],)
    yield ([*begun, ["propose", 2, 1, ["b.1"]], ["propose", 1, 9, ["a.1"]]],)
    yield ([*begun, ["crash"], ["propose", 1, rng.randint(8, 99), ["a.1"]], ["begin", "b"]],)


def records_come(rng: Random) -> Iterator[Case]:
    """On disk, then confirmed; applied as far as committed; and what is missing is asked for."""
    yield ([["a", 1, 0, 0, ["e1", "1"], 0], ["a", 1, 2, 1, ["2"], 2], ["a", 1, 3, 1, [], 3]],)
    yield ([["a", 1, 0, 0, ["e1"], 0], ["a", 1, rng.randint(2, 9), 1, ["5"], 1]],)
    yield ([["a", 1, 0, 0, ["e1", "1", "2", "3"], 1], ["a", 1, 1, 1, ["1"], rng.randint(3, 9)]],)


def earlier_epochs(rng: Random) -> Iterator[Case]:
    """A primary that has slept; one whose message was under way; one that had nothing new to say."""
    first: list[JSON] = ["a", 1, 0, 0, ["e1", "1"], 2]
    later = rng.randint(2, 9)
    yield ([first, ["c", later, 2, 1, [f"e{later}"], 2], ["a", 1, 2, 1, ["5"], 3]],)
    yield ([first, ["c", later, 2, 1, [], 2], ["a", 1, 2, 1, ["5"], 3], ["c", later, 2, 1, [], 2]],)
    yield ([first, ["c", later, 9, later, ["6"], 9], ["a", 1, 2, 1, [], 2]],)


def deposed(rng: Random) -> Iterator[Case]:
    """It is primary itself, somebody has begun after it, and a client waits."""
    epoch = rng.randint(2, 9)
    yield ([["giver", epoch], ["a", epoch + 1, 0, 0, [f"e{epoch + 1}"], 0]],)
    yield ([["giver", epoch], ["a", epoch - 1, 0, 0, [f"e{epoch - 1}"], 1]],)


def some_round(rng: Random) -> Iterator[Case]:
    yield (rng.randrange(1, 1_000),)


def told(args: Case, got: JSON) -> str:
    """Say how a round went on the learner's code."""
    assert isinstance(got, list | tuple)
    return (
        f"bad weather passes over your code: {got[1]} orders acknowledged in {got[2]} epochs, none of "
        f"them lost or repeated"
    )


ROUND = "a round of bad weather"

STAGES = {
    "the-old-tail": [
        Stage("one writer, two lengths", one_writer, parted),
        Stage("several writers", several, parted),
        Stage("records at the end", at_the_end, taken, needs=()),
        Stage("what is here already stays", come_again, taken),
        Stage("the old tail goes", old_tails, taken),
        Stage(ROUND, some_round, stormy, needs=(2, 5), summary=told),
    ],
    "when-to-acknowledge": [
        Stage("on every disk that counts", two_disks, committed),
        Stage("a disk that shall count no more", one_is_dropped, committed),
        Stage("a disk that comes back", one_comes_back, committed),
        Stage(ROUND, some_round, stormy, summary=told),
    ],
    "fence-the-old-primary": [
        Stage("which disks are on record", proposals, recorded),
        Stage("an earlier epoch changes nothing", old_proposals, recorded),
        Stage("a standby takes records", records_come, answered, needs=()),
        Stage("it confirms nothing to an earlier epoch", earlier_epochs, answered),
        Stage("a primary that hears of a later one", deposed, answered),
        Stage(ROUND, some_round, stormy, needs=(2, 5), summary=told),
    ],
}
