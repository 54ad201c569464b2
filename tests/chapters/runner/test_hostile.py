"""Submissions that try to score without being right, or to stop the grader: none manages either."""

import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chapters.runner import bubblewrap
from chapters.runner.box import Answer, Box, Limits
from chapters.runner.places import ROOT

TOY = "chapters.toy"
TOY_CHECKS = "chapters.toy_checks"
DRIVE = """
from chapters.toy import double

def drive(number):
    return {"of": number, "double": double(number)}
"""
TIGHT = Limits(cpu_s=1, memory_bytes=256 << 20, file_bytes=4 << 20, processes=8, wall_s=1.5)
PATIENT = replace(TIGHT, cpu_s=10, wall_s=20)  # for what another limit must end, on a busy machine
CASES = 3
IN_TIME_S = 45  # far beyond any limit above: the machine may be busy


@pytest.fixture(params=["bubblewrap", "rlimits"])
def isolation(request: pytest.FixtureRequest) -> str:
    if request.param == "bubblewrap" and not bubblewrap.works():
        pytest.skip("bubblewrap is not installed, or the kernel does not let it work")
    return str(request.param)


Attack = Callable[..., list[Answer]]


@pytest.fixture
def attack(isolation: str) -> Iterator[Attack]:
    """Return a function that runs a submission like a grader, and fails if it earned a point."""
    began = time.monotonic()

    def run(source: str, limits: Limits = TIGHT) -> list[Answer]:
        rng = random.Random()
        numbers = [rng.randrange(10**9) for _ in range(CASES)]
        sources = {TOY: source, TOY_CHECKS: DRIVE}
        with Box(sources, limits=limits, isolation=isolation) as box:  # type: ignore[arg-type]
            answers = [box.call(f"{TOY_CHECKS}:drive", [number]) for number in numbers]
        points = sum(
            answer.kind == "returned" and answer.value == {"of": number, "double": 2 * number}
            for answer, number in zip(answers, numbers, strict=True)
        )
        assert points == 0, answers
        return answers

    yield run
    assert time.monotonic() - began < IN_TIME_S


def test_the_honest_answer_scores_so_a_zero_below_means_something(isolation: str) -> None:
    sources = {TOY: "def double(x): return 2 * x", TOY_CHECKS: DRIVE}
    with Box(sources, limits=TIGHT, isolation=isolation) as box:  # type: ignore[arg-type]
        answer = box.call(f"{TOY_CHECKS}:drive", [21])
    assert (answer.kind, answer.value) == ("returned", {"of": 21, "double": 42})


# Ending early.


@pytest.mark.parametrize("way", ["import sys; sys.exit(0)", "raise SystemExit(0)"])
def test_exiting_with_0_is_only_an_exception(attack: Attack, way: str) -> None:
    assert {answer.kind for answer in attack(way)} == {"raised"}


def test_exiting_behind_pythons_back_ends_the_box_and_scores_nothing(attack: Attack) -> None:
    answers = attack("import os; os._exit(0)")
    assert [answer.kind for answer in answers] == ["died"] * CASES
    assert "exit code 0" in answers[-1].detail


def test_a_crash_in_c_is_named(attack: Attack) -> None:
    answers = attack("import ctypes; ctypes.string_at(0)")
    assert "SIGSEGV" in answers[0].detail


# Forging.


def test_monkeypatching_what_tests_use_changes_nothing(attack: Attack) -> None:
    attack("""
import builtins, json, sys, types
sys.modules["pytest"] = types.ModuleType("pytest")
json.dumps = lambda *_, **__: '{"kind": "returned", "passed": true}'
sys.stdout = sys.stderr = None
builtins.all = builtins.any = lambda *_: True
builtins.isinstance = lambda *_: True
def double(x): return 0
""")


def test_an_object_equal_to_everything_is_no_json(attack: Attack) -> None:
    answers = attack("""
class Yes:
    def __eq__(self, other): return True
    __hash__ = None
def double(x): return Yes()
""")
    assert {answer.kind for answer in answers} == {"raised"}


