"""Tags of an object: changed without a new version. Page: docs/s3/objects.md"""

from collections.abc import Callable
from dataclasses import replace

from s3 import versions
from s3.api.configs import read_tags, tag_document
from s3.api.objects import asked_version, whole_body
from s3.api.shown import version_header
from s3.description import TAGS_MAX
from s3.http import Response
from s3.records import Version
from s3.service import Call


def get_object_tagging(call: Call) -> Response:
    """The tags of a version."""
    version = asked_version(call)
    return Response(headers=version_header(call, version), body=tag_document(version.tags))


def put_object_tagging(call: Call) -> Response:
    """Replace the tags of a version."""
    tags = read_tags(whole_body(call), TAGS_MAX)
    return Response(headers=version_header(call, _with_tags(call, tags)))


def delete_object_tagging(call: Call) -> Response:
    """Remove the tags of a version."""
    return Response(204, version_header(call, _with_tags(call, {})))


def _with_tags(call: Call, tags: dict[str, str]) -> Version:
    asked_version(call)
    wanted = call.query.get("versionId", "")
    return versions.change(
        call, call.request.key, wanted, lambda version: replace(version, tags=tags)
    )


OPERATIONS: dict[str, Callable[[Call], Response]] = {
    "GetObjectTagging": get_object_tagging,
    "PutObjectTagging": put_object_tagging,
    "DeleteObjectTagging": delete_object_tagging,
}
