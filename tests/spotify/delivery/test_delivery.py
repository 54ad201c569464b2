"""Ranges, blocks, signatures, and an edge behind its HTTP."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.cache.lru import Lru
from chapters.errors import Refused
from chapters.sim.clock import S, VirtualClock
from spotify.delivery.edge import BLOCK_BYTES, Edge, blocks, joined
from spotify.delivery.origin import Origin
from spotify.delivery.ranges import OutOfRange, span
from spotify.delivery.routing import Router
from spotify.delivery.signing import SKEW_S, Signer
from spotify.delivery.wire import EdgeServer, origin_application
from spotify.errors import Unreachable

NOW_S = 1_767_297_600
PATH = f"/{'a' * 22}/song.webm"
DATA = bytes(range(256)) * 1024  # four blocks


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-499", (0, 500)),  # the examples of RFC 9110, section 14.1.2, for 10,000 bytes
        ("bytes=500-999", (500, 1000)),
        ("bytes=-500", (9500, 10_000)),
        ("bytes=9500-", (9500, 10_000)),
        ("bytes=0-0,-1", None),
        ("", None),
    ],
)
def test_ranges_are_those_of_the_rfc(header, expected):
    assert span(header, 10_000) == expected


@given(st.integers(0, 300_000), st.integers(1, 300_000))
def test_a_range_is_cut_out_of_its_blocks(first, size):
    data = DATA * 3
    end = min(len(data), first + size)
    if first < end:
        parts = [data[n * BLOCK_BYTES : (n + 1) * BLOCK_BYTES] for n in blocks(first, end)]
        assert joined(parts, first, end) == data[first:end]


@pytest.mark.parametrize("header", ["bytes=262144-", "bytes=999999-1000000", "bytes=-0"])
def test_a_range_behind_the_end_is_refused_with_the_size(header):
    with pytest.raises(OutOfRange) as past:
        span(header, len(DATA))
    assert past.value.status == 416 and past.value.size == len(DATA)


class Server:
    """An edge without sockets: requests in, answers out."""

    def __init__(self, fetch):
        self.clock = VirtualClock()
        self.clock.advance(NOW_S * S)
        self.signer = Signer(b"secret")
        self.edge = Edge("edge-1", partial(Lru, 1 << 20))
        self.application = EdgeServer(self.edge, self.signer, fetch, clock=self.clock)

    def get(self, path=PATH, query=None, method="GET", body=None, **headers):
        query = (
            self.signer.sign(path, expires_s=NOW_S + 60).partition("?")[2]
            if query is None
            else query
        )
        told = {}

        def start(status, own):
            told.update(status=int(status[:3]), headers=dict(own))

        environ = {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method}
        if body is not None:
            from io import BytesIO

            environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        data = b"".join(self.application(environ | headers, start))
        return told["status"], told["headers"], data


class Source:
    def __init__(self):
        self.asked = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, path, first, end):
        self.asked.append((path, first))
        self.gate.wait(10)
        if path != PATH:
            raise Refused(404, "there is no such file")
        return DATA[first:end], len(DATA)


def test_an_edge_fetches_the_blocks_that_it_lacks_and_no_others():
    source = Source()
    server = Server(source)
    status, headers, data = server.get(HTTP_RANGE="bytes=70000-70099")
    assert (status, data) == (206, DATA[70_000:70_100]) and headers["X-Cache"] == "miss"
    assert headers["Content-Range"] == f"bytes 70000-70099/{len(DATA)}"
    status, headers, data = server.get(HTTP_RANGE="bytes=65536-131071")
    assert headers["X-Cache"] == "hit" and data == DATA[65_536:131_072]
    assert sorted(first for _, first in source.asked) == [
        0,
        65_536,
    ]  # the first block tells the size
    status, _, data = server.get()
    assert status == 200 and data == DATA


def test_a_block_is_fetched_once_however_many_ask():
    source = Source()
    server = Server(source)
    source.gate.clear()
    with ThreadPoolExecutor(8) as crew:
        answers = [crew.submit(server.get, HTTP_RANGE="bytes=0-99") for _ in range(8)]
        while len(server.application._under_way) == 0:
            pass
        source.gate.set()
        assert {answer.result(10)[2] for answer in answers} == {DATA[:100]}
    assert source.asked == [(PATH, 0)]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "not signed"),
        ("123-abc", "not signed"),
        ("x-" + "0" * 32, "not signed"),
        ("1-ÿ", "not signed"),
    ],
)
def test_an_address_that_is_not_signed_is_refused(query, said):
    status, _, data = Server(Source()).get(query=query)
    assert status == 403 and said in data.decode()


def test_an_address_is_good_for_its_file_and_its_time():
    signer = Signer(b"secret")
    path, _, query = signer.sign(PATH, expires_s=NOW_S).partition("?")
    signer.check(path, query, now_s=NOW_S + SKEW_S)
    with pytest.raises(Refused, match="expired 31 s ago"):
        signer.check(path, query, now_s=NOW_S + SKEW_S + 1)
    with pytest.raises(Refused, match="not signed for this file"):
        signer.check(path.replace("song", "other"), query, now_s=NOW_S)
    with pytest.raises(Refused, match="not signed"):
        Signer(b"other").check(path, query, now_s=NOW_S)


def test_a_range_past_the_end_is_416_at_the_edge_and_at_the_origin(library):
    status, headers, _ = Server(Source()).get(HTTP_RANGE="bytes=262144-")
    assert status == 416 and headers["Content-Range"] == "bytes */262144"
    told = {}
    files = sorted(library.glob("*/*.webm"))
    path = f"/{files[0].parent.name}/{files[0].name}"
    environ = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "HTTP_RANGE": "bytes=99999999-"}
    list(
        origin_application(Origin(library))(environ, lambda status, own: told.update(status=status))
    )
    assert told["status"].startswith("416")


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd", "/x/y", f"/{'a' * 22}/../x", f"/{'a' * 22}/.hidden"]
)
def test_the_origin_names_nothing_but_files_of_albums(library, path):
    with pytest.raises(Refused, match="no file"):
        Origin(library).read(path, 0, 10)


def test_troubles_are_what_they_say_and_end():
    server = Server(Source())

    def trouble(kind):
        return server.get("/_/trouble", method="POST", body=b'{"kind": "%s"}' % kind.encode())[0]

    assert trouble("short") == 200 and len(server.get(HTTP_RANGE="bytes=0-99")[2]) == 50
    assert trouble("wrong") == 200 and server.get(HTTP_RANGE="bytes=0-99")[2] != DATA[:100]
    assert trouble("busy") == 200 and server.get()[0] == 503
    assert trouble("nonsense") == 400
    assert trouble("") == 200 and server.get(HTTP_RANGE="bytes=0-99")[2] == DATA[:100]
    assert server.get("/_/nothing", method="GET")[0] == 404 and server.get(method="PUT")[0] == 405


def test_an_origin_that_does_not_answer_is_502_and_the_next_request_tries_again():
    calls = []

    def fetch(path, first, end):
        calls.append(first)
        raise Unreachable("the origin does not answer")

    server = Server(fetch)
    assert server.get()[0] == 502 and server.get()[0] == 502 and len(calls) == 2


def test_albums_of_an_edge_that_goes_move_to_their_next_and_no_others_do():
    names = {f"edge-{n}": "" for n in range(5)}
    router = Router(names)
    for number in range(200):
        order = router.edges(f"album {number}")
        assert sorted(order) == sorted(names)
        lacking = router.edges(f"album {number}", down={"edge-2"})
        assert lacking[-1] == "edge-2" and [n for n in order if n != "edge-2"] == lacking[:-1]
