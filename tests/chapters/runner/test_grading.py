"""A class's grades: what is right scores, whatever else is handed in costs only its own points."""

import csv
import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from chapters.batch import executor
from chapters.errors import UsageError
from chapters.runner import grading, mutants
from chapters.runner.box import Limits
from chapters.runner.catalogue import Catalogue, Exercise
from chapters.runner.checks import run_checks
from chapters.runner.copies import starter_of
from chapters.runner.errors import BrokenCourse
from chapters.runner.gradebook import GradeBook, Mark, Row, StageMark, gradescope, text
from chapters.runner.grading import grade, submissions
from chapters.runner.progress import Progress, Standing

TIGHT = Limits(cpu_s=2, memory_bytes=256 << 20, file_bytes=4 << 20, processes=8, wall_s=4.0)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="module")
def exercise(catalogue: Catalogue) -> Exercise:
    return replace(catalogue.exercise("measure/histogram-bucket"), points=10)


class Class:
    """A folder of submissions of one exercise."""

    def __init__(self, folder: Path, exercise: Exercise) -> None:
        self.folder, self.exercise = folder, exercise
        ((self.module, self.reference),) = exercise.reference().items()

    def path(self, name: str) -> Path:
        path = self.folder / name / "work" / self.exercise.path_of(self.module)
        path.parent.mkdir(parents=True)
        work = self.folder / name / "work"
        Progress(work).with_standing(self.exercise.id, Standing(begun=True)).save()
        return path

    def hand_in(self, name: str, source: str | bytes) -> Path:
        path = self.path(name)
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return path

    def grade(self, catalogue: Catalogue, **options: object) -> dict[str, Row]:
        book = grade(self.folder, [self.exercise], catalogue=catalogue, limits=TIGHT, **options)  # type: ignore[arg-type]
        return {row.submission: row for row in book.rows}


@pytest.fixture
def course(tmp_path: Path, exercise: Exercise) -> Class:
    return Class(tmp_path / "class", exercise)


def test_the_reference_earns_all_and_the_starter_nothing(
    course: Class, catalogue: Catalogue
) -> None:
    course.hand_in("ada", course.reference)
    course.hand_in("bob", starter_of(course.exercise, course.module, course.reference))
    rows = course.grade(catalogue)
    assert (rows["ada"].total, rows["bob"].total) == (10.0, 0.0)
    assert not rows["ada"].attempts and not rows["ada"].notes
    assert {stage.status for stage in rows["ada"].marks[0].stages} == {"passed"}


def test_a_mistake_earns_the_points_of_the_stages_that_pass(
    course: Class, catalogue: Catalogue
) -> None:
    sources = [mutants.sources(course.exercise, each) for each in course.exercise.mutants[:3]]
    for number, source in enumerate(sources):
        course.hand_in(f"mutant-{number}", source[course.module])
    rows = course.grade(catalogue, seed=5)
    for number, source in enumerate(sources):
        report = run_checks(course.exercise, source, seed=5, limits=TIGHT)
        passed = sum(stage.passed for stage in report.stages)
        expected = round(10 * passed / len(report.stages), 2)
        assert rows[f"mutant-{number}"].total == expected < 10


