"""obstore, the Rust object_store crate: put, ranges, list, rename, conditional writes, delete."""

import os
import random
import sys

import obstore
from obstore.exceptions import AlreadyExistsError, NotFoundError, PreconditionError
from obstore.store import S3Store

BUCKET = sys.argv[1]
LARGE = random.Random(7).randbytes(20 << 20)
store = S3Store(
    BUCKET,
    endpoint=os.environ["AWS_ENDPOINT_URL"],
    access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
    secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    region=os.environ["AWS_REGION"],
    client_options={"allow_http": True},
)


def read(key):
    return bytes(obstore.get(store, key).bytes())


for key in ("a", "dir/b c+é", "dir/c"):
    obstore.put(store, key, key.encode())
    assert read(key) == key.encode()
obstore.put(store, "large", LARGE, chunk_size=5 << 20, max_concurrency=4)
assert read("large") == LARGE
assert obstore.head(store, "large")["size"] == len(LARGE)
ranges = obstore.get_ranges(store, "large", starts=[0, 6 << 20], ends=[10, (6 << 20) + 1000])
assert [bytes(each) for each in ranges] == [LARGE[:10], LARGE[6 << 20 :][:1000]]

listed = [each["path"] for page in obstore.list(store) for each in page]
assert sorted(listed) == ["a", "dir/b c+é", "dir/c", "large"], listed
level = obstore.list_with_delimiter(store)
assert level["common_prefixes"] == ["dir"], level

try:
    obstore.put(store, "a", b"other", mode="create", use_multipart=False)
    raise AssertionError("an object that was there was created again")
except AlreadyExistsError:
    assert read("a") == b"a"
seen = obstore.head(store, "a")["e_tag"]
obstore.put(store, "a", b"second", mode={"e_tag": seen}, use_multipart=False)
try:
    obstore.put(store, "a", b"third", mode={"e_tag": seen}, use_multipart=False)
    raise AssertionError("an update of an older version went through")
except PreconditionError:
    assert read("a") == b"second"

obstore.copy(store, "a", "copy")
obstore.rename(store, "copy", "moved")
assert read("moved") == b"second"
try:
    read("copy")
    raise AssertionError("a renamed object was read")
except (NotFoundError, FileNotFoundError):
    pass
obstore.delete(store, ["a", "dir/b c+é", "dir/c", "large", "moved"])
assert not [each for page in obstore.list(store) for each in page]
