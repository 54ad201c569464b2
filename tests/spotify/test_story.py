"""The faults hold, over seeds; the tour tells its story; exercises' own checks; the command line."""

import json

import pytest
from typer.testing import CliRunner

from spotify.breaking import FAULTS
from spotify.checks import SYSTEM, hears
from spotify.cli import app
from spotify.playback.story import demo
from spotify.story import tour

REAL = ("ingest-kill", "paid-through-kills", "bad-line")  # processes: slow
QUICK = {
    "lying-edge": {"listeners": 8}, "bad-line": {"taps": 60}, "double-reports": {"plays": 500},
    "torn-log": {"plays": 80}, "concurrent-edits": {"schedules": 60}, "ingest-kill": {"kills": 2},
}  # fmt: skip


@pytest.mark.parametrize("name", [each for each in FAULTS if each not in REAL])
def test_every_promise_is_kept(name, seed=3):
    outcome = FAULTS[name].run(seed=seed, **QUICK.get(name, {}))
    assert outcome.held, outcome.verdicts
    assert outcome.replay.endswith(f"--seed {seed}") and name in outcome.replay


@pytest.mark.slow
def test_a_service_that_is_killed_again_and_again_is_paid_for_to_the_millionth():
    assert FAULTS["paid-through-kills"].run(plays=20_000, kills=40).held


@pytest.mark.slow
def test_a_bad_line_stops_nothing_that_has_begun():
    assert FAULTS["bad-line"].run(taps=100).held


@pytest.mark.slow
def test_a_killed_ingest_leaves_whole_albums():
    assert FAULTS["ingest-kill"].run(kills=5).held


@pytest.mark.slow
def test_the_tour_tells_of_a_tap_an_album_and_an_evening():
    told = []

    class Report:
        def __call__(self, line=""):
            told.append(line)

        def trace(self, trace):
            told.append(trace.spans[0].name)

    tour(Report())
    assert any("no gap, no click" in line for line in told) and any(
        "150 taps" in line for line in told
    )


@pytest.mark.slow
def test_an_evening_is_told_with_cold_starts_apart(capsys):
    demo(taps=20)
    assert capsys.readouterr().out.count("cold starts only") == 2


def test_the_whole_system_hears_the_same_for_a_seed():
    (args,) = [(5,)]
    assert hears(*args) == hears(*args)
    assert SYSTEM.summary is not None and "one edge dead" in SYSTEM.summary(args, hears(*args))


def test_the_command_line_ingests_lists_and_says_what_was_refused(studio, tmp_path):
    run = CliRunner().invoke
    library = ["--library", str(tmp_path / "library")]
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "bad.mp3").write_text("no music")
    source = next(studio.glob("*Songs*"))
    for file in source.iterdir():
        (tmp_path / "music" / file.name).write_bytes(file.read_bytes())
    told = run(app, ["ingest", str(tmp_path / "music"), *library, "--json"])
    assert told.exit_code == 0 and json.loads(told.stdout)["tracks"] == 2
    assert "Songs for a Quay" in run(app, ["albums", *library]).stdout
    assert json.loads(run(app, ["albums", *library, "--json"]).stdout)[0]["tracks"] == 2
    assert "no music that FFmpeg knows" in " ".join(
        run(app, ["quarantine", *library]).stdout.split()
    )
    assert "no album yet" in run(app, ["albums", "--library", str(tmp_path / "none")]).stdout