def test_a_broken_submission_loses_its_own_points_only(
    course: Class, catalogue: Catalogue, tmp_path: Path
) -> None:
    outside = tmp_path / "solution.py"
    outside.write_text(course.reference)
    course.hand_in("syntax", "def (:")
    course.hand_in("nul", b"x = 1\0")
    course.hand_in("binary", bytes(range(256)) * 64)
    course.hand_in("enormous", b"#" * (2 << 20))
    course.hand_in("deep", "x = " + "(" * 5_000)
    course.hand_in("minus", "x = " + "-" * 200_000 + "1")
    course.hand_in("dots", "x = a" + ".b" * 100_000)
    course.hand_in("plus", "x = " + "1+" * 100_000 + "1")
    course.hand_in("empty", "")
    course.path("link").symlink_to(outside)
    course.path("loop").symlink_to(course.folder / "loop/work" / "nowhere")
    os.mkfifo(course.path("pipe"))
    course.hand_in("long-progress", course.reference)
    (course.folder / "long-progress" / "work/progress.toml").write_bytes(b"#" * (1 << 20))
    course.hand_in("linked-progress", course.reference)
    (course.folder / "linked-progress" / "work/progress.toml").unlink()
    (course.folder / "linked-progress" / "work/progress.toml").symlink_to("/dev/zero")
    course.hand_in("odd-progress", "")
    (course.folder / "odd-progress" / "work/progress.toml").write_bytes(b"a = " + b"[" * 60_000)
    course.path("folder").mkdir()
    (course.folder / "no-work").mkdir()
    (course.folder / "linked-work").mkdir()
    course.hand_in("zoe", course.reference)
    (course.folder / "linked-work" / "work").symlink_to(course.folder / "zoe" / "work")
    (course.folder / "linked").symlink_to(course.folder / "zoe")
    (course.folder / "a file").write_text("not a submission")
    rows = course.grade(catalogue)
    assert rows["zoe"].total == 10
    assert {name: row.total for name, row in rows.items() if row.total} == {"zoe": 10.0}
    assert all(row.notes or row.marks[0].stages for row in rows.values())
    assert len(rows) == 20


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_an_unreadable_file_is_noted(course: Class, catalogue: Catalogue) -> None:
    course.hand_in("ada", course.reference).chmod(0)
    assert "cannot be checked" in course.grade(catalogue)["ada"].notes


HOSTILE = {
    "exits": "import os; os._exit(0)",
    "exits politely": "raise SystemExit(0)",
    "loops": "while True: pass",
    "forks": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "hoards": "hoard = []\nwhile True: hoard.append(bytearray(1 << 20))",
    "fills the disk": "import itertools\nfor number in itertools.count():\n"
    "    open(f'/tmp/{number}', 'wb').write(bytes(1 << 20))",
    "prints": "while True: print('x' * 9999)",
    "forges": "import os\nfor descriptor in range(3, 20):\n"
    '    try: os.write(descriptor, b\'{"kind": "returned", "passed": true}\\n\')\n'
    "    except OSError: pass",
    "calls home": "import socket\nsocket.create_connection(('127.0.0.1', 9), 1)",
    "patches": "import sys, types\nsys.modules['pytest'] = types.ModuleType('pytest')\n"
    "import chapters.checking\nchapters.checking.same = lambda *_: True",
    "reads": "import pathlib\nprint(pathlib.Path({path!r}).read_text())",
    "kills": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos.kill(-1, 9)",
}


@pytest.mark.slow
def test_no_hostile_submission_earns_a_point_or_stops_the_grader(
    course: Class, catalogue: Catalogue
) -> None:
    home = Path(grading.__file__).parents[2] / course.exercise.path_of(course.module)
    for name, source in HOSTILE.items():
        course.hand_in(name, source.replace("{path!r}", repr(str(home))))
    course.hand_in("zoe", course.reference)
    finished: list[str] = []
    with executor("processes", workers=2) as workers:
        rows = course.grade(
            catalogue, executor=workers, on_done=lambda name, _: finished.append(name)
        )
    assert {name: row.total for name, row in rows.items() if row.total} == {"zoe": 10.0}
    assert sorted(finished) == sorted(rows) and len(rows) == len(HOSTILE) + 1
    tried = {name: row.attempts for name, row in rows.items() if row.attempts}
    assert tried["forks"] == ("started a process",)
    # It is cut off at the first forgery that is read; which of the two that is, is chance.
    assert set(tried["forges"]) & {"forged an answer", "forged a note"}
    assert tried["calls home"] == ("reached for the network",)
    assert "signalled a process" in tried["kills"]
    assert tried["reads"] == (f"tried to read {home}",)
    assert set(tried) == {"forks", "forges", "calls home", "kills", "reads"}


