"""What the batch exercise checks: the ledger, driven through deaths.

Page: docs/chapters/batch.md
"""

from collections.abc import Iterator
from random import Random

from chapters.batch.attempts import Attempts
from chapters.batch.errors import PoisonTask
from chapters.checking import JSON, Case, Stage

STEPS_MAX = 200


def keeps_books(tasks: int, tries_max: int, events: list[str]) -> JSON:
    """Drive the ledger through events like "begin 1" or "lose 2"; return what each one said."""
    attempts = Attempts([f"task {number}" for number in range(1, tasks + 1)], tries_max=tries_max)
    said: list[JSON] = []
    for event in events:
        verb, worker = event.split()
        said.append(f"{event}: {_said(attempts, verb, int(worker))}")
    return [*said, f"over: {attempts.is_over}"]


def _said(attempts: Attempts, verb: str, worker: int) -> str | None:
    try:
        match verb:
            case "begin":
                return attempts.begin(worker)
            case "finish":
                return attempts.finish(worker)
            case _:
                return attempts.lose(worker, "killed by signal 9")
    except PoisonTask as error:
        return f"poison: {error.key}"
    except AssertionError as error:
        return str(error)


def works_through(tasks: int, tries_max: int, killers: list[str]) -> JSON:
    """Run a batch on one worker that dies of each task in `killers`; return what was tried."""
    attempts = Attempts([f"task {number}" for number in range(1, tasks + 1)], tries_max=tries_max)
    story: list[JSON] = []
    while not attempts.is_over and len(story) < STEPS_MAX:
        key = attempts.begin(1)
        story.append(f"{key} dies" if key in killers else f"{key} done")
        try:
            attempts.lose(1, "exit code 1") if key in killers else attempts.finish(1)
        except PoisonTask as error:
            return [*story, f"poison: {error.key}"]
    return story


def one_death(rng: Random) -> Iterator[Case]:
    yield 2, 3, ["begin 1", "lose 1", "begin 2"]
    yield 1, 3, ["begin 1", "lose 1", "begin 1", "finish 1"]
    workers = rng.sample(range(1, 9), 3)
    events = [f"begin {worker}" for worker in workers]
    yield 5, 3, [*events, f"lose {workers[1]}", f"begin {workers[1]}", f"begin {workers[1] + 10}"]


def idle_deaths(rng: Random) -> Iterator[Case]:
    yield 1, 3, ["begin 1", "lose 2", "finish 1", "lose 1"]
    yield 0, rng.randint(1, 3), ["lose 1"]


def in_line(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        tasks = rng.randint(3, 7)
        yield tasks, 3, [f"task {rng.randint(1, tasks)}"]


def poison(rng: Random) -> Iterator[Case]:
    for tries_max in (1, 2, rng.randint(3, 6)):
        yield 4, tries_max, [f"task {rng.randint(1, 4)}"]


STAGES = {
    "dead-worker": [
        Stage("a dead worker's task runs again", one_death, keeps_books),
        Stage("an idle worker's death is nobody's fault", idle_deaths, keeps_books),
        Stage("the others get their turn first", in_line, works_through),
        Stage("after the last try the task is named", poison, works_through, needs=(1,)),
    ],
}
