"""Storage nodes that die, stall, or share a zone that burns.

    nodes       k of six nodes lose power while clients are at work
    slow-disk   one disk stalls; reads with and without a hedge
    zone-loss   a whole zone goes; placement that knows zones against one that does not

Page: docs/s3/breaking.md
"""

from chapters.sim.clock import MS, S, spell
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Series, Verdict
from s3.breaking.load import CLIENTS, Load
from s3.scene.store import BUCKET, Store
from s3.storage.hedging import NEVER_NS, Measured, measure
from s3.storage.simulated import ZONES

NODES, PARITY = 6, 2
ZONE_NODES = (
    12  # four in a zone: with six nodes each has a shard of everything, whatever the placement
)


def nodes(*, nodes: int = 2, requests: int = 60, seed: int = 7) -> Outcome:
    """Cut the power of some of six nodes while clients put and get; then give it back."""
    at_least(0, nodes=nodes)
    at_least(1, requests=requests)
    nodes = min(nodes, NODES)
    with Store(seed).with_bucket() as store:
        load = Load(store)
        load.start(requests)
        store.clock.advance(200 * MS)
        struck = store.simulation.chance.stream("struck").sample(store.nodes, nodes)
        for node in struck:
            node.kill()
        load.finish()
        while_down = load.readable()
        for node in struck:
            node.restart()
        store.clock.advance(2 * S)
        after = load.readable()
    count = len(load.acknowledged)
    puts, gets = load.refused("put"), load.refused("get")
    is_enough = nodes <= PARITY
    return Outcome(
        title=f"{nodes} of {NODES} nodes lose power under load",
        verdicts=(
            Verdict("reads and writes go on", not puts + gets, f"{puts} puts, {gets} gets refused"),
            Verdict(
                "all that was acknowledged can be read meanwhile",
                while_down == count,
                f"{while_down} of {count}",
            ),
            Verdict(
                "no wrong byte is ever returned", not load.wrong, f"{load.wrong} wrong answers"
            ),
            load.said(),
            Verdict("with the power it is all back", after == count, f"{after} of {count}"),
        ),
        lines=(
            f"{CLIENTS} clients; {count} objects of 4+2 shards, so any {PARITY} nodes may be away"
            + ("" if is_enough else f": {nodes} are more than that, and no code gives it back"),
        ),
        next_commands=(f"kit break s3 nodes --nodes {3 if is_enough else 2}", "kit break s3 power"),
        replay=f"kit break s3 nodes --nodes {nodes} --requests {requests} --seed {seed}",
        series=(load.series(),),
    )


def slow_disk(*, reads: int = 1_500, patience_ms: int = 15, seed: int = 7) -> Outcome:
    """Let one of six disks stall on every answer, and read with and without a hedge."""
    at_least(100, reads=reads)
    at_least(1, patience_ms=patience_ms)
    waiting = measure(seed, NEVER_NS, reads, 0.01, slow_node=True)
    hedged = measure(seed, patience_ms * MS, reads, 0.01, slow_node=True)
    slow, fast = waiting.percentile_ns(99), hedged.percentile_ns(99)
    extra = hedged.shards / waiting.shards - 1
    return Outcome(
        title=f"one of six disks always stalls; {reads:,} reads",
        verdicts=(
            Verdict(
                "hedged, the slowest in a hundred is five times as fast",
                fast * 5 < slow,
                f"p99 {spell(slow)} waiting, {spell(fast)} hedged",
            ),
            Verdict(
                "it costs less than one shard more a read", extra < 0.25, f"{extra:+.1%} shards"
            ),
        ),
        lines=(
            f"waiting  p50 {spell(waiting.percentile_ns(50)):>8}   p99 {spell(slow):>8}",
            f"hedged   p50 {spell(hedged.percentile_ns(50)):>8}   p99 {spell(fast):>8}",
        ),
        next_commands=("kit run s3/storage/hedging", "kit trace s3"),
        replay=f"kit break s3 slow-disk --reads {reads} --patience-ms {patience_ms} --seed {seed}",
        series=(_percentiles("waiting", waiting), _percentiles("hedged", hedged)),
    )


def _percentiles(label: str, found: Measured) -> Series:
    shown = (5, 10, 25, 50, 75, 90, 95, 99)
    return Series(label, "ms", tuple((each, found.percentile_ns(each) / MS) for each in shown))


