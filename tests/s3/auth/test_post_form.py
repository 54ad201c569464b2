"""Browser uploads: forms cut anywhere, what a policy lets through, and what it does not."""

import io
import json
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3.auth.multipart_form import FIELDS_BYTES_MAX, read_form
from s3.auth.post_form import authenticate_form, headers_of, redirect_of, status_of
from s3.auth.signature import from_timestamp, sign, signing_key
from s3.auth.signature_v2 import sign_v2
from s3.auth.users import Users, make_user
from s3.errors import Refused

NOW = from_timestamp("20130524T000000Z")
USERS = Users([make_user("alice", "AKID", "secret")])
BASE = [
    {"bucket": "photos"},
    ["starts-with", "$key", "foo"],
    {"acl": "private"},
    ["starts-with", "$Content-Type", "text/plain"],
    ["content-length-range", 0, 1024],
]
FIELDS = {"key": "foo.txt", "acl": "private", "Content-Type": "text/plain"}
TYPE = "multipart/form-data; boundary=XXX"


class Dribble(io.BytesIO):
    """Gives a few bytes at a time."""

    step = 3

    def read(self, size=-1, /):
        return super().read(min(size, self.step) if size >= 0 else self.step)


def encode(fields, data=b"bar", filename="a.jpg", boundary="XXX", tail=b""):
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if data is not None:
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
            "Content-Type: image/jpeg\r\n\r\n".encode()
            + data
            + b"\r\n"
        )
    return b"".join(parts) + f"--{boundary}--\r\n".encode() + tail


def form_of(fields, data=b"bar", **options):
    return read_form(TYPE, io.BytesIO(encode(fields, data, **options)))


def signed_fields(
    conditions=BASE, fields=FIELDS, expiration="2013-05-24T01:00:00Z", secret="secret"
):
    document = {"expiration": expiration, "conditions": conditions}
    policy = b64encode(json.dumps(document).encode()).decode()
    return dict(fields) | {
        "AWSAccessKeyId": "AKID", "policy": policy, "signature": sign_v2(secret, policy)
    }  # fmt: skip


def check(fields, data=b"bar", **options):
    form = form_of(fields, data, **options)
    return form, authenticate_form(form, USERS, bucket="photos", now=NOW, region="us-east-1")


def refusal(fields, data=b"bar"):
    with pytest.raises(Refused) as caught:
        form, _ = check(fields, data)
        while form.file.read(100):
            pass
    return caught.value.code


def test_a_signed_form_is_let_in_and_its_file_is_read():
    form, who = check(signed_fields())
    assert (who.user.name, who.auth_type) == ("alice", "post-form")
    assert form.file.read() == b"bar"
    assert form.file.read(1) == b""
    assert headers_of(form) == {"x-amz-acl": "private", "content-type": "text/plain"}
    assert (form.filename, form.content_type) == ("a.jpg", "image/jpeg")


def test_a_form_signed_with_version_4_is_let_in():
    scope = "20130524/us-east-1/s3/aws4_request"
    fields = FIELDS | {
        "x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-credential": f"AKID/{scope}",
        "x-amz-date": "20130524T000000Z",
    }  # fmt: skip
    conditions = [*BASE, *({name: fields[name]} for name in fields if name.startswith("x-amz"))]
    document = {"expiration": "2013-05-24T01:00:00.000Z", "conditions": conditions}
    fields["policy"] = b64encode(json.dumps(document).encode()).decode()
    key = signing_key("secret", "20130524", "us-east-1")
    fields["x-amz-signature"] = sign(key, fields["policy"])
    assert check(fields)[1].user.name == "alice"
    assert refusal(fields | {"x-amz-signature": "0" * 64}) == "SignatureDoesNotMatch"
    assert refusal(fields | {"x-amz-credential": "AKID"}) == "InvalidArgument"
    del fields["x-amz-signature"]
    assert refusal(fields) == "InvalidArgument"


def test_a_form_without_signature_is_anybody_s():
    assert check({"key": "foo.txt", "acl": "public-read"})[1].is_anonymous


