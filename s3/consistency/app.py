"""Histories of a real server: threads with a connection each, real time, and one clock for all.

The same customers as in simulation, asking over HTTP. What they see is not repeatable, and need not be:
every history must hold. Page: docs/s3/consistency.md
"""

import threading
from contextlib import closing
from random import Random

from chapters.linearizability import Operation, Recorder
from chapters.sim.real import WallClock
from s3.consistency.histories import CLIENTS, Customer
from s3.scene.store import BUCKET
from s3.scene.wire import HttpClient


def record_over_http(port: int, *, seed: int = 7, operations: int = 200) -> list[Operation]:
    """Let four clients work on the server at `port`; return what they saw."""
    with closing(HttpClient(port)) as client:
        client.put(f"/{BUCKET}", b"")
    recorder, values = Recorder(clock=WallClock()), dict[str, str]()

    def live(number: int) -> None:
        name = f"client-{number}"
        with closing(HttpClient(port)) as client:
            customer = Customer(name, client, recorder, Random(f"{seed}/{name}"), values)
            for _ in range(operations // CLIENTS):
                customer.once()

    threads = [threading.Thread(target=live, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return recorder.history()