@pytest.mark.parametrize("base", ["int", "str", "dict", "list", "float"])
def test_a_subclass_equal_to_everything_loses_its_class_on_the_way(
    attack: Attack, base: str
) -> None:
    attack(f"""
class Yes({base}):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
def double(x): return Yes()
""")


@pytest.mark.parametrize("said", [
    {"kind": "returned", "passed": True, "score": 100},
    {"id": 1, "kind": "returned", "value": {"score": 100, "passed": True}},
    {"version": 3, "status": "pass", "tests": [{"status": "pass"}]},
])  # fmt: skip
def test_a_report_forged_on_every_descriptor_is_not_believed(attack: Attack, said: object) -> None:
    attack(f"""
import os
for descriptor in range(64):
    try: os.write(descriptor, {json.dumps(said)!r}.encode() + b"\\n")
    except OSError: pass
def double(x): return 0
""")


def test_answering_ahead_closes_the_box(attack: Attack) -> None:
    answers = attack("""
import os, sys
def double(x):
    for number in range(9):
        os.write(int(sys.argv[2]), b'{"id": %d, "kind": "returned", "value": 1}\\n' % number)
""")
    assert answers[-1].kind == "died"


def test_tampering_with_drive_and_checking_reaches_only_its_own_process(attack: Attack) -> None:
    attack("""
import sys, chapters.checking as checking
checking.same = lambda *_: True
checking.Stage.judge = staticmethod(lambda *_: True)
main = sys.modules["__main__"]
main.perform.__code__ = (lambda request, setting: b'{"kind": "returned"}').__code__
sys.modules["chapters.toy_checks"].drive = lambda x: {"passed": True}
def double(x): return 0
""")
    from chapters.checking import Stage, same

    assert not same((), 1, 2) and Stage("", cases=lambda _: (), drive=same).judge is same


def test_our_files_cannot_be_read_where_they_lie(isolation: str) -> None:
    """Of a module that is replaced, nothing in the box's reach holds our text."""
    probe = """
import os, sys
def look(paths):
    def readable(path):
        try: return bool(open(path).read(1))
        except OSError: return False
    return [path for path in paths if readable(path)]
def search():
    return [os.path.join(folder, file) for start in sys.path[-2:]
            for folder, _, files in os.walk(start) for file in files
            if file.startswith(("checking.", "bubblewrap.", "exercise.toml")) and "/chapters" in folder]
"""
    ours = [
        str(each) for each in (ROOT / "chapters/checking.py", ROOT / "pyproject.toml", __file__)
    ]
    sources = {TOY: probe, "chapters.checking": "# the learner's"}
    with Box(sources, isolation=isolation) as box:  # type: ignore[arg-type]
        if not box.told["files"]:
            pytest.skip("the kernel lets us hide no files here, and isolation_in_use() says so")
        assert (
            box.call(f"{TOY}:look", [[*ours, str(Path("/proc/1", "root", "etc", "passwd"))]]).value
            == []
        )
        (found,) = box.call(f"{TOY}:search", []).value  # type: ignore[misc]
        assert str(found).endswith("/tree/chapters/checking.py")


def test_neither_replaced_module_nor_hints_nor_machinery_are_in_the_tree(tmp_path: Path) -> None:
    from chapters.runner.tree import plant

    assert plant(tmp_path, {"chapters.errors": "# mine"}) == ["chapters/errors.py"]
    assert (tmp_path / "chapters/errors.py").read_text() == "# mine"
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert [
        file for file in files if file.name.startswith("errors.") and "runner" in file.parts
    ] == []
    assert not list((tmp_path / "chapters").glob("__pycache__/errors.*"))
    assert not [file for file in files if file.name == "exercise.toml"]


# Using up the machine.


