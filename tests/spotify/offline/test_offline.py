"""Licences that hold, clocks that do not, five devices, and downloads that go on."""

from dataclasses import replace
from random import Random

import pytest

from chapters.errors import Refused
from chapters.log import Log
from chapters.sim.clock import S
from chapters.sim.disk import SimDisk
from spotify import wire
from spotify.breaking.offline import ADA, _Holiday, clock_back, torn_download
from spotify.offline.desk import DEVICES_MAX, OfflineDesk
from spotify.offline.licence import DAY_S, VALID_S
from spotify.offline.vault import Vault


@pytest.fixture
def scene():
    return _Holiday(3)


def licensed(scene, device="phone"):
    vault = scene.vault()
    vault.take_licence(scene.desk.grant(ADA, device, [scene.track.id]))
    return vault


def test_what_was_taken_along_is_what_the_origin_has(scene):
    vault, own = licensed(scene), scene.track.renditions[0]
    assert scene.sync(vault) == len(own.pieces) and scene.sync(vault) == 0
    data = scene.files[f"/{scene.album.id}/{own.file}"]
    for number, piece in enumerate(own.pieces):
        assert vault.play(scene.track.id, number) == data[piece.offset : piece.offset + piece.size]
    assert scene.vault().has(scene.track.id) == len(own.pieces)


@pytest.mark.parametrize(
    "change",
    [
        {"until_s": 2**40},
        {"device": "other"},
        {"keys": {}},
        {"signature": "00" * 64},
        {"signature": "no"},
    ],
)
def test_a_licence_that_was_changed_is_none(scene, change):
    licence = replace(scene.desk.grant(ADA, "phone", [scene.track.id]), **change)
    with pytest.raises(Refused, match="not signed"):
        scene.vault().take_licence(licence)


def test_without_a_licence_there_is_nothing_to_hear(scene):
    vault = scene.vault()
    scene.sync(vault)
    with pytest.raises(Refused) as refused:
        vault.play(scene.track.id, 0)
    assert refused.value.reason == "licence"


def test_wrong_bytes_are_not_taken_along(scene):
    vault = licensed(scene)
    with pytest.raises(Refused, match="piece 0"):
        vault.sync(scene.track.id, scene.track.renditions[0], bytes(16), lambda *words: b"nonsense")
    assert vault.has(scene.track.id) == 0


def test_an_expired_licence_says_until_when_it_was_valid(scene):
    vault = licensed(scene)
    scene.sync(vault)
    until_s = vault.licence.until_s
    scene.clock.advance((VALID_S + DAY_S) * S)
    with pytest.raises(Refused, match=f"valid until {until_s}, 1.0 days ago") as refused:
        vault.play(scene.track.id, 0)
    assert refused.value.status == 403 and refused.value.reason == "expired"


def test_the_latest_time_survives_a_restart(scene):
    vault = licensed(scene)
    scene.sync(vault)
    scene.clock.advance(20 * DAY_S * S)
    vault.play(scene.track.id, 0)
    again = scene.vault()
    assert again.seen_s == pytest.approx(scene.clock.now_ns() / S, abs=1)


def test_search_works_on_what_was_taken_along(scene):
    vault = scene.vault()
    vault.take_album(scene.album)
    assert vault.search("trakc 2") == [scene.album.tracks[1].id]
    assert scene.vault().search("low tide")


def test_a_sixth_device_is_refused_and_one_that_is_forgotten_makes_room(scene):
    names = [f"device-{number}" for number in range(DEVICES_MAX)]
    for name in names:
        scene.desk.grant(ADA, name, [scene.track.id])
    with pytest.raises(
        Refused, match="device-0, device-1, device-2, device-3, device-4"
    ) as refused:
        scene.desk.grant(ADA, "sixth", [scene.track.id])
    assert (refused.value.status, refused.value.reason) == (403, "devices")
    scene.desk.grant(ADA, "device-3", [scene.track.id])
    scene.desk.forget("ada", "device-1")
    assert scene.desk.grant(ADA, "sixth", [scene.track.id]).device == "sixth"
    with pytest.raises(Refused, match="no device"):
        scene.desk.forget("ada", "device-1")


def test_devices_are_known_after_a_restart(house):
    disk = SimDisk(rng=Random(1))
    track = next(t.id for t in house.shelf.catalogue().tracks.values() if t.title == "Salt")
    for _ in range(2):
        desk = OfflineDesk(house.shelf.catalogue, Log(disk=disk), b"s", clock=house.clock)
        desk.grant(house.users.named("ada"), "phone", [track])
        assert desk.devices("ada") == ["phone"]


def test_over_http_a_licence_is_one_and_refusals_say_why(house):
    client = wire.create(house, []).test_client()
    tracks = {track.title: track.id for track in house.shelf.catalogue().tracks.values()}
    facts = {"user": "ada", "device": "phone", "tracks": [tracks["Salt"]]}
    told = client.post("/api/offline", json=facts).get_json()
    assert set(told["keys"]) == {tracks["Salt"]} and len(told["signature"]) == 128
    for change, status, said in (
        ({"tracks": []}, 400, "1 to"), ({"tracks": "x"}, 400, "list"), ({"device": ""}, 400, "device"),
        ({"tracks": [tracks["Rain on Copper"]]}, 403, "may be played"),
        ({"user": "nobody"}, 404, "no user"),
    ):  # fmt: skip
        answer = client.post("/api/offline", json=facts | change)
        assert answer.status_code == status and said in answer.get_json()["error"]
    assert client.post("/api/forget", json=facts).get_json() == {"devices": []}


@pytest.mark.parametrize("seed", range(4))
def test_the_faults_hold(seed):
    assert clock_back(seed=seed).held
    assert torn_download(seed=seed, crashes=25).held


def test_another_services_licence_is_none(scene):
    other = Vault(
        Log(disk=SimDisk(rng=Random(9))), _Holiday(4).desk.public, clock=scene.clock, rng=Random(1)
    )
    own = OfflineDesk(lambda: None, Log(disk=SimDisk(rng=Random(8))), b"another", clock=scene.clock)
    assert own.public.public_bytes_raw() != scene.desk.public.public_bytes_raw()
    other._public = own.public
    with pytest.raises(Refused, match="not signed"):
        other.take_licence(scene.desk.grant(ADA, "phone", [scene.track.id]))
