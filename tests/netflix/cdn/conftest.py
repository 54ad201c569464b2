"""Edges and origins on real sockets, with a small library behind them."""

import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from netflix.cdn.app import Settings, application
from tests.netflix.cdn.asking import SECRET


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *words):
        pass


@pytest.fixture
def served():
    """Serve WSGI applications, each on a thread, until the test is over."""
    running = []

    def serve(app):
        server = make_server("127.0.0.1", 0, app, Server, Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def shelf(tmp_path):
    folder = tmp_path / "library" / "colony" / "v240"
    folder.mkdir(parents=True)
    (folder / "1.m4s").write_bytes(bytes(range(256)) * 40)
    (folder.parent / "master.m3u8").write_text("#EXTM3U\n")
    (tmp_path / "secret.json").write_text("{}")
    return tmp_path / "library"


@pytest.fixture
def servers(served, shelf):
    origin = served(application(Settings("origin", str(shelf), "")))
    told = Settings("edge-1", str(shelf), "", secret=SECRET.hex(), origin=origin)
    return origin, served(application(told))
