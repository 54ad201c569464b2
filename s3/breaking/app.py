"""Kill -9 in the middle of a burst of PUTs, again and again: a real server, a real disk, nothing lost.

    four clients: put a new version of one of their keys ──► 200 ──► note it ──► the next …
    here:         start the server · let them · kill -9 · start it again · read all keys · compare

What a key may hold after the kill: the last version that was acknowledged, or the one that was under way.
Nothing older, nothing mixed. Page: docs/s3/breaking.md
"""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Verdict
from s3.scene.wire import HttpClient, Server

CLIENTS = 4
KEYS = 8  # of each client; they are overwritten again and again
BODY_BYTES_MAX = 60_000
BURST_S_MAX = 0.5  # how long a burst goes on before the kill
BUCKET = "burst"


@dataclass(slots=True)
class Writer:
    """One client: what it was told of each of its keys, and what it was not told."""

    number: int
    seed: int
    told: dict[str, int] = field(default_factory=dict)  # key: the last version acknowledged
    asked: dict[str, int] = field(default_factory=dict)  # key: a later one, under way at the kill
    count: int = 0

    def write(self, port: int) -> None:
        """Put until the server is gone."""
        with closing(HttpClient(port)) as client:
            while True:
                self.count += 1
                path = f"/{BUCKET}/{self.number}-{self.count % KEYS}"
                self.asked[path] = self.count
                if not client.put(path, self.body(path, self.count)).is_ok:
                    return
                self.told[path] = self.asked.pop(path)

    def body(self, path: str, version: int) -> bytes:
        """Return the bytes of a version: always the same ones."""
        rng = Random(f"{self.seed}/{path}/{version}")
        return rng.randbytes(rng.randrange(BODY_BYTES_MAX))

    def settle(self, client: HttpClient) -> Iterator[str]:
        """Read all keys; yield what is wrong. What is there counts as told from now on."""
        for path in sorted(self.told.keys() | self.asked.keys()):
            answered = client.get(path)
            found = [
                version
                for version in (self.asked.get(path), self.told.get(path))
                if version is not None and answered.body == self.body(path, version)
            ]
            if answered.is_ok and found:
                self.told[path] = found[0]
            elif answered.status != 404 or path in self.told:
                yield f"{path}: {answered.status}, {len(answered.body)} B, none of those that it may be"
        self.asked.clear()


def process_kill(*, rounds: int = 4, seed: int = 7) -> Outcome:
    """Kill -9 the real server in a burst of PUTs, start it again, and read everything."""
    at_least(1, rounds=rounds)
    rng = Random(seed)
    writers = [Writer(number, seed) for number in range(CLIENTS)]
    broken: list[str] = []
    unknown = came = 0
    with TemporaryDirectory(prefix="kit-s3-kill-") as folder:
        server = Server(Path(folder))
        for _ in range(rounds):
            with _running(server) as client:
                client.put(f"/{BUCKET}", b"")
                _burst(server, writers, rng.uniform(0, BURST_S_MAX))
            unknown += sum(len(writer.asked) for writer in writers)
            with _running(server) as client:
                before = [dict(writer.asked) for writer in writers]
                for writer in writers:
                    broken += writer.settle(client)
                came += _happened(writers, before)
    count = sum(writer.count for writer in writers)
    return Outcome(
        title=f"kill -9 in a burst of PUTs, {rounds} times",
        verdicts=(
            Verdict(
                "nothing acknowledged is lost, and no byte is wrong",
                not broken,
                "; ".join(broken[:3])
                or f"{count:,} PUTs, {CLIENTS * KEYS} keys read after each kill",
            ),
        ),
        lines=(
            f"{unknown} PUTs were under way at a kill: {came} had happened, whole; the others had not",
        ),
        next_commands=("kit break s3 process-kill --rounds 100", "kit break s3 power"),
        replay=f"kit break s3 process-kill --rounds {rounds} --seed {seed}",
    )


def _happened(writers: list[Writer], before: list[dict[str, int]]) -> int:
    return sum(
        writer.told.get(path) == version
        for writer, asked in zip(writers, before, strict=True)
        for path, version in asked.items()
    )


@contextmanager
def _running(server: Server) -> Iterator[HttpClient]:
    """Start the server; kill it in the end."""
    with server, closing(HttpClient(server.port)) as client:
        yield client


def _burst(server: Server, writers: list[Writer], burst_s: float) -> None:
    """Let all writers write, and kill the server under them."""
    threads = [threading.Thread(target=writer.write, args=(server.port,)) for writer in writers]
    killer = threading.Timer(burst_s, server.kill)
    for thread in (*threads, killer):
        thread.start()
    for thread in (*threads, killer):
        thread.join()