def zone_loss(*, objects: int = 80, seed: int = 7) -> Outcome:
    """Lose one of three zones; place the shards with and without knowing which node is in which."""
    at_least(1, objects=objects)
    aware, wrong_aware = _unreadable(seed, objects, ZONES)
    blind, wrong_blind = _unreadable(seed, objects, "?")
    wrong = wrong_aware + wrong_blind
    return Outcome(
        title=f"one of three zones is lost: {ZONE_NODES // 3} of {ZONE_NODES} nodes",
        verdicts=(
            Verdict("every object can be read", not aware, f"{objects - aware} of {objects}"),
            Verdict(
                "and it is the placement that saves them",
                blind > 0,
                f"blind to zones, {blind} of {objects} cannot be read",
            ),
            Verdict("no wrong byte is ever returned", not wrong, f"{wrong} wrong answers"),
        ),
        lines=(
            "aware of zones, a stripe has two of its six shards in each; four are left",
            "blind, chance decides, and three or four in one zone are common",
        ),
        next_commands=("kit run s3/durability", "kit break s3 nodes --nodes 3"),
        replay=f"kit break s3 zone-loss --objects {objects} --seed {seed}",
    )


def _unreadable(seed: int, objects: int, zones: str) -> tuple[int, int]:
    """Return how many objects a lost zone makes unreadable, and how many are read wrongly.

    `zones` is what the placement believes; where the nodes really stand is always the same.
    """
    with Store(seed, nodes=ZONE_NODES, zones=zones).with_bucket() as store:
        client, rng = store.client(), store.simulation.chance.stream("bodies")
        bodies = {f"/{BUCKET}/{number}": rng.randbytes(5_000) for number in range(objects)}
        for path, body in bodies.items():
            client.put(path, body)
        for node in store.nodes[:: len(ZONES)]:
            node.kill()
        answers = [(client.get(path), body) for path, body in bodies.items()]
    lost = sum(not answered.is_ok for answered, _ in answers)
    wrong = sum(answered.is_ok and answered.body != body for answered, body in answers)
    return lost, wrong


def repair_storm(*, objects: int = 60, mib_per_s: int = 1, seed: int = 7) -> Outcome:
    """Replace a node by an empty one, repair at a bounded rate, and lose another in the middle of it."""
    at_least(1, objects=objects, mib_per_s=mib_per_s)
    with Store(seed).with_bucket() as store:
        client, rng = store.client(), store.simulation.chance.stream("bodies")
        bodies = {f"/{BUCKET}/{number}": rng.randbytes(20_000) for number in range(objects)}
        for path, body in bodies.items():
            client.put(path, body)
        store.nodes[0].kill()
        store.nodes[0].restart(is_empty=True)
        store.clock.advance(2 * S)
        begun_ns = store.clock.now_ns()
        repairer = store.repairer(mib_per_s * 1024 * 1024)
        store.clock.call_later(100 * MS, store.nodes[1].kill)
        first = repairer.run(store.known())
        took_ns = store.clock.now_ns() - begun_ns
        whole = sum(client.get(path).body == body for path, body in bodies.items())
        store.nodes[1].restart(is_empty=True)
        store.clock.advance(2 * S)
        second, third = repairer.run(store.known()), repairer.run(store.known())
    rate = first.size_bytes / 1024 / 1024 / (took_ns / S)
    return Outcome(
        title="a node is replaced, and another dies while its shards are made anew",
        verdicts=(
            Verdict("all can be read meanwhile", whole == objects, f"{whole} of {objects}"),
            Verdict("repair keeps to its rate", rate <= mib_per_s * 1.01, f"{rate:.2f} MiB/s"),
            Verdict(
                "in the end nothing is missing",
                not third.wounded and not third.beyond_repair,
                f"{third.wounded} stripes wounded",
            ),
        ),
        lines=(
            f"first repair: {first.mended} stripes mended, {len(first.failed)} put off, "
            f"{spell(took_ns)}; second: {second.mended} mended",
        ),
        next_commands=("kit run s3/storage/repair", "kit break s3 nodes"),
        replay=f"kit break s3 repair-storm --objects {objects} --mib-per-s {mib_per_s} --seed {seed}",
    )