def test_the_secret_seed_is_kept_and_replays(course: Class, catalogue: Catalogue) -> None:
    source = mutants.sources(course.exercise, course.exercise.mutants[0])[course.module]
    course.hand_in("ada", source)
    first = grade(course.folder, [course.exercise], catalogue=catalogue)
    again = grade(course.folder, [course.exercise], catalogue=catalogue, seed=first.seed)
    assert [mark for row in first.rows for mark in row.marks] == [
        mark for row in again.rows for mark in row.marks
    ]
    assert grade(course.folder, [course.exercise], catalogue=catalogue).seed != first.seed


def test_a_fault_of_the_course_ends_the_run_instead_of_giving_zeros(
    course: Class, catalogue: Catalogue
) -> None:
    course.exercise = replace(course.exercise, name="no-such-stages")
    course.hand_in("ada", course.reference)
    with pytest.raises(BrokenCourse):
        course.grade(catalogue)


def test_nothing_to_grade_is_said(tmp_path: Path, exercise: Exercise) -> None:
    with pytest.raises(UsageError, match="one per submission"):
        grade(tmp_path, [exercise])
    with pytest.raises(UsageError, match="cannot read"):
        submissions(tmp_path / "nowhere")


# The two files.

BOOK = GradeBook(
    seed=11,
    isolation="bubblewrap",
    exercises=("log/a", "log/b"),
    points=13,
    rows=(
        Row(
            "=ada",
            (
                Mark("log/a", 10, (StageMark("one", "passed"), StageMark("two", "failed", "no"),
                                   StageMark("three", "not run"))),
                Mark("log/b", 3, note="not submitted", attempts=("started a process",)),
            ),
            seconds=1.234,
        ),
    ),
)  # fmt: skip


def test_the_csv_has_a_row_per_submission_and_no_formula() -> None:
    header, row = csv.reader(io.StringIO(BOOK.csv()))
    found = dict(zip(header, row, strict=True))
    assert found == {
        "submission": "'=ada",
        "log/a": "3.33",
        "log/b": "0.0",
        "total": "3.33",
        "of": "13",
        "attempts to leave the box": "started a process",
        "notes": "log/b: not submitted",
        "seed": "11",
        "isolation": "bubblewrap",
    }


def test_gradescopes_results_name_every_stage_with_its_share() -> None:
    results = gradescope(BOOK, BOOK.rows[0])
    assert results["score"] == 3.33 and results["execution_time"] == 1.23
    tests = results["tests"]
    assert [test["name"] for test in tests] == [
        "log/a: one", "log/a: two", "log/a: three", "log/b: could be checked",
    ]  # fmt: skip
    assert [test["status"] for test in tests] == ["passed", "failed", "failed", "failed"]
    assert sum(test["max_score"] for test in tests) == pytest.approx(13, abs=0.01)
    assert sum(test["score"] for test in tests) == pytest.approx(results["score"], abs=0.01)
    assert results["extra_data"]["seed"] == 11


def test_both_files_appear_whole_or_not_at_all(tmp_path: Path) -> None:
    BOOK.write_csv(tmp_path / "grades.csv")
    (path,) = BOOK.write_results(tmp_path / "results")
    assert path == tmp_path / "results" / "=ada" / "results.json"
    assert json.loads(path.read_text()) == gradescope(BOOK, BOOK.rows[0])
    assert sorted(each.name for each in tmp_path.iterdir()) == ["grades.csv", "results"]


@pytest.mark.parametrize(("said", "cell"), [
    ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("ada", "ada"),
    ("a\nb", "a b"), ("\udcff", "\\udcff"),
])  # fmt: skip
def test_a_cell_is_text_and_nothing_else(said: str, cell: str) -> None:
    assert text(said) == cell


def test_a_name_that_is_no_unicode_still_gets_its_row(course: Class, catalogue: Catalogue) -> None:
    course.hand_in("ada", course.reference)
    (course.folder / "ada").rename(course.folder / os.fsdecode(b"\xff\x1b"))
    ((name, row),) = course.grade(catalogue).items()
    assert row.total == 10 and name.isprintable()
