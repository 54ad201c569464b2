"""PostObject: an upload from a browser's form. Page: docs/s3/upload.md"""

from collections.abc import Callable
from dataclasses import replace

from s3 import description, encryption, permissions, receiving
from s3.api.objects import described_version, put_received
from s3.api.shown import write_headers
from s3.auth.multipart_form import read_form
from s3.auth.post_form import authenticate_form, headers_of, redirect_of, status_of
from s3.http import Response, quoted
from s3.markup import Pair, parse, render
from s3.service import Call


def post_object(call: Call) -> Response:
    """Store the form's file under the form's key, if the policy that was signed allows it."""
    service, name = call.service, call.bucket.name
    form = read_form(call.headers.get("content-type", ""), call.request.body)
    who = authenticate_form(
        form, service.users, bucket=name, now=call.now_ms / 1000, region=service.region
    )
    key = description.check_key(form.fields["key"])
    headers = {"content-type": form.content_type} if form.content_type else {}
    kept = {
        each: call.headers[each]
        for each in ("host", "user-agent", "referer")
        if each in call.headers
    }
    request = replace(call.request, key=key, headers=kept | headers | headers_of(form))
    inner = replace(call, request=request, who=who)
    permissions.permit_object(inner, "PostObject", key, "")
    blank = replace(described_version(inner), tags=_tags(form.fields.get("tagging", "")))
    promise = replace(receiving.promised(_unsized(inner)), size_bytes=None)
    intake = receiving.Intake(form.file, promise)
    made = put_received(inner, blank, receiving.stored(inner, intake, encryption.for_write(inner)))
    location = f"{call.request.scheme}://{call.request.host}/{name}/{quoted(key)}"
    shown = write_headers(inner, made) | {"Location": location}
    if target := redirect_of(form, name, made.etag):
        return Response(303, shown | {"Location": target})
    status = status_of(form)
    pairs: list[Pair] = [
        ("Location", location), ("Bucket", name), ("Key", key), ("ETag", f'"{made.etag}"'),
    ]  # fmt: skip
    document = render("PostResponse", pairs, namespace="") if status == 201 else b""
    return Response(status, shown, document)


def _unsized(call: Call) -> Call:
    """Return the call as if the form's length were unknown: it is not the file's."""
    headers = call.headers | {"transfer-encoding": "chunked"}
    return replace(call, request=replace(call.request, headers=headers))


def _tags(text: str) -> dict[str, str]:
    """Return the tags of a form's `tagging` field, which is XML."""
    if not text:
        return {}
    found = parse(text.encode(), "Tagging")
    pairs = [
        (each.findtext("Key") or "", each.findtext("Value") or "") for each in found.iter("Tag")
    ]
    return description.checked_tags(pairs)


OPERATIONS: dict[str, Callable[[Call], Response]] = {"PostObject": post_object}