@pytest.mark.parametrize(
    "change, code",
    [
        ({"AWSAccessKeyId": "nobody"}, "InvalidAccessKeyId"),
        ({"signature": "AAAA"}, "SignatureDoesNotMatch"),
        ({"signature": None}, "InvalidArgument"),
        ({"policy": None}, "InvalidArgument"),
        ({"key": None}, "UserKeyMustBeSpecified"),
        ({"key": "other.txt"}, "AccessDenied"),
        ({"acl": "public-read"}, "AccessDenied"),
        ({"acl": None}, "AccessDenied"),
        ({"x-amz-meta-foo": "bar"}, "AccessDenied"),
        ({"success_action_status": "201"}, "AccessDenied"),
    ],
)
def test_a_form_that_is_not_as_it_was_signed_is_refused(change, code):
    fields = signed_fields() | change
    assert refusal({name: value for name, value in fields.items() if value is not None}) == code


def test_fields_to_ignore_need_no_condition():
    for name in ("x-ignore-foo", "x-amz-checksum-sha256"):
        assert check(signed_fields() | {name: "bar"})[1].user


def test_names_and_operators_compare_without_case():
    conditions = [
        {"bUcKeT": "photos"}, ["StArTs-WiTh", "$KeY", "foo"], {"AcL": "private"},
        ["StArTs-WiTh", "$CoNtEnT-TyPe", "text/plain"], ["content-length-range", 0, 1024],
    ]  # fmt: skip
    fields = {"kEy": "foo.txt", "aCl": "private", "Content-Type": "text/plain"}
    assert check(signed_fields(conditions, fields))[1].user


def test_a_backslash_is_itself():
    conditions = [*BASE[:1], ["starts-with", "$key", "\\$foo"], *BASE[2:]]
    assert check(signed_fields(conditions, FIELDS | {"key": "\\$foo.txt"}))[1].user
    assert refusal(signed_fields(conditions)) == "AccessDenied"


def test_a_condition_on_a_field_that_is_missing_fails():
    conditions = [*BASE, ["starts-with", "$x-amz-meta-foo", "bar"]]
    assert refusal(signed_fields(conditions)) == "AccessDenied"
    assert check(signed_fields(conditions, FIELDS | {"x-amz-meta-foo": "barclamp"}))[1].user
    equal = [*BASE, ["eq", "$x-amz-meta-foo", ""]]
    assert refusal(signed_fields(equal, FIELDS | {"x-amz-meta-foo": "barclamp"})) == "AccessDenied"


def test_the_bucket_must_be_named_and_be_this_one():
    assert refusal(signed_fields(BASE[1:])) == "AccessDenied"
    assert refusal(signed_fields([{"bucket": "other"}, *BASE[1:]])) == "AccessDenied"


def test_a_policy_expires():
    assert refusal(signed_fields(expiration="2013-05-23T23:59:59Z")) == "AccessDenied"


@pytest.mark.parametrize("text", ["2013-05-24 01:00:00+00:00", "", None, 5, "soonTZ"])
def test_an_expiration_that_cannot_be_read_is_refused(text):
    assert refusal(signed_fields(expiration=text)) == "InvalidPolicyDocument"


@pytest.mark.parametrize(
    "conditions",
    [[], {}, None, [{}], [{"a": "b", "c": "d"}], [{"a": 5}], [["content-length-range", 0]],
     [["content-length-range", -1, 0]], [["eq", "key", "a"]], [["like", "$key", "a"]], ["a"], [[]]],
)  # fmt: skip
def test_conditions_that_cannot_be_read_are_refused(conditions):
    assert refusal(signed_fields(conditions)) == "InvalidPolicyDocument"


@pytest.mark.parametrize("text", ["*", "e30", "W10=", b64encode(b"[" * 10_000).decode()])
def test_a_policy_that_is_no_document_is_refused(text):
    fields = signed_fields() | {"policy": text, "signature": sign_v2("secret", text)}
    assert refusal(fields) == "InvalidPolicyDocument"


