"""A service of several processes: told what they are, asked how they are, killed, kept dead a while.

    tell / told    settings through the environment, from the one who starts to those who are started
    ask            a question to a part: JSON there, JSON back, or one line why not
    kill / revive  SIGKILL, and a file `<down>/<name>`: whoever starts the part again waits until it is gone

Processes are started again by `chapters.portal.serving`, which knows nothing of all this.
Page: docs/chapters/portal.md
"""

import http.client
import json
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from chapters.errors import Unreachable, UsageError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Settings = TypeVar("Settings", bound=DataclassInstance)

ASK_S_MAX = 1.0
DOWN_LOOK_S = 0.1
READY_LOOK_S, READY_S_MAX = 0.05, 60.0


def tell(variable: str, settings: "DataclassInstance") -> None:
    """Put settings into the environment, for this process and those that it starts."""
    os.environ[variable] = json.dumps(asdict(settings))


def told(variable: str, kind: "type[Settings]", whole: str) -> "Settings":
    """Return the settings of this process, a part of `whole`. Raises `UsageError` if it has none."""
    try:
        return kind(**json.loads(os.environ[variable]))
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"this is a part of `{whole}`; start that") from None


def ask(
    url: str, posted: Mapping[str, object] | None = None, within_s: float = ASK_S_MAX
) -> dict[str, Any]:
    """Return the JSON of a part's answer. Raises `Unreachable`."""
    data = json.dumps(posted).encode() if posted is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=within_s) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Unreachable(f"{url} does not answer ({error}); is it down?") from None


def when_up(urls: Iterable[str], then: Callable[[str], None]) -> Callable[[str], None]:
    """Return `then`, put off until a status is to be had at each of `urls`, or READY_S_MAX have passed."""
    waiting = list(urls)

    def wait(url: str) -> None:
        deadline = time.monotonic() + READY_S_MAX
        while time.monotonic() < deadline and not all(map(_answers, waiting)):
            time.sleep(READY_LOOK_S)
        then(url)

    return wait


def _answers(url: str) -> bool:
    try:
        return bool(ask(f"{url}/_/status"))
    except Unreachable:
        return False


def repeat(work: Callable[[], object], every_s: float) -> None:
    """Do `work` now and then, on a thread that ends with the process."""
    pause = threading.Event()

    def loop() -> None:
        while not pause.wait(every_s):
            work()

    threading.Thread(target=loop, name="repeat", daemon=True).start()


def kill(down: Path, name: str, pid: int | None) -> None:
    """End a part's process, at once, and keep it from coming back."""
    down.mkdir(parents=True, exist_ok=True)
    (down / name).touch()
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def revive(down: Path, name: str) -> None:
    """Let a part that was killed come back."""
    (down / name).unlink(missing_ok=True)


def wait_while_down(down: Path, name: str) -> None:
    """Wait, in a part that is being started, until it may come back."""
    while (down / name).exists():
        time.sleep(DOWN_LOOK_S)
