"""The command line: one line per error, exit codes that a script can use, JSON for programs."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest
import typer

from chapters import cli
from chapters.commands.mount import SECTIONS
from chapters.commands.verbs import app
from chapters.sim.promises import FaultStory, Outcome, Verdict

KIT = [sys.executable, "-m", "chapters.cli"]


@pytest.fixture
def kit(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KIT_WORK", str(tmp_path / "work"))
    monkeypatch.delenv("KIT_MINE", raising=False)

    def call(*words):
        code = cli.run(words)
        return code, capsys.readouterr()

    return call


def commands(group=None, path=()):
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_has_a_help_with_an_example(name, command):
    assert command.help and command.epilog.startswith(f"Example: kit {name}")


def test_every_verb_stands_in_a_section_of_the_help():
    verbs = set(typer.main.get_command(app).commands)
    assert {name for names in SECTIONS.values() for name in names} == verbs


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["run", "log", "--help"]])
def test_help_is_printed_and_holds(kit, words):
    code, said = kit(*words)
    assert code == 0 and said.out.startswith("Usage: kit") and not said.err


WRONG_WORDS = [
    (["lst"], "did you mean 'list'"),
    (["exchang"], "did you mean 'exchange'"),
    (["exchange", "replai"], "did you mean 'replay'"),
    (["exchange", "bogus"], "no such command 'bogus'; kit exchange --help"),
    (["exchange", "burts"], "no such command 'burts'; kit exchange --help"),  # `burst` is hidden
    (["dev", "chek"], "did you mean 'check'"),
    (["show", "exchang"], "did you mean exchange"),
    (["start", "log/torn-tial"], "did you mean log/torn-tail"),
    (["run", "sim/netwrk"], "did you mean sim/network"),
    (["run", "sim", "--bogus"], "no such option: --bogus"),
    (["run", "--seed", "3"], "the name comes before its options"),
    (["run", "sim/errors"], "has no demonstration"),
    (["run"], "missing argument 'name'"),
    (["run", "log", "--seed"], "'--seed' requires an argument"),
    (["run", "log", "--seed", "x"], "invalid value 'x' for '--seed'"),
    (["check", "--seed=x"], "invalid value 'x' for '--seed'"),
    (["check", "--seed", "-1"], "greater than or equal to 0"),
    (["check"], "no exercise is begun"),
    (["check", "log/torn-tail"], "is not started"),
    (["solution", "log/torn-tail"], "is not solved yet"),
    (["break", "exchnge"], "did you mean exchange"),
    (["break", "exchange", "kil"], "did you mean kill"),
    (["break", "exchange", "kill", "--bogus"], "no such option"),
    (["scale", "exchange", "--set", "x"], "there is no ="),
    (["scale", "exchange", "--set", "messages_per_day=x"], "is no number"),
    (["serve", "exchange", "--port", "x"], "invalid value 'x' for '--port'"),
    (["trace", "log"], "no system is named 'log'"),
    (["course", "grade", "nowhere"], "nowhere"),
    (["course", "grade", ".", "--track", "tradng"], "did you mean trading"),
    (["run", "log", "--mine"], "no code of yours yet"),
]


@pytest.mark.parametrize(("words", "message"), WRONG_WORDS, ids=lambda value: str(value)[:40])
def test_wrong_words_are_one_line_and_code_2(kit, words, message):
    code, said = kit(*words)
    assert code == 2 and not said.out
    assert said.err.startswith("kit: ") and said.err.count("\n") == 1
    assert message in said.err.lower().replace("did you mean 'name'", "") or message in said.err


REPORTS = [
    ["list"],
    ["show", "log"],
    ["show", "log/torn-tail"],
    ["doctor"],
    ["trace", "exchange"],
    ["scale", "exchange"],
    ["break", "exchange"],
    ["break", "exchange", "power"],
]


@pytest.mark.parametrize("words", REPORTS, ids=" ".join)
def test_what_reports_also_reports_to_programs(kit, words):
    code, said = kit(*words, "--json")
    assert code == 0 and json.loads(said.out)


@pytest.mark.parametrize(
    "words", [[], ["list"], ["trace", "exchange"], ["break", "exchange", "power"]]
)
def test_a_pipe_gets_no_colour_and_a_narrow_terminal_no_error(kit, monkeypatch, words):
    monkeypatch.setenv("COLUMNS", "34")
    code, said = kit(*words)
    assert code == 0 and "\x1b" not in said.out


def test_the_bare_command_says_what_comes_next(kit):
    code, said = kit()
    assert code == 0 and "kit start" in said.out


def test_the_bare_command_survives_a_broken_course(kit, monkeypatch):
    from chapters.runner.catalogue import Catalogue
    from chapters.runner.errors import BrokenCourse

    def broken(*_):
        raise BrokenCourse("exercise.toml is wrong")

    monkeypatch.setattr(Catalogue, "load", broken)
    code, said = kit()
    assert code == 0 and said.err == "kit: exercise.toml is wrong\n"


def test_a_corrupt_progress_file_is_kept_and_said(kit, tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work/progress.toml").write_text("x = [")
    code, said = kit("list")
    assert code == 0 and said.err.count("\n") == 1 and "progress.toml.1" in said.err
    assert (tmp_path / "work/backups/progress.toml.1").read_text() == "x = ["


def test_a_folder_that_cannot_be_written_is_one_line(kit, monkeypatch):
    monkeypatch.setenv("KIT_WORK", "/proc/nowhere")
    code, said = kit("start", "log/retention")
    assert code == 2 and said.err.count("\n") == 1 and "KIT_WORK" in said.err


def test_a_full_disk_is_one_line_and_leaves_nothing(kit, monkeypatch, tmp_path):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, said = kit("start", "log/retention")
    assert code == 2 and said.err.count("\n") == 1 and "No space left" in said.err
    assert [path for path in (tmp_path / "work").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a bug")])
def test_whatever_happens_it_is_one_line(kit, monkeypatch, error):
    from chapters.runner.catalogue import Catalogue

    def surprise(*_):
        raise error

    monkeypatch.setattr(Catalogue, "load", surprise)
    code, said = kit("list")
    assert code == (130 if isinstance(error, KeyboardInterrupt) else 2)
    assert said.err.count("\n") == 1 and "Traceback" not in said.err


def test_a_port_in_use_is_one_line(kit, monkeypatch):
    import errno

    from exchange import app

    def taken(port: int = 8000):
        raise OSError(errno.EADDRINUSE, "Address already in use")

    monkeypatch.setattr(app, "serve", taken)
    code, said = kit("serve", "exchange")
    assert code == 2 and "--port" in said.err and said.err.count("\n") == 1


def test_a_server_that_was_stopped_is_code_130(kit, monkeypatch):
    from exchange import app

    def stopped(port: int = 8000, *, on_ready=print):
        on_ready(f"http://127.0.0.1:{port}/")

    monkeypatch.setattr(app, "serve", stopped)
    code, said = kit("serve", "exchange", "--port", "8001")
    assert (code, said.err) == (130, "kit: stopped\n") and "open http://127.0.0.1:8001/" in said.out


def test_the_answer_to_a_broken_promise_is_code_1(kit, monkeypatch):
    from exchange import story

    def run(*, nodes: int = 2) -> Outcome:
        verdicts = (Verdict("nothing is lost", nodes < 3, f"{nodes} nodes died"),)
        return Outcome("nodes die", verdicts, (), (), f"kit break exchange nodes --nodes {nodes}")

    monkeypatch.setitem(story.FAULTS, "nodes", FaultStory("nodes", "nodes die", run))
    assert kit("break", "exchange", "nodes")[0] == 0
    code, said = kit("break", "exchange", "nodes", "--nodes", "3")
    assert code == 1 and re.search(r"nothing is lost\s+broken ✘\s+3 nodes died", said.out)
    assert "again, exactly:  kit break exchange nodes --nodes 3" in said.out
    code, said = kit("break", "exchange", "nodes", "--svg", "nodes.svg")
    assert code == 0 and "so nodes.svg is not drawn" in said.err
    code, said = kit("break", "exchange", "--svg", "nodes.svg")
    assert code == 2 and "name the fault" in said.err


def test_all_faults_at_once_have_a_verdict_each(kit, monkeypatch):
    from exchange import story

    def made(name, held):
        outcome = Outcome(name, (Verdict("nothing is lost", held, "seen"),), (), (), name)
        return FaultStory(name, f"what {name} does", lambda: outcome)

    faults = {"one": made("one", held=True), "another": made("another", held=True)}
    monkeypatch.setattr(story, "FAULTS", faults)
    code, said = kit("break", "exchange", "--all")
    assert code == 0 and "2 of 2 faults broke no promise of exchange" in said.out
    faults["third"] = made("third", held=False)
    code, said = kit("break", "exchange", "--all", "--json")
    assert code == 1 and [each["held"] for each in json.loads(said.out)] == [True, True, False]
    code, said = kit("break", "exchange", "one", "--all")
    assert code == 2 and "--all" in said.err and said.err.count("\n") == 1


def test_ctrl_c_is_130_however_deep_it_comes(kit, monkeypatch):
    from chapters.sim import story as sim
    from exchange import story
    from exchange.flow import replay

    def interrupted(seed: int = 7):
        raise KeyboardInterrupt

    monkeypatch.setattr(sim, "demo", interrupted)
    monkeypatch.setattr(replay, "replay", lambda *_, **__: interrupted())
    fault = FaultStory("nodes", "nodes die", interrupted)
    monkeypatch.setitem(story.FAULTS, "nodes", fault)
    for words in (
        ["run", "sim"],
        ["run", "exchange/replay", "--messages", "1"],
        ["exchange", "replay", "--messages", "1"],
        ["break", "exchange", "nodes"],
    ):
        code, said = kit(*words)
        assert (code, said.err) == (130, "kit: stopped\n"), words


def test_what_does_not_hold_is_code_1_whoever_is_asked(kit, monkeypatch, tmp_path):
    from exchange.flow import lobster

    class Missed:
        exact, steps, first_miss = 1, 2, 2

    monkeypatch.setattr(lobster, "predict", lambda file: Missed)
    monkeypatch.setattr("exchange.cli.asdict", vars)
    for words in (["exchange", "replay"], ["run", "exchange/replay"]):
        assert kit(*words, str(tmp_path / "messages.csv"))[0] == 1


def test_ctrl_c_is_one_line_from_the_first_import_on(tmp_path):
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt\n")
    env = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run([*KIT, "list"], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "kit: stopped\n")


def test_documentation_on_a_port_in_use_is_one_line(kit):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, said = kit("docs", "--port", str(taken.getsockname()[1]))
    assert code == 2 and "--port" in said.err and said.err.count("\n") == 1


@pytest.mark.parametrize("option", ["--svg", "--otlp"])
def test_a_file_that_cannot_be_written_names_its_own_option(kit, option):
    code, said = kit("trace", "exchange", option, "/proc/nowhere/file")
    assert code == 2 and f"another place with {option}" in said.err and "KIT_WORK" not in said.err


def test_a_package_of_another_with_our_name_is_noticed(tmp_path):
    (tmp_path / "s3").mkdir()
    (tmp_path / "s3/__init__.py").touch()
    call = [*KIT, "doctor", "--json"]  # its own folder comes first on the path
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True)
    missing = [part for part in json.loads(done.stdout) if part["needed"] and not part["present"]]
    assert done.returncode == 1 and [part["name"] for part in missing] == ["s3"]
    assert str(tmp_path) in missing[0]["detail"] and missing[0]["remedy"]


def test_titles_stand_in_a_column_or_below_their_names(kit, monkeypatch):
    for columns, narrow in ((60, True), (80, False), (100, False)):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = kit("list")[1].out.splitlines()
        assert max(map(len, lines)) <= columns
        (name,) = (each for each in lines if "log/torn-tail" in each)
        assert name.rstrip().endswith("torn-tail") is narrow


def test_a_trace_is_written_for_other_tools(kit, tmp_path):
    svg, otlp = tmp_path / "t.svg", tmp_path / "t.json"
    assert kit("trace", "exchange", "--svg", str(svg), "--otlp", str(otlp))[0] == 0
    assert svg.read_text().startswith("<svg")
    assert json.loads(otlp.read_text())["resourceSpans"]


def test_grading_a_folder_writes_both_files(kit, tmp_path):
    (tmp_path / "all/ada/work").mkdir(parents=True)
    out, results = tmp_path / "grades.csv", tmp_path / "results"
    words = ["--exercise", "log/retention", "--workers", "1", "--seed", "3"]
    files = ["--out", str(out), "--results", str(results)]
    code, said = kit("course", "grade", str(tmp_path / "all"), *words, *files)
    assert code == 0 and "1 submission," in said.out
    assert out.read_text().splitlines()[1].startswith("ada,0")
    assert json.loads((results / "ada/results.json").read_text())["score"] == 0


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    env = os.environ | {"KIT_WORK": str(tmp_path)}
    done = subprocess.run(
        [*KIT, "run", "log"],
        env=env,
        stdout=os.open(os.devnull, os.O_WRONLY),
        stderr=subprocess.PIPE,
    )
    assert done.returncode == 0 and done.stderr == b""
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run([*KIT, "list"], env=env, stdout=write_end, stderr=subprocess.PIPE)
    os.close(write_end)
    assert b"Traceback" not in done.stderr and b"Exception" not in done.stderr


def test_ctrl_c_in_watch_is_one_line_and_130(tmp_path):
    env = os.environ | {"KIT_WORK": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    subprocess.run([*KIT, "start", "log/retention"], env=env, check=True, capture_output=True)
    watching = subprocess.Popen(
        [*KIT, "watch"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    for line in watching.stdout:
        if "watching" in line or time.monotonic() > deadline:
            break
    watching.send_signal(signal.SIGINT)
    _, errors = watching.communicate(timeout=30)
    assert (watching.returncode, errors) == (130, "kit: stopped\n")


def test_a_closed_stdout_is_no_traceback():
    command = [sys.executable, "-m", "chapters.cli", "list"]
    closed = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *command], capture_output=True, text=True, check=False
    )
    assert (closed.returncode, closed.stderr) == (0, "")
