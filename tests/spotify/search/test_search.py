"""A song that is heard comes first, once its plays have doubled; many may ask while a library changes."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from chapters.errors import UsageError
from spotify.events.play import COUNTS_MS
from spotify.house import Shelf
from spotify.story import trace


def test_a_song_that_is_heard_more_is_found_before_its_like(house):
    one, two = house.search("song", "harbour lights", 9)[
        :2
    ]  # two recordings of one name, nobody's favourite
    tracks = house.shelf.catalogue().tracks
    assert tracks[one].title == tracks[two].title == "Harbour Lights"
    for track in tracks.values():
        assert track.duration_ms < COUNTS_MS  # too short to count here, so plays are told by hand
    house.stats._plays[two] = 5
    house.finder.heard({two})
    assert house.search("song", "harbour lights", 9)[:2] == [two, one]
    view = house.finder._indexes["song"]._view
    house.stats._plays[two] = 6  # not doubled yet: nothing is indexed anew
    house.finder.heard({two, "nothing"})
    assert house.finder._indexes["song"]._view is view


def test_a_library_that_changes_is_read_once_by_one_of_those_who_ask(library, tmp_path):
    place = tmp_path / "library"
    shutil.copytree(library, place)
    shelf, read = Shelf(place, threading.Lock()), []
    shelf.on_change(lambda catalogue: read.append(len(catalogue.albums)))
    shutil.rmtree(place / shelf.catalogue().albums[0].id)
    with ThreadPoolExecutor(8) as crew:
        found = list(crew.map(lambda _: len(shelf.catalogue().albums), range(40)))
    assert read == [3, 2] and set(found) == {2}


def test_a_real_trace_is_refused_in_one_line():
    with pytest.raises(UsageError, match="leave out --real"):
        trace(real=True)
