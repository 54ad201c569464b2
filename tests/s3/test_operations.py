"""Every operation in Amazon's own model of S3, asked for once."""

import sys

import pytest

from chapters.errors import UsageError
from s3.api.operations import DONE
from s3.errors import CODES
from s3.probe import REASONS, VERDICTS, in_simulation, operations, table, taken_for

pytest.importorskip("botocore", reason="botocore is not installed")

DONE_MIN = 78  # it may grow


@pytest.fixture(scope="module")
def found():
    return in_simulation()


def test_no_operation_fails_or_is_taken_for_another(found):
    assert len(found) >= 116
    for each in found:
        assert each.verdict in VERDICTS, each
        assert each.verdict != "mistaken", each
        assert each.status < 500 or each.status == 501, each


def test_what_is_refused_is_refused_with_the_code_for_it(found):
    refused = [each for each in found if each.verdict == "refused"]
    assert refused
    for each in refused:
        assert (each.status, each.told) == (CODES["NotImplemented"][0], "NotImplemented"), each


def test_what_is_not_of_such_a_store_is_answered_501(found):
    elsewhere = {each.name: each for each in found if each.verdict == "elsewhere"}
    assert elsewhere.keys() >= REASONS.keys()
    assert {elsewhere[name].status for name in REASONS} == {501}


def test_what_was_done_is_still_done(found):
    done = {each.name for each in found if each.verdict == "done"}
    assert len(done) >= DONE_MIN
    assert {each.name for each in found} & DONE.keys() <= done, (
        "a handler that the probe cannot reach"
    )


def test_the_report_is_the_same_every_time(found):
    lines = list(table(found))
    assert lines == list(table(in_simulation()))
    assert sum(each.name in line.split() for line in lines for each in found) == len(found)


def test_an_unknown_subresource_does_not_become_the_object():
    """A client that is newer than the store must not overwrite an object with an annotation."""
    query = {"annotation": "", "annotationName": "a"}
    assert taken_for("PUT", "/b/k", query, {}) == "PutObjectAnnotation"
    assert taken_for("GET", "/b/k", {"annotation": ""}, {}) == "ListObjectAnnotations"


def test_a_store_that_takes_one_for_another_is_found_out(found, monkeypatch):
    monkeypatch.setattr("s3.probe.taken_for", lambda *words: "PutObject")
    made = {each.name: each for each in operations(lambda *words: (200, b""))}
    assert made["PutObject"].verdict == "done"
    assert made["PutObjectTagging"].verdict == "mistaken"


def test_without_botocore_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "botocore.loaders", None)
    with pytest.raises(UsageError, match="pip install botocore"):
        in_simulation()
