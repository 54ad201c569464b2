"""minio-py: make, put, get, list, compose, version, sign, delete."""

import io
import os
import random
import sys
import urllib.request

from minio import Minio
from minio.commonconfig import ENABLED, ComposeSource, CopySource
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.versioningconfig import VersioningConfig

BUCKET = sys.argv[1]
LARGE = random.Random(7).randbytes(20 << 20)
client = Minio(
    os.environ["KIT_HOST"],
    access_key=os.environ["AWS_ACCESS_KEY_ID"],
    secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    secure=False,
)


def read(key, **more):
    answer = client.get_object(bucket_name=BUCKET, object_name=key, **more)
    try:
        return answer.read()
    finally:
        answer.close()
        answer.release_conn()


client.make_bucket(bucket_name=BUCKET)
assert client.bucket_exists(bucket_name=BUCKET)
assert BUCKET in [each.name for each in client.list_buckets()]


def put(key, data, **more):
    return client.put_object(
        bucket_name=BUCKET, object_name=key, data=io.BytesIO(data), length=len(data), **more
    )


for key in ("a", "dir/b c+é", "dir/c"):
    put(key, key.encode(), metadata={"for": "a test"})
    assert read(key) == key.encode()
    found = client.stat_object(bucket_name=BUCKET, object_name=key)
    assert (found.size, found.metadata["x-amz-meta-for"]) == (len(key.encode()), "a test")
put("large", LARGE, part_size=5 << 20)
assert read("large") == LARGE
assert read("large", offset=6 << 20, length=1000) == LARGE[6 << 20 :][:1000]
listed = client.list_objects(bucket_name=BUCKET, recursive=True)
assert [each.object_name for each in listed] == ["a", "dir/b c+é", "dir/c", "large"]
level = client.list_objects(bucket_name=BUCKET)
assert sorted(each.object_name for each in level) == ["a", "dir/", "large"]

client.copy_object(
    bucket_name=BUCKET, object_name="copy", source=CopySource(bucket_name=BUCKET, object_name="a")
)
assert read("copy") == b"a"
sources = [ComposeSource(bucket_name=BUCKET, object_name=key) for key in ("large", "a")]
client.compose_object(bucket_name=BUCKET, object_name="both", sources=sources)
assert read("both") == LARGE + b"a"

url = client.presigned_get_object(bucket_name=BUCKET, object_name="a")
with urllib.request.urlopen(url) as answer:
    assert answer.read() == b"a"

client.set_bucket_versioning(bucket_name=BUCKET, config=VersioningConfig(status=ENABLED))
first = put("a", b"second").version_id
client.remove_object(bucket_name=BUCKET, object_name="a")
try:
    read("a")
    raise AssertionError("a deleted object was read")
except S3Error as error:
    assert error.code == "NoSuchKey", error
assert read("a", version_id=first) == b"second"

versions = client.list_objects(bucket_name=BUCKET, recursive=True, include_version=True)
doomed = [DeleteObject(name=each.object_name, version_id=each.version_id) for each in versions]
assert not list(client.remove_objects(bucket_name=BUCKET, delete_object_list=doomed))
client.remove_bucket(bucket_name=BUCKET)
assert not client.bucket_exists(bucket_name=BUCKET)