def test_the_file_may_not_be_larger_or_smaller_than_the_policy_says():
    def ranged(low, high):
        return signed_fields([*BASE[:-1], ["content-length-range", low, high]])

    assert check(ranged(3, 3))[0].file.read() == b"bar"
    assert refusal(ranged(0, 2)) == "EntityTooLarge"
    assert refusal(ranged(4, 9)) == "EntityTooSmall"


def test_a_key_may_be_made_of_the_file_s_name():
    form, _ = check(
        signed_fields(fields=FIELDS | {"key": "${filename}"}), filename="C:\\x\\foo.txt"
    )
    assert form.fields["key"] == "foo.txt"


def test_what_the_browser_is_told_afterwards():
    form = form_of({"key": "foo.txt", "success_action_status": "201"})
    assert status_of(form) == 201
    assert status_of(form_of({"key": "k", "success_action_status": "404"})) == 204
    assert redirect_of(form, "photos", "e1") == ""
    form = form_of({"key": "foo.txt", "success_action_redirect": "http://a/b"})
    assert redirect_of(form, "photos", "e1") == "http://a/b?bucket=photos&key=foo.txt&etag=%22e1%22"
    form = form_of({"key": "foo.txt", "success_action_redirect": "javascript:alert(1)"})
    assert redirect_of(form, "photos", "e1") == ""


@given(st.binary(max_size=300), st.integers(1, 40), st.integers(1, 50))
def test_a_file_is_read_as_it_was_sent_however_it_arrives(data, step, size):
    source = Dribble(encode(FIELDS, data, tail=b"epilogue"))
    source.step = step
    form = read_form(TYPE, source)
    assert form.fields == {name.lower(): value for name, value in FIELDS.items()}
    if b"\r\n--XXX" not in data:
        assert b"".join(iter(lambda: form.file.read(size), b"")) == data
        assert source.read(1) == b""


def test_a_file_full_of_almost_boundaries_is_read_whole():
    data = b"\r\n--XX\r\n--XX--XXX\r--XXX" * 5000
    form = read_form(TYPE, io.BytesIO(encode(FIELDS, data)))
    assert form.file.read() == data


@given(st.integers(min_value=0))
def test_a_form_that_stops_anywhere_is_refused(at):
    whole = encode(FIELDS, b"the bytes")
    cut = whole[: at % whole.rindex(b"--XXX--")]
    with pytest.raises(Refused) as caught:
        read_form(TYPE, io.BytesIO(cut)).file.read()
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "multipart/form-data", f"multipart/form-data; boundary={'x' * 71}"],
)
def test_what_is_no_form_is_refused(content_type):
    with pytest.raises(Refused, match=r"multipart|boundary"):
        read_form(content_type, io.BytesIO(b""))


def test_what_comes_before_the_file_is_bounded():
    fields = {f"x-ignore-{number}": "" for number in range(101)}
    for given_fields, code in (
        ({"key": "x" * FIELDS_BYTES_MAX}, "MaxPostPreDataLengthExceededError"),
        (fields, "MalformedPOSTRequest"),
    ):
        source = io.BytesIO(encode(given_fields) + b"x" * 1_000_000)
        with pytest.raises(Refused) as caught:
            read_form(TYPE, source)
        assert caught.value.code == code
        assert source.tell() < 200_000


def test_a_form_without_a_file_or_with_a_field_twice_is_refused():
    for raw, code in (
        (encode(FIELDS, None), "InvalidArgument"),
        (encode({"key": "a"})[:-9] + encode({"key": "b"}), None),
        (encode({"key": "a"}, None)[:-9] + encode({"key": "b"}), "MalformedPOSTRequest"),
        (b"--XXXY\r\n", "MalformedPOSTRequest"),
        (b'--XXX\r\nContent-Disposition: form-data\r\n\r\n\r\n--XXX--', "MalformedPOSTRequest"),
    ):  # fmt: skip
        if code:
            with pytest.raises(Refused) as caught:
                read_form(TYPE, io.BytesIO(raw))
            assert caught.value.code == code
        else:  # what follows the file is ignored
            assert read_form(TYPE, io.BytesIO(raw)).file.read() == b"bar"