@pytest.mark.parametrize("greed", [
    "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "import threading, time\nwhile True:\n"
    "    threading.Thread(target=time.sleep, args=(99,)).start()",
    "while True: pass",
    "10 ** 10 ** 9",
    "sum(iter(int, 1))",
    "import signal\nfor each in (signal.SIGTERM, signal.SIGXCPU, signal.SIGINT):\n"
    "    signal.signal(each, signal.SIG_IGN)\nwhile True: pass",
    "import time\ntime.sleep(99)",
    "while True: print('x' * 9999)",
    "import os\nwhile True: os.write(2, b'x' * 65536)",
    "import re\nre.match(r'(a+)+$', 'a' * 40 + 'b')",
], ids=["forks", "threads", "loop", "loop in C", "iterator in C", "ignores signals", "sleeps",
        "prints", "writes to stderr", "regular expression"])  # fmt: skip
def test_what_never_ends_is_ended(attack: Attack, greed: str) -> None:
    answers = attack(f"{greed}\ndef double(x): return 0")
    assert answers[0].kind in ("timeout", "died", "memory", "raised"), answers[0]
    assert len(answers[0].printed) <= 1 << 16
    if answers[0].kind in ("timeout", "died"):
        assert all(answer.seconds == 0 for answer in answers[1:]), "a closed box costs nothing"


@pytest.mark.parametrize("greed", [
    "hoard = bytearray(1 << 40)",
    "hoard = []\nwhile True: hoard.append(bytearray(1 << 20))",
    "hoard = 'x'\nwhile True: hoard += hoard",
])  # fmt: skip
def test_memory_ends_where_the_limit_says(attack: Attack, greed: str) -> None:
    body = greed.replace("\n", "\n    ")
    answers = attack(f"def double(x):\n    {body}", PATIENT)
    assert {answer.kind for answer in answers} == {"memory"}
    assert "chapters/toy.py:" in answers[0].detail


def test_one_large_file_ends_at_the_limit(attack: Attack) -> None:
    answers = attack("""
def double(x):
    with open("/tmp/large", "wb") as file:
        while True: file.write(bytes(1 << 20))
""")
    assert "OSError" in answers[0].detail or "SIGXFSZ" in answers[0].detail, answers[0]


def test_many_files_end_with_the_small_disk(attack: Attack) -> None:
    answers = attack("""
def double(x):
    for number in range(10_000):
        with open(f"/tmp/{number}", "wb") as file: file.write(bytes(1 << 20))
""")
    assert "No space left" in answers[0].detail or "more to the disk" in answers[0].detail


def test_nothing_is_left_of_what_was_written(attack: Attack) -> None:
    attack("import os\nopen('/tmp/kit-left-behind', 'w').write('x')\ndef double(x): return 0")
    assert "kit-left-behind" not in os.listdir("/tmp")


# Reaching out.


def test_the_network_is_out_of_reach(attack: Attack, isolation: str) -> None:
    with Box({}, isolation=isolation) as box:  # type: ignore[arg-type]
        if not box.told["network"]:
            pytest.skip("the kernel lets us leave no network here, and isolation_in_use() says so")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)
        answers = attack(f"""
import socket
def double(x):
    return socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), 1).recv(1)
""")
        with pytest.raises(TimeoutError):
            server.accept()
    assert {answer.kind for answer in answers} == {"raised"}


@pytest.mark.parametrize("place", [ROOT / "chapters", ROOT, Path.home(), Path("/etc")], ids=str)
def test_the_project_and_the_machine_cannot_be_written(attack: Attack, place: Path) -> None:
    target = place / "kit-was-here"
    attack(f"open({str(target)!r}, 'w').write('x')\ndef double(x): return 0")
    assert not target.exists()


def test_its_own_copy_is_all_that_it_could_write_to(attack: Attack) -> None:
    attack("""
def double(x):
    open(__file__, "a").write("x")
""")
    assert not list((ROOT / "chapters").glob("toy*"))


