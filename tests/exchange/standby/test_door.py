"""When the FIX door of a machine opens, and when it must not."""

import asyncio
from types import SimpleNamespace

from exchange.orders import Cancel
from exchange.standby.app import HOST, free_ports
from exchange.standby.door import Door
from exchange.standby.history import History, Mark
from exchange.standby.messages import Done, Elsewhere


class Machine:
    """A member as its door sees it: primary or not, so far applied, and silent until told to answer."""

    def __init__(self):
        self.primary = object()
        self.replica = SimpleNamespace(sequence=9)
        self.journal = SimpleNamespace(history=History([Mark(3, 9)]))
        self.handed = []

    def handle(self, source, message):
        self.handed.append(message)


def looked(scene):
    """Let `scene(door, machine, is_open)` pass, where the last one looks whether the door is open."""

    async def passing():
        door, machine = Door({"ADA": 7}, ["ACME"], lambda: 0), Machine()
        port = free_ports(("a",))["a"]

        async def is_open():
            await door.look(machine, HOST, port)
            try:
                _, writer = await asyncio.open_connection(HOST, port)
            except OSError:
                return False
            writer.close()
            return True

        await scene(door, machine, is_open)
        machine.primary = None
        await is_open()

    asyncio.run(passing())


def test_it_opens_once_all_that_was_found_is_applied():
    async def scene(door, machine, is_open):
        machine.replica.sequence = 8
        assert not await is_open()
        machine.replica.sequence = 9
        assert await is_open()
        machine.primary = None
        assert not await is_open()

    looked(scene)


def test_it_stays_shut_while_what_came_through_it_is_under_way():
    """A replace that the desk before has handed in is unknown to the next desk: sent again, it is new."""

    async def scene(door, machine, is_open):
        assert await is_open()
        for order_id in (1, 2):
            door._desk._enter(Cancel(7, "ACME", order_id), '["c", "a", 0]')
        one, other = machine.handed
        door.hear(Elsewhere(one.number, ""))
        assert not await is_open(), "it has lost an order: nobody here knows what becomes of it"
        assert not await is_open(), (
            "the machine is primary all the same, and the other is under way"
        )
        door.hear(Done(other.number, 0, 12, 3, 2))
        assert await is_open()

    looked(scene)
