"""The courier in bad weather: each command is committed once, and what it shows is the history."""

import pytest

from chapters.sim.clock import MS
from exchange.codec import decode, epoch_in
from exchange.front.courier import Courier
from exchange.orders import Cancel
from exchange.storm.trials import trial
from exchange.storm.world import World

COUNT = 60


class Page:
    """A courier in the storm, that enters cancels: none has a client id, and no two are equal."""

    def __init__(self, process, machines):
        self.process = process
        self.courier = Courier(machines, clock=process, send=process.send)
        self.shown, self.entered, self.numbers = [], [], {}
        process.call_later(10 * MS, self.look)
        process.call_later(30 * MS, self.trade)

    def look(self):
        self.courier.look()
        self.process.call_later(30 * MS, self.look)

    def trade(self):
        few = [Cancel(99, "ACME", 1_000_000 + len(self.entered) + n) for n in range(3)]
        self.entered += few
        self.numbers |= dict(zip(self.courier.enter(few), few, strict=True))
        if len(self.entered) < COUNT:
            self.process.call_later(150 * MS, self.trade)

    def handle(self, source, message):
        self.shown += self.courier.handle(source, message)


def lived(seed):
    world = World(trial(seed))
    page = world.simulation.join("page", lambda process: Page(process, world.machines))
    broken = world.run()
    for _ in range(60):
        world.clock.advance(100 * MS)
        if not page.courier.pending and len(page.entered) >= COUNT:
            break
    world.clock.advance(300 * MS)
    return world, page, broken


@pytest.mark.parametrize("seed", range(1, 13))
def test_in_any_weather_each_command_is_committed_once_and_what_is_shown_is_the_history(seed):
    world, page, broken = lived(seed)
    assert not broken
    assert len(page.entered) == COUNT and not page.courier.pending
    payloads = [payload for payload, _ in page.shown]
    for member in world.members.values():
        if not member.stopped:
            assert list(member.journal.read(1, len(payloads))) == payloads
    commands = [decode(each)[1] for each in payloads if not epoch_in(each)]
    assert [each for each in commands if each in set(page.entered)] == page.entered
    for payload, number in page.shown:
        if number:
            assert decode(payload)[1] == page.numbers[number]
