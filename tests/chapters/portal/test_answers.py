"""What is posted in chunks does not say how long it is, and is not believed to end."""

import pytest
from flask import Flask

from chapters.portal.answers import BODY_BYTES_MAX, answered, posted_object


class Endless:
    """A body that goes on; it counts what was taken of it."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, size: int = -1, /) -> bytes:
        assert 0 <= size <= 2 * BODY_BYTES_MAX, f"{size} bytes at once"
        self.taken += size
        return b" " * size


def post(**environ: object) -> int:
    app = Flask(__name__)
    app.post("/")(lambda: answered(posted_object))
    base = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    return app.test_client().post("/", environ_overrides=base | environ).status_code


def test_a_chunked_body_without_end_is_refused_once_it_is_too_long() -> None:
    body = Endless()
    assert post(**{"wsgi.input": body}) == 413
    assert body.taken <= 2 * BODY_BYTES_MAX


@pytest.mark.parametrize(("size", "status"), [(BODY_BYTES_MAX - 2, 200), (BODY_BYTES_MAX + 1, 413)])
def test_a_body_may_be_as_long_as_the_limit(size: int, status: int) -> None:
    app = Flask(__name__)
    app.post("/")(lambda: answered(posted_object))
    assert app.test_client().post("/", data=b"{}" + b" " * size).status_code == status
