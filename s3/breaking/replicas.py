"""Metadata replicas that are cut off or dead, and clocks that are wrong.

    partition     the leader and one front end on the wrong side of a cut
    lost-quorum   two of three replicas gone while clients race for keys with If-None-Match: *
    clock-skew    clients and front ends whose clocks are off: signatures, and object lock

Page: docs/s3/breaking.md
"""

from collections import Counter
from itertools import product

from chapters.sim.clock import MS, S, SkewedClock, VirtualClock
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from s3.auth.signature import to_timestamp
from s3.scene.app import TaskClock
from s3.scene.replicas import REPLICAS
from s3.scene.requests import Answered, Client
from s3.scene.store import BUCKET, Store

HOUR_S = 3_600
LOCK_HOURS = 24
FRONTS = ("front-1", "front-2")


def partition(*, rounds: int = 12, seed: int = 7) -> Outcome:
    """Cut the leader and front end 2 off from two replicas and front end 1; ask both; heal."""
    at_least(1, rounds=rounds)
    with Store(seed, replicas=3, fronts=2).with_bucket() as store:
        here, there = store.client(0), store.client(1)
        there.put(f"/{BUCKET}/k", b"before the cut")
        assert store.replicas is not None
        leader = store.replicas.leader or REPLICAS[0]
        _cut(store, {leader, "front-2"})
        majority: list[Answered] = []
        minority: list[Answered] = []
        reads: list[Answered] = []
        for number in range(rounds):
            majority.append(here.put(f"/{BUCKET}/k", b"majority %d" % number))
            minority.append(there.put(f"/{BUCKET}/k", b"minority %d" % number))
            reads.append(there.get(f"/{BUCKET}/k"))
        store.simulation.network.heal()
        store.clock.advance(3 * S)
        agreed = {here.get(f"/{BUCKET}/k").body, there.get(f"/{BUCKET}/k").body}
    written = [each for each in majority if each.is_ok]
    accepted = sum(each.is_ok for each in minority)
    stale = sum(each.is_ok for each in reads)
    last = b"majority %d" % max(n for n, each in enumerate(majority) if each.is_ok)
    return Outcome(
        title=f"the leader, {leader}, and a front end are cut off from the other two replicas",
        verdicts=(
            Verdict(
                "the majority's side goes on after an election",
                len(written) >= rounds - 1,
                f"{len(written)} of {rounds} writes",
            ),
            Verdict("the minority accepts no write", not accepted, _spelt(minority)),
            Verdict("nor answers a read with what may be stale", not stale, _spelt(reads)),
            Verdict(
                "healed, both sides read the last acknowledged write",
                agreed == {last},
                ", ".join(sorted(each.decode() for each in agreed)),
            ),
        ),
        lines=("a leader that cannot reach a majority must not even read: somebody else may lead",),
        next_commands=("kit break s3 lost-quorum", "kit run s3/consistency"),
        replay=f"kit break s3 partition --rounds {rounds} --seed {seed}",
    )


def _cut(store: Store, island: set[str]) -> None:
    everybody = {*REPLICAS, *FRONTS}
    for inside, outside in product(sorted(island), sorted(everybody - island)):
        store.simulation.network.cut(inside, outside)
        store.simulation.network.cut(outside, inside)


def _spelt(answers: list[Answered]) -> str:
    counts = Counter(f"{each.status} {each.code}".strip() for each in answers)
    return ", ".join(f"{count} × {what}" for what, count in sorted(counts.items()))


