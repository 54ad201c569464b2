"""What a box answers, how it is limited, and what it costs: for both ways of shutting it in."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.errors import UsageError
from chapters.runner import bubblewrap
from chapters.runner.answers import BadAnswer, legible, plain
from chapters.runner.box import Box, Limits, isolation_in_use, watching
from chapters.runner.limits import unused_uid
from chapters.runner.places import ROOT
from chapters.runner.tree import plant

Mode = Literal["bubblewrap", "rlimits"]
TOY = """
from chapters.errors import Unsolved

def echo(*args):
    print("called with", *args)
    return args

def fail(words):
    raise ValueError(words)

def below(words):
    return fail(words)

def hole():
    raise Unsolved("toy/hole")

def count(seen=[]):
    seen.append(1)
    return len(seen)

def where():
    import s3, os
    return [__file__, s3.__file__, os.getcwd()]

def strays():
    import exchange

def is_marked():
    import os
    return "KIT_BOX" in os.environ

def coder():
    from chapters.erasure import chosen
    return chosen().name
"""


@pytest.fixture(params=["bubblewrap", "rlimits"])
def mode(request: pytest.FixtureRequest) -> Mode:
    found: Mode = request.param
    if found == "bubblewrap" and not bubblewrap.works():
        pytest.skip("bubblewrap is not installed, or the kernel does not let it work")
    return found


def test_a_call_returns_its_value_and_what_was_printed(mode: Mode) -> None:
    with Box({"chapters.toy": TOY}, isolation=mode) as box:
        answer = box.call("chapters.toy:echo", [1, "zwei", [3.5, None, {"a": True}]])
    assert (answer.kind, answer.value) == ("returned", [1, "zwei", [3.5, None, {"a": True}]])
    assert answer.printed.startswith("called with 1 zwei") and 0 < answer.seconds < 20


def test_code_in_a_box_knows_it_and_no_library_does_its_work(mode: Mode) -> None:
    with watching() as attempts, Box({"s3.toy": TOY}, isolation=mode) as box:
        said = [box.call(f"s3.toy:{name}", []).value for name in ("is_marked", "coder")]
    assert said == [True, "readable"] and attempts == []


def test_one_box_serves_many_calls_and_keeps_its_state(mode: Mode) -> None:
    with Box({"chapters.toy": TOY}, isolation=mode) as box:
        assert [box.call("chapters.toy:count", []).value for _ in range(200)] == [*range(1, 201)]


def test_an_exception_names_its_type_its_words_and_the_line(mode: Mode) -> None:
    with Box({"chapters.toy": TOY}, isolation=mode) as box:
        answer = box.call("chapters.toy:below", ["no such order"])
    assert answer.kind == "raised"
    assert answer.detail == "ValueError: no such order, at chapters/toy.py:9"


def test_the_line_is_the_learners_even_when_ours_raised(mode: Mode) -> None:
    source = "from chapters.errors import UsageError\nimport json\ndef f():\n    json.loads('{')"
    with Box({"chapters.toy": source}, isolation=mode) as box:
        assert box.call("chapters.toy:f", []).detail.endswith(", at chapters/toy.py:4")


@pytest.mark.parametrize(("source", "words"), [
    ("def f(:", "SyntaxError"), ("import nowhere", "ModuleNotFoundError"), ("\0", "null bytes"),
    ("x = (" * 300, "SyntaxError"), ("f = 1 / 0", "ZeroDivisionError"), ("", "no attribute 'f'"),
])  # fmt: skip
def test_a_module_that_does_not_import_is_an_exception(source: str, words: str) -> None:
    with Box({"chapters.toy": source}) as box:
        answer = box.call("chapters.toy:f", [])
    assert answer.kind == "raised" and words in answer.detail


def test_a_hole_is_told_from_a_failure(mode: Mode) -> None:
    with Box({"chapters.toy": TOY}, isolation=mode) as box:
        answer = box.call("chapters.toy:hole", [])
    assert (answer.kind, answer.detail) == ("unsolved", "toy/hole")


def test_the_learners_module_replaces_ours_and_the_rest_is_a_copy(mode: Mode) -> None:
    with Box({"s3.toy": TOY}, isolation=mode) as box:
        mine, ours, here = box.call("s3.toy:where", []).value  # type: ignore[misc]
        elsewhere = box.call("s3.toy:strays", [])
    assert mine.endswith("/tree/s3/toy.py") and ours.endswith("/tree/s3/__init__.py")
    assert elsewhere.detail.startswith("ModuleNotFoundError"), "a system needs no other"
    assert not any(each.startswith(str(ROOT)) for each in (mine, ours, here))


def test_a_call_that_takes_too_long_closes_the_box_and_later_calls_say_so(mode: Mode) -> None:
    source = "import time\ndef nap(): time.sleep(60)\ndef quick(): return 1"
    with Box({"chapters.toy": source}, limits=Limits(wall_s=0.3), isolation=mode) as box:
        assert box.call("chapters.toy:quick", []).value == 1
        late = box.call("chapters.toy:nap", [])
        after = box.call("chapters.toy:quick", [])
    assert (late.kind, late.detail) == ("timeout", "no answer within 0.3 s")
    assert (after.kind, after.detail, after.seconds) == (late.kind, late.detail, 0.0)


def test_processor_time_is_limited_too(mode: Mode) -> None:
    limits = Limits(cpu_s=1, wall_s=60)
    with Box(
        {"chapters.toy": "def f():\n    while True: pass"}, limits=limits, isolation=mode
    ) as b:
        answer = b.call("chapters.toy:f", [])
    assert (answer.kind, answer.detail) == ("timeout", "used up its 1 s of processor time")


def test_a_large_question_and_a_large_answer_pass(mode: Mode) -> None:
    with Box({"chapters.toy": TOY}, isolation=mode) as box:
        numbers = list(range(300_000))
        assert box.call("chapters.toy:echo", [numbers]).value == [numbers]


def test_what_is_printed_is_bounded_and_cannot_take_over_a_terminal() -> None:
    source = "def f():\n    print('\\x1b[2J\\x9b' + 'x' * 10 ** 6)"
    with Box({"chapters.toy": source}) as box:
        answer = box.call("chapters.toy:f", [])
    assert answer.kind == "returned" and len(answer.printed) <= 1 << 16
    assert answer.printed.startswith("�[2J�x")


def test_a_name_outside_the_packages_is_refused() -> None:
    for name in ("os", "../../etc/passwd", "chapters.a/b", "chapters..errors", ""):
        with pytest.raises(UsageError, match="no package has a module"), Box({name: ""}):
            pass


def test_isolation_is_told_as_it_is() -> None:
    found = isolation_in_use()
    assert str(found) == ("bubblewrap" if bubblewrap.works() else "rlimits only")
    with Box({}, isolation="rlimits") as box:
        told = dict(box.told)
    assert set(told) == {"network", "processes", "files", "uid"}


def test_root_never_runs_a_box_as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    with Box({"chapters.toy": "import os\ndef f(): return [os.getuid(), os.getgroups()]"}) as box:
        answer = box.call("chapters.toy:f", [])
    assert answer.value == [box.told["uid"], []] and box.told["uid"] > 65_536


def test_users_of_boxes_differ() -> None:
    if os.geteuid() == 0:
        assert len({unused_uid() for _ in range(50)}) == 50


def test_no_process_descriptor_or_folder_is_left(tmp_path: Path, mode: Mode) -> None:
    script = f"""
