"""boto3, alone and with its transfer manager: the client that most programs use."""

import io

import pytest

exceptions = pytest.importorskip("botocore.exceptions", reason="boto3 is not installed")
transfer = pytest.importorskip("boto3.s3.transfer", reason="boto3 is not installed")

PARTS = transfer.TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
KEYS = ["a.txt", "folder/b.txt", "folder/c d+é&.txt", "folder/deeper/d.txt"]


@pytest.fixture
def filled(boto, bucket):
    """A bucket with four small objects, which the test empties and removes."""
    boto.create_bucket(Bucket=bucket)
    for key in KEYS:
        boto.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"for": "a test"})
    return bucket


def test_small_objects_are_put_listed_read_copied_and_deleted(boto, filled):
    for key in KEYS:
        got = boto.get_object(Bucket=filled, Key=key)
        assert (got["Body"].read(), got["Metadata"]) == (key.encode(), {"for": "a test"})
    page = boto.list_objects_v2(Bucket=filled, Delimiter="/")
    assert [each["Key"] for each in page["Contents"]] == ["a.txt"]
    assert [each["Prefix"] for each in page["CommonPrefixes"]] == ["folder/"]
    boto.copy_object(Bucket=filled, Key="copy", CopySource={"Bucket": filled, "Key": KEYS[2]})
    assert boto.get_object(Bucket=filled, Key="copy")["Body"].read() == KEYS[2].encode()
    with pytest.raises(exceptions.ClientError, match="BucketNotEmpty"):
        boto.delete_bucket(Bucket=filled)
    gone = boto.delete_objects(
        Bucket=filled, Delete={"Objects": [{"Key": key} for key in [*KEYS, "copy"]]}
    )
    assert "Errors" not in gone
    assert boto.list_objects_v2(Bucket=filled)["KeyCount"] == 0
    boto.delete_bucket(Bucket=filled)
    with pytest.raises(exceptions.ClientError, match="NoSuchBucket"):
        boto.list_objects_v2(Bucket=filled)


def test_a_listing_goes_on_page_after_page(boto, filled):
    pages = boto.get_paginator("list_objects_v2").paginate(
        Bucket=filled, PaginationConfig={"PageSize": 1}
    )
    assert [each["Key"] for page in pages for each in page["Contents"]] == sorted(KEYS)


def test_a_large_object_goes_up_in_parts_and_comes_back_in_ranges(boto, filled, large):
    boto.upload_fileobj(io.BytesIO(large), filled, "large", Config=PARTS)
    head = boto.head_object(Bucket=filled, Key="large")
    assert head["ContentLength"] == len(large)
    assert head["ETag"].endswith('-4"')
    back = io.BytesIO()
    boto.download_fileobj(filled, "large", back, Config=PARTS)
    assert back.getvalue() == large
    tail = boto.get_object(Bucket=filled, Key="large", Range="bytes=-1000")
    assert tail["Body"].read() == large[-1000:]
    second = boto.get_object(Bucket=filled, Key="large", PartNumber=2)
    assert second["Body"].read() == large[5 << 20 : 10 << 20]


def test_a_large_object_goes_up_in_one_piece(boto, filled, large):
    boto.put_object(Bucket=filled, Key="large", Body=large, ChecksumAlgorithm="SHA256")
    got = boto.get_object(Bucket=filled, Key="large", ChecksumMode="ENABLED")
    assert got["Body"].read() == large


def test_a_condition_lets_only_the_first_writer_in(boto, filled):
    boto.put_object(Bucket=filled, Key="once", Body=b"1", IfNoneMatch="*")
    with pytest.raises(exceptions.ClientError, match="PreconditionFailed"):
        boto.put_object(Bucket=filled, Key="once", Body=b"2", IfNoneMatch="*")
    assert boto.get_object(Bucket=filled, Key="once")["Body"].read() == b"1"


def test_versions_are_kept_and_deleted_one_by_one(boto, filled):
    boto.put_bucket_versioning(Bucket=filled, VersioningConfiguration={"Status": "Enabled"})
    ids = [boto.put_object(Bucket=filled, Key="v", Body=body)["VersionId"] for body in (b"1", b"2")]
    boto.delete_object(Bucket=filled, Key="v")
    with pytest.raises(exceptions.ClientError, match="NoSuchKey"):
        boto.get_object(Bucket=filled, Key="v")
    for version, body in zip(ids, (b"1", b"2"), strict=True):
        got = boto.get_object(Bucket=filled, Key="v", VersionId=version)
        assert got["Body"].read() == body
    listed = boto.list_object_versions(Bucket=filled, Prefix="v")
    assert [each["VersionId"] for each in listed["Versions"]] == ids[::-1]
    assert len(listed["DeleteMarkers"]) == 1