def test_killing_the_parent_and_everybody_spares_the_grader(attack: Attack) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        attack(f"""
import os, signal
def double(x):
    for victim in (os.getppid(), {os.getpid()}, {bystander.pid}, 1, -1):
        try: os.kill(victim, signal.SIGKILL)
        except OSError: pass
""")
        assert bystander.poll() is None
        bystander.communicate(b"\n")
    assert bystander.returncode == 0


def test_a_detached_daemon_dies_with_its_box(attack: Attack) -> None:
    name = f"kit-daemon-{random.Random().randrange(10**9)}"
    attack(f"""
import ctypes, os, time
def double(x):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for descriptor in range(3, 64):
                try: os.close(descriptor)
                except OSError: pass
            ctypes.CDLL(None).prctl(15, {name[:15]!r}.encode())
            while True: time.sleep(0.01)
        os._exit(0)
    time.sleep(0.2)
    return 0
""")
    assert name[:15] not in running()


def running() -> list[str]:
    """Return the names of all processes."""
    names = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                names.append((entry / "comm").read_text().strip())
            except OSError:
                continue
    return names


# Answers that are a burden.


@pytest.mark.parametrize("burden", [
    "'x' * (9 << 20)", "['x' * 999] * (9 << 10)", "10 ** 5000", "float('nan')", "float('inf')",
    "'\\ud800'", "b'bytes'", "{1: {2, 3}}", "x.__class__", "print",
])  # fmt: skip
def test_an_answer_that_json_cannot_hold_is_refused_inside(attack: Attack, burden: str) -> None:
    assert {answer.kind for answer in attack(f"def double(x): return {burden}")} == {"raised"}


def test_an_answer_that_contains_itself_is_refused_inside(attack: Attack) -> None:
    answers = attack("def double(x):\n    a = []\n    a.append(a)\n    return a")
    assert {answer.kind for answer in answers} == {"raised"}


def test_an_answer_too_deep_to_compare_is_refused_outside(attack: Attack) -> None:
    answers = attack("def double(x):\n    a = []\n    for _ in range(500): a = [a]\n    return a")
    assert answers[0].kind == "died" and "nested deeper" in answers[0].detail


@pytest.mark.parametrize(("said", "why"), [
    (b"nonsense\n", "not JSON"),
    (b"\xff\xfe\n", "not JSON"),
    (b"[" * 100_000 + b"\n", "nested"),
    (b'{"id": 1, "kind": "returned", "value": NaN}\n', "finite"),
    (b'{"id": 1, "kind": "returned", "value": 1e999}\n', "finite"),
    (b'{"id": 1, "kind": "returned", "value": ' + b"9" * 5000 + b"}\n", "digits"),
    (b'{"id": 1, "kind": "returned", "value": "\\ud800"}\n', "Unicode"),
    (b'{"id": 1, "kind": "passed"}\n', "no known kind"),
    (b'{"id": 7, "kind": "returned"}\n', "no call"),
    (b"[]\n", "no call"),
])  # fmt: skip
def test_a_forged_line_is_refused_outside(attack: Attack, said: bytes, why: str) -> None:
    answers = attack(
        f"import os, sys\nos.write(int(sys.argv[2]), {said!r})\ndef double(x): return 0"
    )
    assert answers[0].kind == "died" and why in answers[0].detail, answers[0].detail[:300]


def test_an_endless_line_is_refused_outside(attack: Attack) -> None:
    answers = attack("import os, sys\nwhile True: os.write(int(sys.argv[2]), b'x' * 65536)")
    assert answers[0].kind == "died" and "longer than 8 MB" in answers[0].detail


def test_a_message_that_fails_to_be_printed_is_named(attack: Attack) -> None:
    answers = attack("""
class Worse(Exception):
    def __str__(self): raise RuntimeError
def double(x): raise Worse
""")
    assert answers[0].detail.startswith("Worse: (its message raised RuntimeError)")
