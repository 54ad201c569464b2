"""The same gateway as one would write it first: Flask on gevent, a greenlet and a queue for each session.

    python -m zomato.bench.peer SOCKET 0      prints its port; hears the town at the socket

It knows no ids and drops nothing. What it is told is decoded and encoded as ours is.
Page: docs/zomato/speed.md
"""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from flask import Flask, Response

from chapters.fanout import text_of
from chapters.portal.lifetime import end_with_parent
from zomato.tracking.facts import BEGIN, READY, STATE, fact_of
from zomato.tracking.relay import SNAPSHOT, encoded

BACKLOG = 4_096
RETRY_S = 0.2


def create(
    new_queue: Callable[[], Any], queues: dict[str, list[Any]], last: dict[str, bytes]
) -> Flask:
    """Return the application: each request a generator that waits at a queue of its own."""
    app = Flask(__name__)

    @app.get("/orders/<order>/events")
    def events(order: str) -> Response:
        queue = new_queue()
        queues.setdefault(order, []).append(queue)

        def stream() -> Iterator[bytes]:
            try:
                yield last.get(order, b": nothing yet\n\n")
                while True:
                    yield queue.get()
            finally:
                queues[order].remove(queue)

        return Response(stream(), mimetype="text/event-stream")

    return app


def hear(path: str, queues: dict[str, list[Any]], last: dict[str, bytes], gevent: Any) -> None:
    """Put what the town says into the queues, for ever."""
    sockets = import_module("gevent.socket")
    while True:
        line_in = sockets.socket(sockets.AF_UNIX)
        try:
            line_in.connect(path)
            with line_in.makefile("rb") as lines:
                for line in lines:
                    if line not in (BEGIN, READY):
                        fact = fact_of(line)
                        place = text_of(fact.life, fact.number) if fact.kind == STATE else ""
                        chunk = encoded(fact.kind, fact.data, place)
                        if fact.kind == STATE:
                            last[fact.order] = encoded(SNAPSHOT, fact.data, place)
                        for queue in queues.get(fact.order, ()):
                            queue.put(chunk)
        except OSError:
            pass
        gevent.sleep(RETRY_S)


def main(path: str, port: int) -> None:
    """Serve until killed."""
    end_with_parent()
    gevent, wsgi = import_module("gevent"), import_module("gevent.pywsgi")
    queues: dict[str, list[Any]] = {}
    last: dict[str, bytes] = {}
    app = create(import_module("gevent.queue").Queue, queues, last)
    server = wsgi.WSGIServer(("127.0.0.1", port), app, log=None, backlog=BACKLOG)
    server.start()
    print(server.server_port, flush=True)
    gevent.spawn(hear, path, queues, last, gevent)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
