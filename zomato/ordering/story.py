"""One dinner through three houses, and whatever gets in its way, in virtual time.

Page: docs/zomato/ordering.md
"""

from collections.abc import Iterator
from itertools import groupby
from typing import TypeAlias

from chapters.sim.clock import MS, S, spell
from chapters.sim.errors import at_least
from chapters.sim.faults import Schedule
from chapters.sim.latency import LogNormal
from chapters.sim.network import Link
from zomato.ordering.bill import rupees
from zomato.people import SERVICE
from zomato.storm.world import Trial, World

Said: TypeAlias = tuple[int, str, str, str]  # when, by whom, to whom, what

TITLE = "Ordering"


def demo(*, seed: int = 7, rudeness: float = 0.5, loss: float = 0.2) -> None:
    """Follow one order: everything that is sent to or from the order process, and the books."""
    at_least(0, rudeness=rudeness, loss=loss)
    world = World(Trial(seed, Schedule(), orders=1, rudeness=min(rudeness, 0.9)))
    link = Link(latency=LogNormal(40 * MS, 2 * S), loss=min(loss, 0.9), duplication=0.1)
    for house in ("gateway", "kitchen", "riders", "customers"):
        world.simulation.network.set_link(SERVICE, house, link)
        world.simulation.network.set_link(house, SERVICE, link)
    for line in _lines(conversation(world)):
        print(line)
    print("\nwhat it comes to, in the books:")
    for name, paise in world.money.items():
        print(f"  {name:16}{rupees(paise):>12}")
    print(f"  {'':16}{rupees(sum(world.money.values())):>12}")


def _lines(said: list[Said]) -> Iterator[str]:
    """Yield a line for each thing that was said; what was only repeated is counted."""
    start_ns = said[0][0] if said else 0
    for (source, target, words), group in groupby(said, key=lambda each: each[1:]):
        times = [at_ns - start_ns for at_ns, *_ in group]
        again = f"   (and {len(times) - 1} more, until {spell(times[-1])})" if times[1:] else ""
        yield f"  {spell(times[0]):>9}  {source:>9} ─► {target:9}  {words}{again}"


def conversation(world: World) -> list[Said]:
    """Let the evening pass; return what was sent, when, by whom, to whom."""
    network, said = world.simulation.network, list[Said]()
    send = network.send

    def overheard(source: str, target: str, message: object) -> None:
        assert isinstance(message, dict)
        said.append((world.clock.now_ns(), source, target, _words(message)))
        send(source, target, message)

    network.send = overheard  # type: ignore[method-assign]
    world.run()
    return said


def _words(message: dict[str, object]) -> str:
    match message:
        case {"do": "place"}:
            return "place the order"
        case {"do": what}:
            return f"{what}!"
        case {"did": what, "done": done}:
            return f"{what}: {'done' if done else 'no, ' + str(message.get('why'))}"
        case {"hears": what}:
            return f"{what}: at it"
        case {"says": what}:
            return f"{what}"
        case {"hint": what}:
            return f"(psst: {what})"
        case {"total": paise}:
            return f"placed, {rupees(int(str(paise)))}"
        case {"why": why}:
            return f"no: {why}"
    return "noted"


if __name__ == "__main__":
    demo()
