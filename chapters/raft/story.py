"""An election, some writes, the leader loses power, another one takes over: nothing promised is lost.

The group is simulated, so it is the same drama for everybody who types the same seed.
Page: docs/chapters/raft.md
"""

from chapters.errors import UsageError
from chapters.raft.cluster import Cluster
from chapters.raft.timeline import COLUMN_NS, Timeline, longest_silence
from chapters.sim.clock import MS, S, spell
from chapters.sim.errors import at_least
from chapters.sim.network import Link

TITLE = "Raft"
CRASH_NS, RESTART_NS, END_NS = 1200 * MS, 2200 * MS, 3 * S
MEMBERS_MAX = 9


def demo(*, seed: int = 7, members: int = 3, clients: int = 2) -> None:
    """Let the leader of a group lose power in the middle of its work, and draw what happens."""
    at_least(1, members=members, clients=clients)
    if members > MEMBERS_MAX:
        raise UsageError(f"members is {members}; it must be at most {MEMBERS_MAX}")
    cluster = Cluster(seed, count=members, clients=clients, link=Link())
    timeline = Timeline(cluster)
    cluster.run(CRASH_NS)
    strike_leader(cluster)
    cluster.run(END_NS)
    for client in cluster.clients:
        client.is_done = True
    print(f"members: {members}   clients: {clients}   a column: {spell(COLUMN_NS)}\n")
    print("\n".join(timeline.lines()))
    print("  a digit follows in that term   ▲ leads   ? stands for election   ✘ has no power")
    print("  ✔ writes acknowledged meanwhile\n")
    print("\n".join(cluster.simulation.transcript))
    cluster.run(END_NS + S)
    print(f"\n{verdict(cluster)}")


def strike_leader(cluster: Cluster) -> None:
    """Pull the plug of whoever leads now, and put it in again a second later."""
    leader = cluster.leader
    simulation = cluster.simulation
    if leader is None:
        simulation.record("nobody leads yet: nobody is struck")
        return
    simulation.record(f"⚡ {leader} loses power; what it had not synced is gone")
    simulation.processes.crash(leader)

    def restart() -> None:
        simulation.record(f"{leader} starts again from its disk")
        simulation.processes.restart(leader)

    simulation.clock.call_later(RESTART_NS - CRASH_NS, restart)


def verdict(cluster: Cluster) -> str:
    """Return what was promised and what is there, in two lines."""
    told = len(cluster.acknowledged())
    asked = sum(each.is_write for each in cluster.operations)
    lengths = ", ".join(f"{name} {len(each.names)}" for name, each in cluster.ledgers.items())
    kept = (
        "\n".join(cluster.judge()) or "every promise kept: one leader a term, nothing lost or stale"
    )
    return (
        f"{told} of {asked} writes acknowledged, the longest wait for one was "
        f"{longest_silence(cluster)}; in the ledgers: {lengths}\n{kept}"
    )


if __name__ == "__main__":
    demo()
