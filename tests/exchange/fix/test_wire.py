"""Real sockets: a disk that is full, a reader who does not read, and a caller who says nothing."""

import asyncio
from contextlib import suppress

import pytest

from chapters.sim import Chance, SimDisk
from chapters.sim.errors import DiskFull
from chapters.sim.real import WallClock
from exchange.fix import wire
from exchange.fix.acceptor import Acceptor, sessions_of
from exchange.fix.echo import Echo
from exchange.fix.framing import Framer, encode
from exchange.fix.message import read, text
from exchange.fix.store import Store
from exchange.fix.timestamps import stamp
from exchange.fix.wire import Server
from tests.exchange.test_serve import free_ports

CLOCK = WallClock()


def message(kind, number, *body):
    now = stamp(CLOCK.now_ns())
    header = [(34, str(number)), (49, "TW"), (52, now), (56, "ISLD")]
    return encode(b"FIX.4.4", text(kind, [*header, *body]))


def order(number):
    now = stamp(CLOCK.now_ns())
    body = [(11, f"n{number}"), (38, "1"), (40, "1"), (54, "1"), (55, "X"), (60, now)]
    return message("D", number, *body)


async def served(disk):
    store, port = Store(disk=disk), free_ports()
    server = Server(
        Acceptor(store, sessions_of("ISLD", ["TW"], store, Echo(), resets_on_logon=True)),
        CLOCK.now_ns,
    )
    await server.listen("127.0.0.1", port)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(message("A", 1, (98, "0"), (108, "30")))
    return server, port, reader, writer


async def until_disk_is_full(disk):
    server, port, reader, writer = await served(disk)
    heard, framer, number = [], Framer(), 1
    while data := await reader.read(65_536):
        heard += [read(frame) for frame in framer.feed(data)]
        number += 1
        writer.write(order(number))
    writer.close()
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port)
    return server, heard


def test_when_the_disk_is_full_nothing_is_said_that_is_not_on_it():
    disk = SimDisk(rng=Chance(3).stream("disk"), capacity_bytes=6_000)
    server, heard = asyncio.run(until_disk_is_full(disk))
    assert isinstance(server.failed, DiskFull)
    disk.crash()
    kept = Store(disk=disk).session("ISLD-TW")
    assert len(heard) > 10
    assert kept.next_out == heard[-1].number + 1
    assert [each.number for each in heard if each.type == "D"] == sorted(kept.sent)


async def never_read():
    server, _, reader, writer = await served(SimDisk(rng=Chance(3).stream("disk")))
    await reader.read(1)
    writer.transport.pause_reading()  # and so nothing is taken out of the sockets any more
    for number in range(2, 302):
        writer.write(order(number))
    while server.lines:
        number += 1
        writer.write(message("2", number, (7, "1"), (16, "0")))  # all of it once more, please
        await asyncio.sleep(0)
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()
    server.close()
    return server


def test_a_reader_who_never_reads_is_cut_off(monkeypatch):
    monkeypatch.setattr(wire, "UNSENT_BYTES_MAX", 10_000)
    assert asyncio.run(asyncio.wait_for(never_read(), 30)).failed is None


async def log_out_without_reading():
    server, port, reader, writer = await served(SimDisk(rng=Chance(3).stream("disk")))
    await reader.read(1)
    writer.transport.pause_reading()
    for number in range(2, 302):
        writer.write(order(number))
    (line,) = server.lines
    while line.transport.get_write_buffer_size() < 1_000_000:  # more than the sockets will hold
        number += 1
        writer.write(message("2", number, (7, "1"), (16, "0")))
        await asyncio.sleep(0.001)
    writer.write(message("5", number + 1))
    while server.lines:
        await asyncio.sleep(0.01)
    reader, again = await asyncio.open_connection("127.0.0.1", port)
    again.write(message("A", number + 2, (98, "0"), (108, "30")))
    assert await reader.read(1), "the session is not free again"
    for each in (writer, again):
        each.transport.abort()
    server.close()


def test_whoever_logs_out_and_never_reads_does_not_keep_the_session(monkeypatch):
    monkeypatch.setattr(wire, "CLOSE_S_MAX", 0.2)
    asyncio.run(asyncio.wait_for(log_out_without_reading(), 60))
