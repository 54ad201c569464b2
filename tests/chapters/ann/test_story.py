"""The demonstrations; and the promise on real factors, where the file is there."""

import os
from pathlib import Path

import numpy as np
import pytest

from chapters.ann import Hnsw, IvfBatch, Truth, bench, story, unit
from chapters.errors import UsageError
from chapters.recommend.als import ImplicitAls, half_step
from chapters.recommend.interactions import read


def test_the_story_and_what_it_refuses(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    story.demo(vectors=200, dims=8, clusters=10, queries=30)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[4:]]
    assert [row[0] for row in rows] == ["brute"] + ["ivf"] * 3 + ["forest"] * 3 + ["hnsw"] * 3
    assert rows[0][-2:] == ["100.0%", "100.0%"]
    rng = np.random.default_rng(1)
    np.save(tmp_path / "v.npy", np.vstack([rng.standard_normal((150, 5)), np.zeros((3, 5))]))
    story.demo(file=str(tmp_path / "v.npy"), queries=20)
    assert "150 vectors of 5 numbers" in capsys.readouterr().out
    for knobs in ({"file": "/no.npy"}, {"vectors": 10}, {"dims": 0}, {"count": 0}, {"spread": -1}):
        with pytest.raises(UsageError):
            story.demo(**knobs)  # type: ignore[arg-type]


def test_a_race_is_run_both_ways(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "queries.npy"
    np.save(path, np.random.default_rng(1).standard_normal((40, 64)))
    bench.demo(vectors=300, cells=8, probes=8, rounds=1, queries_file=str(path))
    rows = [row for row in capsys.readouterr().out.splitlines() if "µs" in row]
    assert len(rows) == 8 and all(row.endswith("100.0%") for row in rows)


def plays() -> Path:
    path = Path(os.environ.get("KIT_DATA", "/nowhere")) / "spotify" / "user_artists.dat"
    if not path.is_file():
        pytest.skip("KIT_DATA names no folder with spotify/user_artists.dat (HetRec 2011)")
    return path


@pytest.mark.slow
def test_artists_of_real_listeners_are_found() -> None:
    data = read(plays())
    model = ImplicitAls(64, rng=np.random.default_rng(7))
    model.fit(data.matrix())
    listeners = half_step(data.matrix(), model._items, model.regularization, model.alpha)
    artists, asked = (
        unit(rows[np.linalg.norm(rows, axis=1) > 1e-6]) for rows in (model._items, listeners)
    )
    graph = Hnsw(artists, 50, rng=np.random.default_rng(3))
    batch = IvfBatch(artists, 128, 20, rng=np.random.default_rng(1))
    to_artists, to_listeners = Truth.of(artists, artists, 10), Truth.of(artists, asked, 10)
    few = Truth.of(artists, artists[::9], 10)
    assert few.recall(graph.search(few.queries, 10)[0]) >= 0.99
    assert to_listeners.recall(graph.search(asked, 10)[0]) >= 0.99
    assert to_artists.recall(batch.search(artists, 10)[0]) >= 0.99
    batch.probes = 44
    assert to_listeners.recall(batch.search(asked, 10)[0]) >= 0.99
