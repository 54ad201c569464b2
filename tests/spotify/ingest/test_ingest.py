"""Folders of music: what is published, what is refused, what is left when it is killed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from chapters.errors import UsageError
from spotify.catalogue.library import OLD, albums, sweep
from spotify.catalogue.track import Album, id_of
from spotify.ingest import features, loudness, tags
from spotify.ingest.ffmpeg import RATE, decode
from spotify.ingest.folder import ingest, quarantine
from spotify.studio.instruments import INSTRUMENTS
from spotify.studio.mix import perform
from spotify.studio.repertoire import BRIGHT, FOLK, NIGHT, SLOW
from spotify.studio.score import compose, degrees_of

MUSIC = Path("/usr/share/games/singularity/music")  # Max McCracken, CC BY-SA 3.0
LIKENESS = {"opus24": 0.9, "opus160": 0.99, "vorbis": 0.99, "aac": 0.99}


def sine(seconds, hertz=997.0, gain=0.5):
    time_s = np.arange(int(seconds * RATE)) / RATE
    tone = gain * np.sin(2 * np.pi * hertz * time_s)
    return np.stack([tone, tone], axis=1).astype(np.float32)


@pytest.mark.slow
def test_every_rendition_of_every_track_decodes_to_all_its_samples(library):
    for album in albums(library):
        for track in album.tracks:
            for own in track.renditions:
                if own.mime == "audio/webm":
                    continue  # has no end of its own: the player cuts it
                samples, complaint = decode(library / album.id / own.file)
                assert not complaint and len(samples) == track.samples, (track.title, own.name)


@pytest.mark.slow
@pytest.mark.skipif(
    not MUSIC.is_dir(), reason=f"there is no {MUSIC}: apt install singularity-music"
)
def test_music_by_somebody_else_is_published_and_sounds_as_it_did(tmp_path):
    shutil.copytree(MUSIC / "lose", tmp_path / "music")
    report = ingest(tmp_path / "music", tmp_path / "library")
    (album,) = albums(tmp_path / "library")
    assert (report.tracks, report.refused) == (2, ())
    assert (album.title, album.artist, album.year) == (
        "Endgame: Singularity Original Soundtrack",
        "Maxstack",
        2012,
    )
    for track in album.tracks:
        source, _ = soundfile.read(MUSIC / "lose" / f"{track.title}.ogg", dtype="float32")
        for name in ("opus24", "opus160", "vorbis", "aac"):
            heard, complaint = decode(tmp_path / "library" / album.id / track.rendition(name).file)
            assert not complaint and len(heard) == len(source)
            one, other = audible(heard), audible(source)
            level_db = 20 * np.log10(one.std() / other.std())
            likeness = np.corrcoef(one.ravel(), other.ravel())[0, 1]
            assert abs(level_db) < 0.5 and likeness > LIKENESS[name], (track.title, name)


def audible(samples):
    """What lies above 20 Hz: Opus drops the rest on purpose, and this music has much of it."""
    spectrum = np.fft.rfft(samples, axis=0)
    spectrum[: int(20 * len(samples) / RATE)] = 0
    return np.fft.irfft(spectrum, len(samples), axis=0)


def test_rates_are_measured(library):
    track = albums(library)[0].tracks[0]
    for own in track.renditions:
        assert own.kbps == pytest.approx(8 * own.size / 1000 / (track.samples / RATE), abs=0.1)
    names = [own.name for own in track.renditions]
    assert names == [
        "opus24",
        "web24",
        "opus96",
        "web96",
        "opus160",
        "web160",
        "vorbis",
        "aac",
        "flac",
    ]


def test_what_was_ingested_is_not_made_again_unless_it_changed(studio, library):
    report = ingest(studio, library)
    assert report.albums == 0 and report.unchanged == 3


def test_an_album_is_read_as_it_was_written(library):
    album = albums(library)[0]
    assert Album.from_json(album.to_json()) == album
    assert len({track.id for each in albums(library) for track in each.tracks}) == 9


def test_a_file_without_tags_is_called_by_its_name_and_folder(tmp_path):
    folder = tmp_path / "Some Album"
    folder.mkdir()
    soundfile.write(folder / "03 A Name.wav", sine(1), RATE)
    ingest(tmp_path, tmp_path / "library")
    (album,) = albums(tmp_path / "library")
    assert (album.title, album.tracks[0].title, album.tracks[0].number) == (
        "Some Album",
        "A Name",
        3,
    )
    assert album.artist == tags.UNKNOWN_ARTIST and album.cover == ""


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.flac", b"", "empty"),
        ("letter.mp3", b"Dear friend, this is no music.", "no music"),
        ("picture.ogg", bytes.fromhex("89504e470d0a1a0a") * 40, "no music"),
    ],
)
def test_what_is_no_music_is_refused_with_its_byte_and_reason(tmp_path, name, data, reason):
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / name).write_bytes(data)
    soundfile.write(tmp_path / "music" / "good.flac", sine(1), RATE)
    report = ingest(tmp_path / "music", tmp_path / "library")
    assert report.tracks == 1
    ((file, at, why),) = report.refused
    assert file.endswith(name) and at == 0 and reason in why
    assert quarantine(tmp_path / "library") == [(file, at, why)]


@pytest.mark.parametrize("kind", ["flac", "wav", "mp3"])
def test_a_file_that_breaks_off_is_refused_with_where(tmp_path, kind):
    (tmp_path / "music").mkdir()
    whole = tmp_path / f"whole.{kind}"
    soundfile.write(whole, np.random.default_rng(1).uniform(-0.3, 0.3, (3 * RATE, 2)), RATE)
    data = whole.read_bytes()
    (tmp_path / "music" / f"cut.{kind}").write_bytes(data[: len(data) // 2])
    report = ingest(tmp_path / "music", tmp_path / "library")
    ((_, at, why),) = report.refused
    assert report.tracks == 0 and 0 < at <= len(data) // 2 and "breaks off after 1." in why


def test_a_folder_without_music_is_one_line(tmp_path):
    with pytest.raises(UsageError, match="no such folder"):
        ingest(tmp_path / "nothing", tmp_path / "library")
    with pytest.raises(UsageError, match="no music in it"):
        ingest(tmp_path, tmp_path / "library")


def test_an_old_album_whose_new_one_never_came_is_put_back(library, tmp_path):
    album = albums(library)[0]
    place = tmp_path / "library"
    shutil.copytree(library / album.id, place / f"{OLD}{album.id}-77")
    sweep(place)
    assert [each.id for each in albums(place)] == [album.id]


def test_a_damaged_album_is_left_out_of_the_list(library, tmp_path):
    place = tmp_path / "library"
    shutil.copytree(library, place)
    one = albums(place)[0]
    facts = json.loads((place / one.id / "album.json").read_text())
    del facts["tracks"][0]["samples"]
    (place / one.id / "album.json").write_text(json.dumps(facts))
    assert one.id not in [each.id for each in albums(place)] and len(albums(place)) == 2


def test_ids_have_22_letters_and_depend_on_every_word():
    assert len(id_of("a", "b")) == 22 and id_of("a", "b").isalnum()
    assert len({id_of("a", "b"), id_of("ab"), id_of("a", "c"), id_of("b", "a")}) == 4


def test_loudness_is_that_of_the_standard():
    # EBU Tech 3341: a stereo sine of 997 Hz, near 1 kHz, whose peak is -23 dBFS measures -23 LUFS.
    found = loudness.measure(sine(5, gain=10 ** (-23 / 20)))
    assert found.lufs == pytest.approx(-23.0, abs=0.1) and found.peak_db == pytest.approx(
        -23.0, abs=0.2
    )
    assert found.gain_db == pytest.approx(9.0, abs=0.1)
    assert loudness.measure(np.zeros((RATE, 2), np.float32)).gain_db == 0.0
    assert loudness.measure(sine(0.1)).gain_db <= 0.0


def test_the_tempo_is_heard_and_the_waveform_fits():
    rng = np.random.default_rng(3)
    score = compose(NIGHT, 4, rng)
    heard = features.features(perform(score, rng))["tempo"]
    assert min(abs(heard - score.tempo * times) for times in (0.5, 1, 1.5, 2)) < 4
    bars = features.waveform(np.concatenate([sine(1), 0 * sine(1)]))
    assert len(bars) == features.BARS and max(bars) == 100 and bars[-1] == 0
    assert features.features(sine(0.01))["tempo"] == 0.0


@pytest.mark.slow
@pytest.mark.parametrize(
    "style", [FOLK, NIGHT, BRIGHT, SLOW], ids=["folk", "night", "bright", "slow"]
)
def test_a_piece_stays_on_its_scale_and_below_full_scale_and_is_the_same_each_time(style):
    score = compose(style, 4, np.random.default_rng(5))
    tones = [note.pitch for note in score.notes if note.instrument not in ("kick", "snare", "hat")]
    roots = [root for root in range(12) if degrees_of(tones, root, style.mode)]
    assert roots and {note.instrument for note in score.notes} <= set(INSTRUMENTS)
    sound = perform(score, np.random.default_rng(6))
    assert np.abs(sound).max() <= 0.9 and np.abs(sound).mean() > 0.01
    again = perform(compose(style, 4, np.random.default_rng(5)), np.random.default_rng(6))
    assert np.array_equal(sound, again)
