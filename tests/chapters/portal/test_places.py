"""Who is slow holds a thread; places are for work, are given back, and what is long has its own."""

import io
import threading
from collections.abc import Iterable, Iterator

import pytest

from chapters.portal import places
from chapters.portal.bare import Environ, StartResponse
from chapters.portal.places import AHEAD_BYTES, SHORT_BYTES, Hands, Places

OK = "200 OK"
WAIT_S = 30


class Said:
    """What the application or the places in front of it said."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: dict[str, str] = {}

    def __call__(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, dict(headers)


class Slow:
    """A body whose client waits to be told to go on."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)
        self.asked, self.comes = threading.Event(), threading.Event()

    def read(self, size: int, /) -> bytes:
        self.asked.set()
        assert self.comes.wait(WAIT_S)
        return self._data.read(size)


def environ(body: object = None, length: int = 0, **more: str) -> Environ:
    return {"wsgi.input": body or io.BytesIO(), "CONTENT_LENGTH": str(length), **more}


def echo(environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response(OK, [])
    return [environ["wsgi.input"].read()]


def many(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response(OK, [])
    return (piece for piece in (b"one", b"two", b"six"))


def asked(app: Places, about: Environ) -> tuple[Said, Iterable[bytes]]:
    said = Said()
    return said, app(about, said)


def test_a_short_body_is_read_before_a_place_is_taken() -> None:
    app, slow = Places(echo, 1, Hands()), Slow(b"late")
    answers: list[bytes] = []
    client = threading.Thread(target=lambda: answers.extend(asked(app, environ(slow, 4))[1]))
    client.start()
    assert slow.asked.wait(WAIT_S)
    assert list(asked(app, environ())[1]) == [b""]  # the only place is free
    slow.comes.set()
    client.join(WAIT_S)
    assert answers == [b"late"]


@pytest.mark.parametrize(
    "size", [1, AHEAD_BYTES - 1, AHEAD_BYTES, AHEAD_BYTES + 1, 3 * AHEAD_BYTES]
)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_arrives_whole(size: int, chunked: bool) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    about = environ(io.BytesIO(data[:size]), 0 if chunked else size)
    if chunked:
        about["HTTP_TRANSFER_ENCODING"] = "chunked"
    assert b"".join(asked(Places(echo, 1, Hands()), about)[1]) == data[:size]


def test_a_long_body_may_be_read_in_pieces_and_by_lines() -> None:
    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response(OK, [])
        body = environ["wsgi.input"]
        return [body.read(3), body.readline(), body.read(0), body.read()[-4:], body.read(5)]

    data = b"first line\n" + bytes(2 * AHEAD_BYTES) + b"end"
    found = asked(Places(application, 1, Hands()), environ(io.BytesIO(data), len(data)))[1]
    assert list(found) == [b"fir", b"st line\n", b"", b"\0end", b""]


def test_who_expects_a_100_is_not_read_before_the_application_asks() -> None:
    def refuses(environ: Environ, start_response: StartResponse) -> list[bytes]:
        start_response("403 Forbidden", [])
        return []

    slow = Slow(b"data")
    said, _ = asked(Places(refuses, 1, Hands()), environ(slow, 4, HTTP_EXPECT="100-continue"))
    assert said.status == "403 Forbidden"
    assert not slow.asked.is_set()


def test_uploads_that_wait_for_their_clients_leave_room_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "WAIT_S_MAX", 0.01)
    app, slow = Places(echo, 1, Hands()), Slow(b"data")
    expects = {"HTTP_EXPECT": "100-continue"}
    upload = threading.Thread(target=asked, args=(app, environ(slow, 4, **expects)))
    upload.start()
    assert slow.asked.wait(WAIT_S)
    assert asked(app, environ())[0].status == OK
    said, _ = asked(app, environ(io.BytesIO(b"more"), 4, **expects))
    assert said.status == "503 Service Unavailable"
    assert said.headers["Retry-After"]
    slow.comes.set()
    upload.join(WAIT_S)
    assert asked(app, environ(io.BytesIO(b"more"), 4, **expects))[0].status == OK


def test_readers_hold_places_of_their_own_until_they_have_all_or_are_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "WAIT_S_MAX", 0.01)
    app = Places(many, 1, Hands())
    _, reading = asked(app, environ())
    said, refused = asked(app, environ())
    assert said.status == "503 Service Unavailable"
    assert b"try again" in b"".join(refused)
    assert list(reading) == [b"one", b"two", b"six"]
    reading.close()  # type: ignore[attr-defined]
    reading.close()  # type: ignore[attr-defined]  # twice does not give two places
    _, reading = asked(app, environ())
    assert asked(app, environ())[0].status == "503 Service Unavailable"
    reading.close()  # type: ignore[attr-defined]
    assert asked(app, environ())[0].status == OK


class Closing:
    """An answer that remembers whether it was closed."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces, self.closed = iter(pieces), 0

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("pieces", [(), (b"",), (b"four",), (b"", b"four"), (b"fo", b"ur")])
def test_a_short_answer_needs_no_place_and_a_long_one_does(
    pieces: tuple[bytes, ...], method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "WAIT_S_MAX", 0.01)
    sources: list[Closing] = []

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response(OK, [("content-length", environ["SIZE"])])
        sources.append(Closing(*pieces))
        return sources[-1]

    app = Places(application, 1, Hands())
    long, short = str(SHORT_BYTES + 1), str(SHORT_BYTES)
    _, first = asked(app, environ(REQUEST_METHOD="GET", SIZE=long))
    for size, is_served in ((short, True), (long, method == "HEAD")):
        said, found = asked(app, environ(REQUEST_METHOD=method, SIZE=size))
        assert (said.status == OK) == is_served
        if is_served:
            assert b"".join(found) == b"".join(pieces)
            found.close()  # type: ignore[attr-defined]
    first.close()  # type: ignore[attr-defined]
    assert [each.closed for each in sources] == [1, 1, 1]


def test_the_head_does_not_wait_for_the_first_piece() -> None:
    def application(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response(OK, [])
        return (made.append(piece) or piece for piece in [b"late"])  # type: ignore[func-returns-value]

    made: list[bytes] = []
    said, found = asked(Places(application, 1, Hands()), environ())
    assert said.status == OK
    assert not made
    assert list(found) == [b"late"]


def test_what_fails_gives_its_place_back() -> None:
    class Broken(Closing):
        def __iter__(self) -> Iterator[bytes]:
            raise ValueError("a bug")

    source = Broken()

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response(OK, [])
        return source if "QUERY" in environ else echo(environ, start_response)

    hands = Hands()
    app = Places(application, 1, hands)
    for _ in range(3):
        with pytest.raises(ValueError, match="a bug"):
            asked(app, environ(QUERY="broken"))
    assert asked(app, environ())[0].status == OK
    assert not hands.oldest_s()


def test_hands_are_busy_with_work_and_not_with_waiting() -> None:
    hands, seen = Hands(), []

    def application(environ: Environ, start_response: StartResponse) -> list[bytes]:
        seen.append(hands.oldest_s() > 0)
        return echo(environ, start_response)

    class Looks:
        def read(self, size: int, /) -> bytes:
            seen.append(hands.oldest_s() > 0)
            return b""

    about = environ(Looks(), 4, HTTP_EXPECT="100-continue")
    asked(Places(application, 1, hands), about)
    assert seen == [True, False]
    assert not hands.oldest_s()
