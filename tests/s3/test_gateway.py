"""What a client is told when the store itself is in trouble."""

import io

import pytest

from chapters.errors import Definite, Indefinite
from chapters.sim.errors import DiskFull
from s3 import wire
from s3.errors import Busy, Conflict, Unconfirmed
from s3.gateway import as_refusal


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (Busy("few"), "SlowDown", 503),
        (DiskFull("full"), "ServiceUnavailable", 503),
        (Definite("no"), "ServiceUnavailable", 503),
        (Unconfirmed("?"), "InternalError", 500),
        (Indefinite("?"), "InternalError", 500),
        (Conflict("others"), "OperationAborted", 409),
    ],
)
def test_every_error_has_a_code_of_s3(error, code, status):
    found = as_refusal(error)
    assert (found.code, found.status) == (code, status)


def test_a_bug_is_answered_with_a_request_id(store, caplog):
    def broken(service, request):
        raise ZeroDivisionError("a bug")

    told = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.input": io.BytesIO()}
    body = b"".join(wire.create(store.service, broken)(environ, lambda *each: told.append(each)))
    (status, headers) = told[0]
    assert status.startswith("500") and dict(headers)["x-amz-request-id"].encode() in body
    assert "a bug" in caplog.text and b"a bug" not in body


def test_a_full_disk_is_503_and_nothing_is_stored(store):
    store.ask("PUT", "/box")
    node = next(iter(store.service.blobs.cluster.nodes.values()))
    node.set_faults({"is_full": True})
    assert store.ask("PUT", "/box/k", body=b"1").status == 503
    node.set_faults({"is_full": False})
    assert store.ask("GET", "/box/k").code == "NoSuchKey"
    assert store.ask("PUT", "/box/k", body=b"1").status == 200


def test_a_node_that_is_away_is_503_for_reads_too(store):
    store.ask("PUT", "/box")
    store.ask("PUT", "/box/k", body=b"1")
    node = next(iter(store.service.blobs.cluster.nodes.values()))
    node.set_faults({"is_unreachable": True})
    assert store.ask("GET", "/box/k").code == "SlowDown"
