"""The program inside a box: answers calls with JSON, over two pipes, until the pipe of calls ends.

    box.py   ── setting, then {"id": 1, "call": "exchange.checks:play", "args": […]} ──►  inside.py
             ◄── {"ready": …}, then {"id": 1, "kind": "returned", "value": …} ──────────

The learner's code runs in this very process and may do here whatever it likes: nothing that is said
here is believed, it is only compared. Limits are set and rights given up before any of that code is
loaded. This file is copied into the box and run by path, so it imports the standard library only,
and little of it. Page: docs/how-it-works.md
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any

ANSWER_BYTES_MAX = 8 << 20
DETAIL_CHARS_MAX = 2_000
MEMORY_FOR_LAST_WORDS_BYTES = 16 << 20
NOTES_MAX = 8
NOTE_BYTES_MAX = 200

REACHES = {
    **dict.fromkeys(("os.fork", "os.forkpty", "os.exec", "os.posix_spawn"), "started a process"),
    **dict.fromkeys(("os.system", "subprocess.Popen"), "started a process"),
    **dict.fromkeys(("socket.connect", "socket.bind", "socket.sendto"), "reached for the network"),
    **dict.fromkeys(("os.kill", "os.killpg"), "signalled a process"),
    "ctypes.dlsym": "called the system's library",
}

Setting = dict[str, Any]


def main() -> None:
    """Shut this process in, say so, and answer calls."""
    requests, answers, notes = os.fdopen(int(sys.argv[1]), "rb"), int(sys.argv[2]), int(sys.argv[3])
    setting: Setting = json.loads(requests.readline())
    told = shut_in(setting)
    sys.path[:] = told.pop("path")
    sys.dont_write_bytecode = True
    sys.addaudithook(watcher(notes, [setting["seen_at"], *sys.path], setting["private"]))
    write_line(answers, json.dumps({"ready": told}).encode())
    write, perform_, loads = write_line, perform, json.loads
    for line in requests:
        write(answers, perform_(loads(line), setting))


def write_line(target: int, line: bytes) -> None:
    """Write `line` whole, however small the pipe."""
    rest = memoryview(line + b"\n")
    while rest:
        rest = rest[os.write(target, rest) :]


# What the calls come to.


def perform(request: dict[str, Any], setting: Setting) -> bytes:
    """Return the answer to one call, as a line of JSON without its end."""
    try:
        value = find(request["call"])(*request["args"])
        line = encode({"id": request["id"], "kind": "returned", "value": value})
        if len(line) > ANSWER_BYTES_MAX:
            raise ValueError(
                f"the answer takes {len(line):,} bytes, the limit is {ANSWER_BYTES_MAX:,}"
            )
    except MemoryError as error:
        line = memory_line(request["id"], error, setting)
    except BaseException as error:  # sys.exit() too: the box ends when its owner says so
        line = encode({"id": request["id"], **mishap(error, setting)})
    flush()
    return line


def find(name: str) -> Callable[..., Any]:
    """Return the function that `package.module:function` names."""
    module, _, function = name.partition(":")
    __import__(module)
    found: Callable[..., Any] = getattr(sys.modules[module], function)
    return found


def encode(answer: dict[str, Any]) -> bytes:
    """Return `answer` as JSON in UTF-8; raises ValueError or TypeError for what JSON cannot say."""
    return json.dumps(answer, allow_nan=False, ensure_ascii=False).encode()


def mishap(error: BaseException, setting: Setting) -> dict[str, str]:
    """Return what kept a call from returning, with the learner's own line."""
    name = type(error).__name__
    if isinstance(error, NotImplementedError) and name == "Unsolved":
        return {"kind": "unsolved", "detail": words_of(error)}
    detail = f"{name}: {words_of(error)}".removesuffix(": ")
    return {"kind": "raised", "detail": detail + place(error, setting)}


def memory_line(number: int, error: MemoryError, setting: Setting) -> bytes:
    """Return the answer of a call that ran out of memory, with the little that is kept back."""
    allow_last_words()
    at = place(error, setting)
    error.__traceback__ = None
    return encode({"id": number, "kind": "memory", "detail": f"out of memory{at}"})


def words_of(error: BaseException) -> str:
    """Return the error's message: bounded, and proof against a message that itself fails."""
    try:
        words = str(error)
    except Exception as worse:
        words = f"(its message raised {type(worse).__name__})"
    return words[:DETAIL_CHARS_MAX].encode(errors="replace").decode()


