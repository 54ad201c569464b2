"""Packaging: boxes that hold, samples in their time, segments that add up, and nothing half-published."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from fractions import Fraction
from uuid import UUID
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netflix.adding import add, slug
from netflix.catalogue import Entry, TitleId
from netflix.encode import ffmpeg
from netflix.encode.app import encode
from netflix.encode.clips import CLIPS, generate
from netflix.encode.rendition import Rendition
from netflix.errors import BadMedia
from netflix.package import cenc, timeline
from netflix.package.boxes import Box, box, find, full, read_table, tree, u32, u64, walk
from netflix.package.errors import DamagedBox, Mismatch
from netflix.package.keys import ContentKey
from netflix.package.publish import publish
from netflix.package.published import Published, library
from netflix.package.samples import Sample, joined, read

NAMESPACE = {"d": "urn:mpeg:dash:schema:mpd:2011", "cenc": "urn:mpeg:cenc:2013"}
ENTRY = Entry(TitleId("signal"), "Test Signal", ("Family",))
SECONDS = 7


@pytest.fixture(scope="module")
def encoded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoded")
    film = generate(CLIPS["signal"], folder / "signal.mp4", seconds=SECONDS, height=72)
    return encode(film, folder / "chunks")


@pytest.fixture(scope="module")
def title(encoded, tmp_path_factory):
    shelf = tmp_path_factory.mktemp("library")
    publish(ENTRY, encoded.renditions, shelf, posters=encoded.posters)
    return shelf / "signal"


@given(
    st.lists(
        st.tuples(st.sampled_from(["ftyp", "moov", "mdat"]), st.binary(max_size=40)), max_size=6
    )
)
def test_boxes_that_are_written_are_read_back(parts):
    data = b"".join(box(kind, body) for kind, body in parts)
    assert [(each.kind, data[each.body : each.end]) for each in walk(data)] == parts


@given(st.binary(max_size=120))
def test_whatever_comes_in_boxes_lie_within_it_or_it_is_refused(data):
    try:
        for each in walk(data):
            assert 0 <= each.begin < each.body <= each.end <= len(data)
    except DamagedBox as damaged:
        assert "\n" not in str(damaged)


def test_a_table_longer_than_its_box_is_refused():
    data = full("stts", 0, 0, u32(9), u32(1, 2))
    with pytest.raises(DamagedBox, match="no room for its 9 rows"):
        read_table(data, next(walk(data)), 2)


def test_a_file_cut_at_any_byte_of_its_tables_is_refused_in_one_line(encoded, tmp_path):
    data = encoded.renditions[0].chunks[0].read_bytes()
    moov = find(data, "moov")
    rng = random.Random(7)
    for _ in range(60):
        cut = tmp_path / "cut.mp4"
        cut.write_bytes(data[: rng.randrange(moov.begin, moov.end)])
        with pytest.raises(BadMedia) as refused:
            read(cut)
        assert "\n" not in str(refused.value) and "cut.mp4" in str(refused.value)


def test_samples_are_those_that_ffmpeg_decodes(encoded):
    picture, sound = encoded.renditions[0], encoded.renditions[-1]
    media = joined([read(path) for path in picture.chunks])
    assert (media.kind, media.width, media.height) == ("video", 128, 72)
    assert len(media.samples) == SECONDS * 24
    assert Fraction(media.duration_ticks, media.timescale) == SECONDS
    decode, shown = 0, []
    for sample in media.samples:
        shown.append(decode + sample.shift_ticks)
        decode += sample.duration_ticks
    assert sorted(shown) == [number * 512 for number in range(len(shown))] and shown != sorted(
        shown
    )
    heard = read(sound.chunks[0])
    assert abs(heard.duration_ticks - SECONDS * 48_000) <= 1024


def test_chunks_with_other_settings_are_refused(encoded, tmp_path):
    other = tmp_path / "other.mp4"
    ffmpeg.run(
        "-f", "lavfi", "-i", "testsrc2=s=128x72:r=24:d=1", "-c:v", "libx264", "-bf", "0", other
    )
    chunks = [read(encoded.renditions[0].chunks[0]), read(other)]
    with pytest.raises(Mismatch, match="chunk 1 has other settings"):
        joined(chunks)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), st.integers(2, 30))
def test_video_segments_begin_at_key_frames_and_no_last_one_is_a_runt(gaps, target):
    samples = []
    for gap in gaps:
        samples += [Sample(b"", 1, 0, place == 0) for place in range(gap)]
    from netflix.package.samples import Media

    media = Media("video", b"", 1, 1, 1, tuple(samples))
    cut = timeline.at_keys(media, target)
    assert [first for first, _ in cut] == [0, *(end for _, end in cut[:-1])] and cut[-1][1] == len(
        samples
    )
    assert all(samples[first].is_key for first, _ in cut)
    assert len(cut) == 1 or cut[-1][1] - cut[-1][0] >= target / 2


@given(st.integers(1, 60), st.integers(300, 2000))
def test_sound_never_ends_further_than_half_a_frame_from_the_picture(segments, frame):
    from netflix.package.samples import Media

    count = segments * 2 * 48_000 // frame + 1
    media = Media(
        "audio", b"", 48_000, 0, 0, tuple(Sample(b"", frame, 0, True) for _ in range(count))
    )
    wanted = [Fraction(2 * number) for number in range(1, segments + 1)]
    ends = timeline.ends_s(media, timeline.like(media, wanted))
    for end, goal in zip(ends[:-1], wanted, strict=False):
        assert abs(end - goal) <= Fraction(frame, 2 * 48_000)


def test_a_published_title_is_what_its_facts_say(title):
    facts = Published.load(title)
    assert facts.name == "Test Signal" and facts.duration_s == pytest.approx(SECONDS, abs=0.03)
    for track in facts.tracks:
        for number, segment in enumerate(track.segments, 1):
            assert (title / track.name / f"{number}.m4s").stat().st_size == segment.size_bytes
        assert not (title / track.name / f"{len(track.segments) + 1}.m4s").exists()
        assert (
            sum(each.duration_ticks for each in track.segments) / track.timescale
            == track.duration_s
        )
    for name in ("poster.jpg", "poster-2.jpg", "poster-3.jpg"):
        assert (title / name).read_bytes()[:2] == b"\xff\xd8"
    assert [each.title for each in library(title.parent)] == ["signal"]


def test_ffmpeg_decodes_hls_and_dash_to_the_frames_of_the_source(title, encoded):
    for name in ("master.m3u8", "manifest.mpd"):
        words = subprocess.run(
            [ffmpeg.binary(), "-nostdin", "-i", name, "-map", "0:v:0", "-f", "framemd5", "-"],
            cwd=title, capture_output=True, text=True, check=True,
        )  # fmt: skip
        frames = [
            line.split(",")[-1].strip() for line in words.stdout.splitlines() if line[:1] != "#"
        ]
        source = []
        for chunk in encoded.renditions[0].chunks:
            done = subprocess.run(
                [ffmpeg.binary(), "-nostdin", "-i", chunk, "-f", "framemd5", "-"],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            source += [
                line.split(",")[-1].strip() for line in done.stdout.splitlines() if line[:1] != "#"
            ]
        assert frames == source, name


def test_the_manifests_say_true_durations(title):
    facts = Published.load(title)
    for track in facts.tracks:
        text = (title / track.name / "media.m3u8").read_text()
        durations = [float(each) for each in re.findall(r"#EXTINF:([\d.]+)", text)]
        assert sum(durations) == pytest.approx(track.duration_s, abs=1e-5)
        assert max(map(round, durations)) <= int(re.search(r"TARGETDURATION:(\d+)", text)[1])
    dash = ElementTree.parse(title / "manifest.mpd")
    for track in facts.tracks:
        path = f".//d:Representation[@id='{track.name}']//d:S"
        runs = [
            (int(s.get("t")), int(s.get("d")), int(s.get("r", 0)))
            for s in dash.iterfind(path, NAMESPACE)
        ]
        assert sum(d * (r + 1) for _, d, r in runs) / track.timescale == track.duration_s
        at = 0
        for begin, ticks, more in runs:
            assert begin == at
            at += ticks * (more + 1)


def test_a_segment_needs_nothing_but_its_init(title):
    (track, *_), last = Published.load(title).video, 3
    alone = (title / track.name / "init.mp4").read_bytes() + (
        title / track.name / f"{last}.m4s"
    ).read_bytes()
    path = title.parent / "alone.mp4"
    path.write_bytes(alone)
    data = (title / track.name / f"{last}.m4s").read_bytes()
    time = find(data, "moof/traf/tfdt")
    assert int.from_bytes(data[time.fields : time.end]) == 2 * (last - 1) * track.timescale
    frames = []
    ffmpeg.run("-i", path, "-f", "null", "-", on_frame=frames.append)
    assert frames[-1] == 48
    assert any(line.strip().startswith("traf") for line in tree(alone))


@given(
    st.lists(
        st.tuples(st.sampled_from([1, 5, 6, 7, 9]), st.integers(1, 700)), min_size=1, max_size=6
    )
)
def test_parts_cover_a_sample_and_decrypt_to_it(units):
    rng = random.Random(3)
    sample = b"".join(u32(size) + bytes([kind]) + rng.randbytes(size - 1) for kind, size in units)
    parts = cenc.split(sample)
    assert sum(map(sum, parts)) == len(sample) and all(locked % 16 == 0 for _, locked in parts)
    iv, key = cenc.vector("v240", 7), rng.randbytes(16)
    locked = cenc.apply(sample, parts, iv, key)
    assert len(locked) == len(sample) and cenc.apply(locked, parts, iv, key) == sample


def test_no_two_samples_share_a_vector():
    vectors = {
        cenc.vector(track, number) for track in ("v144", "v240", "a96") for number in range(2000)
    }
    assert len(vectors) == 6000


def test_an_encrypted_title_is_decrypted_by_a_stranger_with_the_key(encoded, tmp_path):
    key = ContentKey.derive(b"secret", "signal")
    made = publish(ENTRY, encoded.renditions, tmp_path, key=key)
    folder = tmp_path / "signal" / "v72"
    parts = [
        folder / "init.mp4",
        *(folder / f"{n}.m4s" for n in range(1, len(made.video[0].segments) + 1)),
    ]
    path = tmp_path / "locked.mp4"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    plain = joined([read(chunk) for chunk in encoded.renditions[0].chunks])
    assert plain.samples[0].data[-64:] not in path.read_bytes()
    frames = []
    told = ("-decryption_key", key.key.hex(), "-i", path, "-f", "null", "-")
    words = ffmpeg.run(*told, on_frame=frames.append)
    assert frames[-1] == SECONDS * 24 and "error" not in words.lower()
    dash = (tmp_path / "signal" / "manifest.mpd").read_text()
    assert str(UUID(bytes=key.key_id)) in dash and made.key_id == key.key_id.hex()
    assert key.key.hex() not in dash


def test_keys_differ_by_title_and_say_nothing_of_each_other():
    one, other = (ContentKey.derive(b"secret", name) for name in ("a", "b"))
    assert len({one.key, one.key_id, other.key, other.key_id}) == 4
    assert ContentKey.derive(b"another", "a").key != one.key


def test_published_twice_it_has_the_same_bytes_and_the_version_before_is_kept(encoded, tmp_path):
    first = publish(ENTRY, encoded.renditions, tmp_path)
    place = (tmp_path / "signal").resolve()
    assert publish(ENTRY, encoded.renditions, tmp_path) == first
    assert (tmp_path / "signal").resolve() == place
    publish(ENTRY, encoded.renditions[:1], tmp_path)
    assert (tmp_path / "signal").resolve() != place and place.is_dir()
    publish(Entry(ENTRY.title, "Another", ()), encoded.renditions, tmp_path)
    assert len([each for each in tmp_path.iterdir() if each.name.startswith(".signal-")]) == 2


def test_what_cannot_be_packaged_leaves_the_library_as_it_was(encoded, tmp_path):
    publish(ENTRY, encoded.renditions, tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x08moov")
    with pytest.raises(DamagedBox):
        publish(ENTRY, [Rendition("v72", "video", 128, 72, (broken,))], tmp_path)
    with pytest.raises(Mismatch, match="no video rendition"):
        publish(ENTRY, encoded.renditions[-1:], tmp_path)
    broken.unlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.slow
def test_killed_at_any_moment_a_title_is_the_old_one_or_the_new(encoded, tmp_path):
    """kill -9 of a process that publishes two versions in turns, again and again."""
    code = (
        "import pickle, sys; from pathlib import Path; from netflix.package.publish import publish\n"
        "entry, renditions = pickle.loads(bytes.fromhex(sys.argv[1]))\n"
        "while True:\n"
        "    publish(entry, renditions, Path(sys.argv[2]))\n"
        "    publish(entry, renditions[:1], Path(sys.argv[2]))\n"
    )
    import pickle

    told = pickle.dumps((ENTRY, encoded.renditions)).hex()
    publish(ENTRY, encoded.renditions, tmp_path)
    rng, seen = random.Random(7), set()
    for _ in range(12):
        child = subprocess.Popen([sys.executable, "-c", code, told, tmp_path])
        time.sleep(0.5 + rng.random() * 0.3)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        (found,) = library(tmp_path)
        seen.add(len(found.tracks))
        for track in found.tracks:
            for number, segment in enumerate(track.segments, 1):
                path = tmp_path / "signal" / track.name / f"{number}.m4s"
                assert path.stat().st_size == segment.size_bytes
    assert seen <= {1, 2}
    publish(ENTRY, encoded.renditions, tmp_path)


def test_a_files_name_becomes_an_address(tmp_path):
    assert slug("Mein Urlaub, 2026!") == "mein-urlaub-2026"
    from chapters.errors import UsageError

    with pytest.raises(UsageError, match="no letter"):
        slug("…")


def test_a_failed_ingest_publishes_nothing(tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film")
    with pytest.raises(BadMedia):
        add(broken, tmp_path / "library")
    assert not list((tmp_path / "library").glob("*")) if (tmp_path / "library").exists() else True


def test_a_64_bit_box_is_walked(tmp_path):
    data = u32(1) + b"mdat" + u64(20) + b"1234" + box("free")
    assert list(walk(data)) == [Box("mdat", 0, 16, 20), Box("free", 20, 28, 28)]