def lost_quorum(*, keys: int = 40, clients: int = 4, seed: int = 7) -> Outcome:
    """Let clients race to create the same keys while two of three replicas die and come back."""
    at_least(1, keys=keys, clients=clients)
    with Store(seed, replicas=3, fronts=2).with_bucket() as store:
        told: dict[str, dict[int, Answered]] = {f"/{BUCKET}/{n:03}": {} for n in range(keys)}

        def live(number: int) -> None:
            client = store.client(number % 2)
            for path in told:
                told[path][number] = client.put(path, b"%d" % number, if_none_match="*")

        for number in range(clients):
            store.tasks.start(lambda number=number: live(number))  # type: ignore[misc]
        processes = store.simulation.processes
        store.clock.advance(40 * MS)
        for name in REPLICAS[:2]:
            processes.crash(name)
        store.clock.advance(4 * S)
        while_lost = [each for answers in told.values() for each in answers.values()]
        count_lost = len(while_lost)
        for name in REPLICAS[:2]:
            processes.restart(name)
        while store.tasks.running:
            store.clock.advance(S)
        left = {path: store.client().get(path) for path in told}
    winners = {
        path: [number for number, each in answers.items() if each.is_ok]
        for path, answers in told.items()
    }
    twice = sum(len(each) > 1 for each in winners.values())
    silent = sum(bool(won) and left[path].body != b"%d" % won[0] for path, won in winners.items())
    everything = [each for answers in told.values() for each in answers.values()]
    unknown = sum(each.status == 500 for each in everything)
    return Outcome(
        title=f"{clients} clients race for {keys} keys with If-None-Match: *, and a quorum is lost",
        verdicts=(
            Verdict("no key is created twice", not twice, f"{twice} of {keys}"),
            Verdict(
                "whoever was told 200 finds their own bytes",
                not silent,
                f"{sum(map(bool, winners.values()))} keys won, {silent} of them with other bytes",
            ),
            Verdict(
                "without a quorum nothing is a success",
                {each.status for each in everything} <= {200, 409, 412, 500, 503},
                _spelt(everything),
            ),
        ),
        lines=(
            f"{count_lost} answers by the time that the quorum was back",
            f"{unknown} were told 500: it may have happened; a client reads before it tries again",
        ),
        next_commands=("kit break s3 partition",),
        replay=f"kit break s3 lost-quorum --keys {keys} --clients {clients} --seed {seed}",
    )


def clock_skew(*, server_hours: float = 0.0, seed: int = 7) -> Outcome:
    """Sign with clocks that are off; try to delete a locked version at a front end that may be off."""
    with Store(seed).with_bucket() as store:
        statuses = {minutes: _signed_at(store, minutes) for minutes in (-16, -14, 0, 14, 16)}
        deleted_early = _deletes_locked(store, server_hours)
    accepted = [minutes for minutes, each in statuses.items() if each.is_ok]
    codes = {each.code for minutes, each in statuses.items() if abs(minutes) > 15}
    return Outcome(
        title=f"clients off by up to 16 minutes, a front end off by {server_hours:g} hours",
        verdicts=(
            Verdict(
                "15 minutes either way are forgiven, more are not",
                accepted == [-14, 0, 14] and codes == {"RequestTimeTooSkewed"},
                f"accepted at {', '.join(f'{m:+d}' for m in accepted)} min; else {', '.join(codes)}",
            ),
            Verdict(
                f"what is locked for {LOCK_HOURS} hours cannot be deleted after one",
                not deleted_early,
                "deleted" if deleted_early else "refused with AccessDenied",
            ),
        ),
        lines=(
            "a client cannot move the lock: its date counts for the signature alone",
            "but a lock is as good as the clock of the front end that looks at it",
        ),
        next_commands=("kit break s3 clock-skew --server-hours 48",),
        replay=f"kit break s3 clock-skew --server-hours {server_hours:g} --seed {seed}",
    )


def _signed_at(store: Store, minutes: int) -> Answered:
    clock = SkewedClock(store.clock, offset_ns=minutes * 60 * S)
    return Client(store.service, clock).put(f"/{BUCKET}/skewed", b"when was this?")


def _deletes_locked(store: Store, server_hours: float) -> bool:
    """Lock a version for a day; an hour later, on a front end whose clock is off, delete it."""
    client = store.client()
    client.put("/vault", b"", x_amz_bucket_object_lock_enabled="true")
    until = to_iso(store.clock, LOCK_HOURS * HOUR_S)
    made = client.put(
        "/vault/deed",
        b"mine",
        x_amz_object_lock_mode="COMPLIANCE",
        x_amz_object_lock_retain_until_date=until,
    )
    assert made.is_ok, made
    store.clock.advance(HOUR_S * S)
    off = TaskClock(store.tasks, offset_ns=round(server_hours * HOUR_S * S))
    store.service.clock = off
    version = made.headers["x-amz-version-id"]
    gone = Client(store.service, off).ask("DELETE", "/vault/deed", query={"versionId": version})
    assert gone.status in (204, 403), gone
    return gone.status == 204


def to_iso(clock: VirtualClock, seconds: int) -> str:
    """Return the time so many seconds from now, as S3 writes dates."""
    stamp = to_timestamp(clock.now_ns() / 1e9 + seconds)
    return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[9:11]}:{stamp[11:13]}:{stamp[13:15]}Z"
