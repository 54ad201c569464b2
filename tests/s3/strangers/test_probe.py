"""The probe of all operations, at the real server: it answers as the simulated one does."""

import time
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import quote, urlencode

import pytest

from s3.auth.signature import sign_headers
from s3.probe import in_simulation, operations

pytest.importorskip("botocore", reason="botocore is not installed")
pytestmark = pytest.mark.slow


def test_the_served_store_answers_as_the_simulated_one(server):
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:

        def ask(method, path, query, headers, body):
            signed = sign_headers(
                method, server.host, path, query, headers | {"content-length": str(len(body))},
                access_key="kit-access-key", secret_key="kit-secret-key", region="us-east-1",
                now=time.time(),
            )  # fmt: skip
            target = quote(path) + ("?" + urlencode(query, quote_via=quote) if query else "")
            connection.request(method, target, body, signed)
            answer = connection.getresponse()
            return answer.status, answer.read()

        assert list(operations(ask)) == in_simulation()
