"""Who is still for too long is overdue; who moves, was answered, or is new, is not."""

import socket
import sys

import pytest

from chapters.portal.keeper import MOVES_BYTES_S, Keeper, Moved, Patience, connections, hang_up
from chapters.portal.places import Hands

STILL_S = 30.0
ENOUGH = int(MOVES_BYTES_S * STILL_S)
ME = ("127.0.0.1", 4711)
NOBODY: list[object] = []


def seen(*looks: tuple[float, Moved]) -> list[list[object]]:
    """What patience says at each look at one connection."""
    patience = Patience(STILL_S)
    return [list(patience.overdue(now_s, {ME: moved})) for now_s, moved in looks]


def test_a_body_that_stops_is_overdue_after_its_time_and_not_before() -> None:
    said = seen((0, Moved(300, 0, 0)), (29.9, Moved(300, 0, 0)), (30, Moved(300, 0, 0)))
    assert said == [NOBODY, NOBODY, [ME]]


def test_a_byte_a_second_is_not_moving() -> None:
    said = seen(*((now, Moved(300 + now, 0, 0)) for now in range(0, 31, 5)))
    assert said[-1] == [ME]


def test_an_upload_at_the_least_speed_may_go_on_for_ever() -> None:
    speed = MOVES_BYTES_S + 10
    assert not any(seen(*((now, Moved(now * speed, 0, 0)) for now in range(0, 7200, 5))))


def test_a_reader_who_takes_nothing_is_overdue_and_a_slow_one_is_not() -> None:
    full = [(now, Moved(100, 50_000, 400_000)) for now in range(0, 31, 5)]
    assert seen(*full)[-1] == [ME]
    speed = MOVES_BYTES_S + 10
    slow = [(now, Moved(100, now * speed, 400_000)) for now in range(0, 7200, 5)]
    assert not any(seen(*slow))


def test_who_asks_now_and_then_and_takes_the_answers_is_left_alone() -> None:
    asks = [(now, Moved(20 * now, 10 * now, 0)) for now in range(0, 7200, 12)]
    assert not any(seen(*asks))


def test_the_same_port_in_a_new_connection_starts_anew() -> None:
    old, new = Moved(5_000, 5_000, 0), Moved(10, 0, 0)
    assert seen((0, old), (29, new), (31, new), (59, new)) == [NOBODY, NOBODY, NOBODY, [ME]]


def test_who_is_gone_is_forgotten() -> None:
    patience = Patience(STILL_S)
    for number in range(1_000):
        patience.overdue(0, {("127.0.0.1", number): Moved(1, 0, 0)})
    assert len(patience._marks) == 1


linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells on Linux")


@linux
def test_the_kernel_counts_what_moved_and_one_connection_is_hung_up_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with (
            socket.create_connection(("127.0.0.1", port), timeout=30) as first,
            listening.accept()[0] as ours,
            socket.create_connection(("127.0.0.1", port), timeout=30) as second,
            listening.accept()[0] as other,
        ):
            first.sendall(b"four")
            assert ours.recv(4) == b"four"
            ours.sendall(b"seven77")
            assert first.recv(7) == b"seven77"
            moved = dict(connections(port))
            assert moved[first.getsockname()].received == 4
            assert moved[second.getsockname()] == Moved(0, 0, 0)
            hang_up(port, frozenset([first.getsockname()]))
            assert ours.recv(1) == b""
            second.sendall(b"here")
            assert other.recv(4) == b"here"


@linux
def test_while_work_takes_long_nobody_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    hands = Hands()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        keeper = Keeper(port, hands, still_s_max=0)
        with (
            socket.create_connection(("127.0.0.1", port), timeout=30),
            listening.accept()[0] as ours,
        ):
            ours.setblocking(False)
            monkeypatch.setattr(hands, "oldest_s", lambda: 60.0)
            keeper.look()
            with pytest.raises(BlockingIOError):
                ours.recv(1)
            monkeypatch.setattr(hands, "oldest_s", lambda: 0.0)
            keeper.look()
            assert ours.recv(1) == b""