def place(error: BaseException, setting: Setting) -> str:
    """Return ", at file:line" of the learner's code nearest to the error, else of the tree's."""
    seen = [(file[len(setting["seen_at"]) + 1 :], line) for file, line in lines_of(error)
            if file.startswith(setting["seen_at"])]  # fmt: skip
    mine = [each for each in seen if each[0] in setting["mine"]]
    for file, line in (mine or seen)[-1:]:
        return f", at {file}:{line}"
    return ""


def lines_of(error: BaseException) -> list[tuple[str, int]]:
    """Return file and line of each frame that the error passed, the innermost last."""
    lines, trace = [], error.__traceback__
    while isinstance(trace, TracebackType):
        lines.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        lines.append((str(error.filename), error.lineno or 0))
    return lines


def flush() -> None:
    """Send what was printed before the answer, if the streams still can."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # the learner's code may have put anything in their place
            continue


# What the code reaches for.


def watcher(
    notes: int, own: list[str], private: list[str]
) -> Callable[[str, tuple[Any, ...]], None]:
    """Return an audit hook that notes, once each, what goes beyond answering. It forbids nothing.

    For the instructor's eyes: code that knows of the hook can hide from it, not from the walls.
    """
    noted: set[str] = set()
    write = os.write

    def hook(event: str, args: tuple[Any, ...]) -> None:
        note = REACHES.get(event) or (event == "open" and reach_of_open(args, own, private)) or ""
        if note and note not in noted and len(noted) < NOTES_MAX:
            noted.add(note)
            write(notes, note.encode(errors="replace")[:NOTE_BYTES_MAX] + b"\n")

    return hook


def reach_of_open(args: tuple[Any, ...], own: list[str], private: list[str]) -> str:
    """Return what is remarkable about an open(): writing beyond /tmp, reading what is private."""
    path, flags = args[0], args[2]
    if not isinstance(path, str) or not path.startswith("/"):
        return ""
    if flags & (os.O_WRONLY | os.O_RDWR) and not path.startswith(("/tmp/", "/dev/", os.getcwd())):
        return f"tried to write {path}"
    if path.startswith(tuple(private)) and not path.startswith(tuple(own)):
        return f"tried to read {path}"
    return ""


# How the process is shut in.


def shut_in(setting: Setting) -> Setting:
    """Set every limit, give up every right; return what came of it, with the path to import by."""
    told: Setting = {"network": True, "processes": True, "files": True}
    parting = None if setting["boxed"] else neighbour("parting")
    if parting:
        told = parting.part_from_the_machine(setting)
    moved = bool(told["files"])
    setting["seen_at"] = setting["view"]["tree"][moved]
    move_library(*setting["view"]["lib"] if moved else ("", ""))
    os.chdir("/tmp" if moved else setting["scratch"])
    set_limits(setting["limits"])
    uid = setting["uid"] if moved or setting["reachable"] else None
    path = [*sys.path, setting["seen_at"], setting["view"]["site"][moved]]
    told |= {"uid": become(uid), "path": path}
    if parting:
        parting.die_with_parent()
    return told


def neighbour(name: str) -> Any:
    """Import the module of that name that lies beside this file."""
    sys.path.append(os.path.dirname(__file__))
    try:
        return __import__(name)
    finally:
        sys.path.pop()


def move_library(old: str, new: str) -> None:
    """Look for the standard library where it is now to be seen."""
    packages = [each for each in sys.modules.values() if hasattr(each, "__path__")]
    for paths in (sys.path, *(each.__path__ for each in packages)):
        paths[:] = [
            new + each.removeprefix(old) if each.startswith(old) else each for each in paths
        ]


def set_limits(limits: dict[str, int]) -> None:
    """Limit this process and all that it starts. A platform that lacks a limit goes without it."""
    for name, limit in limits.items():
        spare = {"CPU": 1, "AS": MEMORY_FOR_LAST_WORDS_BYTES}.get(name, 0)
        try:
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit + spare))
        except (AttributeError, ValueError, OSError):
            continue


def allow_last_words() -> None:
    """Raise the limit on memory by what was kept back to say that it ran out."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def become(uid: int | None) -> int | None:
    """Become a user and group that own nothing, without any capability; return who we are."""
    if uid is None:
        return None
    try:
        os.setgroups([])
        os.setregid(uid, uid)
        os.setreuid(uid, uid)
    except OSError:
        return None
    return uid


if __name__ == "__main__":
    main()
