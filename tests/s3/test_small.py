"""Small objects, whose bytes lie in the metadata: they come, go and fail as large ones do."""

import pytest

from chapters.sim.errors import DiskFull
from s3 import small
from s3.metadata.keys import after, small_key
from s3.room import UNSEEN_BYTES_MAX, Room
from s3.storage.blobs import Blob
from s3.storage.shard_store import RESERVE_BYTES
from s3.upkeep import blobs_in

LIMIT = 1_000  # bytes as stored: encryption adds 16


@pytest.fixture
def box(store):
    store.service.small_below_bytes = LIMIT
    assert store.ask("PUT", "/box").status == 200
    return store


def kept(box):
    home = small_key("")
    return [data for _, data in box.metadata.scan(home, after(home), 100)]


def shards(box):
    return [each for node in box.service.blobs.cluster.nodes.values() for each in node.shards()]


@pytest.mark.parametrize("size", [0, 1, LIMIT - 17, LIMIT - 16, LIMIT, 100_000])
def test_every_object_comes_back_and_only_small_ones_lie_in_the_metadata(box, size):
    body = bytes(each % 251 for each in range(size))
    assert box.ask("PUT", "/box/k", body=body).status == 200
    assert box.ask("GET", "/box/k").body == body
    is_small = size + 16 < LIMIT
    assert (len(kept(box)), bool(shards(box))) == (is_small, not is_small)


def test_a_range_of_a_small_object_is_that_range(box):
    box.ask("PUT", "/box/k", body=b"0123456789")
    assert box.ask("GET", "/box/k", {"range": "bytes=2-4"}).body == b"234"


def test_bytes_are_not_in_the_metadata_in_the_clear(box):
    box.ask("PUT", "/box/k", body=b"a secret of mine")
    assert not any(b"secret" in data for data in kept(box))


def test_what_was_replaced_is_swept_after_its_grace(box):
    for number in range(3):
        box.ask("PUT", "/box/k", body=b"%d" % number)
    box.service.upkeep.sweep()
    assert len(kept(box)) == 3
    box.clock.advance(120)
    assert box.service.upkeep.sweep() == 2
    assert len(kept(box)) == 1 and box.ask("GET", "/box/k").body == b"2"
    box.ask("DELETE", "/box/k")
    box.service.upkeep.sweep()
    box.clock.advance(120)
    box.service.upkeep.sweep()
    assert kept(box) == [] == list(blobs_in(box.metadata))


def test_a_refused_write_leaves_no_bytes(box):
    box.ask("PUT", "/box/k", body=b"first")
    assert box.ask("PUT", "/box/k", {"if-none-match": "*"}, b"second").code == "PreconditionFailed"
    wrong = {"content-md5": "AAAAAAAAAAAAAAAAAAAAAA=="}
    assert box.ask("PUT", "/box/l", wrong, b"hello").code == "BadDigest"
    assert len(kept(box)) == 1


def test_a_copy_has_bytes_of_its_own(box):
    box.ask("PUT", "/box/k", body=b"hello")
    assert box.ask("PUT", "/box/l", {"x-amz-copy-source": "/box/k"}).status == 200
    box.ask("DELETE", "/box/k")
    box.service.upkeep.sweep()
    box.clock.advance(120)
    box.service.upkeep.sweep()
    assert box.ask("GET", "/box/l").body == b"hello" and len(kept(box)) == 1


def test_a_small_part_stays_small_in_the_object_that_it_completes(box):
    begun = box.ask("POST", "/box/k", uploads="")
    upload = begun.find("UploadId")
    etag = box.ask("PUT", "/box/k", body=b"end", partNumber="1", uploadId=upload).headers["ETag"]
    part = f"<Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>"
    wish = f"<CompleteMultipartUpload>{part}</CompleteMultipartUpload>".encode()
    assert box.ask("POST", "/box/k", body=wish, uploadId=upload).status == 200
    assert box.ask("GET", "/box/k").body == b"end" and shards(box) == []


def test_bytes_that_are_gone_are_an_error_and_never_an_empty_object(box):
    box.ask("PUT", "/box/k", body=b"hello")
    (blob,) = blobs_in(box.metadata)
    with pytest.raises(small.Refused, match="not there any more"):
        small.read(box.service, Blob.small("0" * 32, 5), 0, 5)
    assert blob.is_small and blob.stripes == 0 and Blob.from_json(blob.to_json()) == blob


def test_a_full_disk_takes_no_small_object_either_but_deletes_go_on(box):
    box.ask("PUT", "/box/k", body=b"hello")
    box.service.room = Room(lambda: RESERVE_BYTES - 1)
    with pytest.raises(DiskFull):
        small.write(box.service, [b"hello"])
    assert box.ask("PUT", "/box/l", body=b"hello").status == 503
    assert box.ask("DELETE", "/box/k").status == 204


def test_it_stays_where_it_is_when_the_limit_changes(box):
    box.ask("PUT", "/box/small", body=b"hello")
    box.service.small_below_bytes = 0
    box.ask("PUT", "/box/large", body=b"hello")
    assert (len(kept(box)), len(shards(box))) == (1, 1)
    assert box.ask("GET", "/box/small").body == box.ask("GET", "/box/large").body == b"hello"


def test_room_is_looked_at_once_for_many_writes_and_each_time_when_there_is_none():
    looks = []
    room = Room(lambda: looks.append(1) or RESERVE_BYTES * (len(looks) < 3))
    for _ in range(2 * UNSEEN_BYTES_MAX // 1_000):
        room.take(1_000)
    assert len(looks) == 2
    for _ in range(2):
        with pytest.raises(DiskFull):
            room.take(UNSEEN_BYTES_MAX)
    assert len(looks) == 4