import os, sys
from chapters.runner.box import Box, Limits
for source in ("def f(): return 1", "import os; os._exit(1)", "while True: pass"):
    with Box({{"chapters.toy": source}}, limits=Limits(wall_s=0.3), isolation="{mode}") as box:
        box.call("chapters.toy:f", [])
try:
    os.waitpid(-1, os.WNOHANG)
    sys.exit("a child was not reaped")
except ChildProcessError:
    pass
print(len(os.listdir("/proc/self/fd")), os.listdir(os.environ["TMPDIR"]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT,
                          env=os.environ | {"TMPDIR": str(tmp_path)})  # fmt: skip
    descriptors, _, left = done.stdout.strip().partition(" ")
    assert (done.returncode, left) == (0, "[]"), done.stderr
    assert int(descriptors) <= 4


def test_a_box_dies_with_its_grader(mode: Mode, tmp_path: Path) -> None:
    """The grader is killed as hard as can be, while the box is deep in a call."""
    script = f"""
import json, os
from chapters.runner.box import Box
with Box({{"chapters.toy": "import time\\ntime.sleep(50)"}}, isolation="{mode}") as box:
    call = {{"id": 1, "call": "chapters.toy:f", "args": []}}
    os.write(box._child.pipes._calls, json.dumps(call).encode() + b"\\n")
    print(box._child._process.pid, flush=True)
    input()
"""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    ) as grader:
        assert grader.stdout is not None
        pid = int(grader.stdout.readline())
        grader.kill()
    deadline = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not Path(f"/proc/{pid}").exists()


def test_boxes_in_several_threads_do_not_disturb_each_other() -> None:
    found: list[object] = []

    def work(number: int) -> None:
        with Box({"chapters.toy": f"def f(): return {number}"}) as box:
            found.append(box.call("chapters.toy:f", []).value)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(found) == [*range(6)]  # type: ignore[type-var]


def test_compiled_modules_travel_along_unless_they_are_the_learners(tmp_path: Path) -> None:
    import chapters.errors

    assert chapters.errors.__cached__ is not None
    plant(tmp_path, {"chapters.checking": ""})
    for name, there in (("errors", Path(chapters.errors.__cached__).exists()), ("checking", False)):
        assert bool(list(tmp_path.glob(f"chapters/__pycache__/{name}.*"))) == there


# Reading answers, as a property: whatever comes is read, or refused in words.

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.binary() | values.map(lambda value: repr(value).encode(errors="replace")))
@settings(max_examples=100)
def test_any_bytes_are_read_or_refused(line: bytes) -> None:
    try:
        plain(line)
    except BadAnswer as bad:
        assert str(bad)
    legible(line).encode()
