"""What clients saw: each operation with the time of its call, of its return, and its answer.

    client   a   ├── write x ──┤           call_ns ... return_ns, on one clock for all
             b         ├── read → x ──┤
             c   ├── write y ─────────────────────?       return_ns None: nobody knows

Invariant: `return_ns` is None or not before `call_ns`. The operation took effect somewhere in between;
an open one at any time after its call, or never. One operation is one line of JSON in a file.
Source: Herlihy and Wing, *Linearizability* (1990), section 2. Page: docs/chapters/linearizability.md
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chapters.checking import JSON
from chapters.linearizability.errors import BadHistory

HISTORY_BYTES_MAX = 1 << 28


@dataclass(frozen=True, slots=True)
class Operation:
    """One call and what came of it: `Operation("a", 3, 9, "k", ("read",), "x")`.

    Raises `BadHistory` if it returns before it is called.
    """

    client: str
    call_ns: int
    return_ns: int | None
    key: str
    input: tuple[JSON, ...]
    output: JSON = None

    def __post_init__(self) -> None:
        if self.return_ns is not None and self.return_ns < self.call_ns:
            raise BadHistory(
                f"{self}: returns at {self.return_ns} ns, before its call at {self.call_ns} ns; "
                f"take both times from one clock that never runs backwards"
            )

    @property
    def is_open(self) -> bool:
        """Whether nobody knows if it happened."""
        return self.return_ns is None

    def __str__(self) -> str:
        """Return it in words: `write x → ok`, `cas x y → false`, `write x → ?`."""
        answer = "?" if self.is_open else _word(self.output)
        return f"{' '.join(map(_word, self.input))} → {answer}"


def _word(value: JSON) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def save(history: Iterable[Operation], path: Path) -> None:
    """Write the history as JSON lines, one operation a line, in the order given."""
    lines = (json.dumps(asdict(operation), ensure_ascii=False) for operation in history)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def load(path: Path) -> list[Operation]:
    """Return the history of a file of JSON lines. Raises `BadHistory`, naming the line."""
    try:
        if path.stat().st_size > HISTORY_BYTES_MAX:
            raise BadHistory(f"{path} is over {HISTORY_BYTES_MAX} bytes; split the history by key")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadHistory(f"{path} cannot be read: {error}; name a file of JSON lines") from None
    lines = enumerate(text.split("\n"), start=1)
    return [_parsed(line, f"{path}:{number}") for number, line in lines if line.strip()]


def _parsed(line: str, place: str) -> Operation:
    try:
        fields: dict[str, Any] = json.loads(line)
        operation = Operation(**{**fields, "input": tuple(fields["input"])})
        _insist(operation)
    except (ValueError, KeyError, TypeError) as error:
        raise BadHistory(
            f"{place} is no operation ({error}); each line is an object with client, call_ns, "
            f"return_ns, key, input and output"
        ) from None
    return operation


def _insist(operation: Operation) -> None:
    texts, times = (operation.client, operation.key), [operation.call_ns]
    times += [] if operation.return_ns is None else [operation.return_ns]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("client and key are texts")
    if not all(type(time) is int for time in times):
        raise TypeError("times are whole nanoseconds")


def by_key(history: Sequence[Operation]) -> dict[str, list[Operation]]:
    """Return the operations of each key, in order of call."""
    keys: dict[str, list[Operation]] = {}
    for operation in sorted(history, key=lambda each: each.call_ns):
        keys.setdefault(operation.key, []).append(operation)
    return keys
