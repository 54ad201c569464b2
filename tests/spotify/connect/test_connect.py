"""One device sounds; whose word is late is refused; over HTTP, and by restarts."""

from random import Random

import pytest

from chapters.errors import Refused
from chapters.lease import Leases
from chapters.sim.clock import S, VirtualClock
from chapters.sim.disk import SimDisk
from spotify import wire
from spotify.connect.session import DEVICES_MAX, GONE_MS, TERM_S, Connect, Sounding


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def connect(clock):
    made = Connect(Leases(clock=clock, disk=SimDisk(rng=Random(1))), clock=clock)
    for name in ("phone", "kitchen"):
        made.hello("ada", name, name)
    return made


def at(device, position_ms):
    return Sounding(device, ("t1", "t2"), 1, position_ms, True)


def test_another_device_goes_on_from_where_the_first_was(connect, clock):
    epoch, _ = connect.take("ada", "phone")
    connect.tell("ada", epoch, at("phone", 10_000))
    clock.advance(4 * S)
    later, before = connect.take("ada", "kitchen")
    assert later > epoch and before.position_ms == 14_000 and before.tracks == ("t1", "t2")
    with pytest.raises(Refused) as refused:
        connect.tell("ada", epoch, at("phone", 99_000))
    assert (refused.value.status, refused.value.reason) == (409, "epoch")
    assert connect.sounding("ada").device == "kitchen"


def test_a_device_that_is_silent_has_stopped(connect, clock):
    epoch, _ = connect.take("ada", "phone")
    connect.tell("ada", epoch, at("phone", 0))
    clock.advance(int(TERM_S + 1) * S)
    assert not connect.sounding("ada").is_playing
    connect.tell("ada", epoch, at("phone", 11_000))  # nobody has taken over: it goes on
    assert connect.sounding("ada").is_playing


def test_users_do_not_disturb_each_other(connect):
    connect.hello("ben", "tv", "tv")
    one, _ = connect.take("ada", "phone")
    connect.take("ben", "tv")
    connect.tell("ada", one, at("phone", 5))


def test_sound_goes_to_just_one_device_that_is_known(connect):
    for ids, status in ((["phone", "kitchen"], 400), ([], 400), (["fridge"], 404)):
        with pytest.raises(Refused) as refused:
            connect.transfer("ada", ids)
        assert refused.value.status == status
    assert connect.transfer("ada", ["kitchen"]) == connect.epoch("ada")


def test_an_epoch_is_not_given_twice_across_a_restart(clock):
    disk, epochs = SimDisk(rng=Random(1)), []
    for _ in range(4):
        made = Connect(Leases(clock=clock, disk=disk), clock=clock)
        made.hello("ada", "phone", "phone")
        epochs.append(made.take("ada", "phone")[0])
        disk.crash()
    assert epochs == sorted(set(epochs))


def test_devices_are_bounded_and_forgotten(connect, clock):
    for number in range(2 * DEVICES_MAX):
        clock.advance(S)
        connect.hello("ada", f"d{number}", "x")
    assert len(connect.devices("ada")) == DEVICES_MAX
    clock.advance(GONE_MS // 1000 * S)
    assert connect.devices("ada") == []


def test_over_http_two_tabs_hand_over_and_bad_words_are_refused(house):
    client = wire.create(house, []).test_client()

    def post(path, status=200, **facts):
        answer = client.post(f"/api/connect/{path}", json={"user": "ada"} | facts)
        assert answer.status_code == status, answer.get_json()
        return answer.get_json()

    for device in ("one", "two"):
        post("hello", device=device, name=device)
    epoch = post("take", device="one")["epoch"]
    told = {"tracks": ["t"], "index": 0, "position_ms": 5, "is_playing": True}
    post("tell", device="one", epoch=epoch, **told)
    post("take", device="two")
    assert post("tell", status=409, device="one", epoch=epoch, **told)["reason"] == "epoch"
    said = post("hello", device="one", name="one")
    assert said["sounding"]["device"] == "two" and {each["id"] for each in said["devices"]} == {
        "one",
        "two",
    }
    post("take", status=404, device="three")
    post("hello", status=400, device="", name="x")
    post("hello", status=404, user="nobody", device="x", name="x")
    post("tell", status=400, device="one", epoch=-1, **told)
    post("tell", status=400, device="one", epoch=1, **told | {"tracks": "x"})
