"""pyarrow's S3FileSystem, the C++ SDK of Amazon: files, folders, streams, random reads, moves."""

import os
import random
import sys

from pyarrow import fs

BUCKET = sys.argv[1]
LARGE = random.Random(7).randbytes(20 << 20)
files = fs.S3FileSystem(
    endpoint_override=os.environ["KIT_HOST"],
    scheme="http",
    access_key=os.environ["AWS_ACCESS_KEY_ID"],
    secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    region=os.environ["AWS_REGION"],
    allow_bucket_creation=True,
    allow_bucket_deletion=True,
)


def write(key, data):
    with files.open_output_stream(f"{BUCKET}/{key}") as out:
        out.write(data)


def read(key):
    with files.open_input_stream(f"{BUCKET}/{key}") as into:
        return into.read()


def kind(key):
    return files.get_file_info(f"{BUCKET}/{key}").type


files.create_dir(BUCKET)
for key in ("a", "dir/b c+é", "dir/c"):
    write(key, key.encode())
    assert read(key) == key.encode()
write("large", LARGE)
assert read("large") == LARGE
with files.open_input_file(f"{BUCKET}/large") as there:
    assert there.size() == len(LARGE)
    there.seek(6 << 20)
    assert there.read(1000) == LARGE[6 << 20 :][:1000]

listed = files.get_file_info(fs.FileSelector(BUCKET, recursive=True))
names = sorted(each.path.removeprefix(f"{BUCKET}/") for each in listed)
assert names == ["a", "dir", "dir/b c+é", "dir/c", "large"], names
assert kind("dir") == fs.FileType.Directory
assert kind("none") == fs.FileType.NotFound

files.copy_file(f"{BUCKET}/a", f"{BUCKET}/copy")
files.move(f"{BUCKET}/copy", f"{BUCKET}/moved")
assert (read("moved"), kind("copy")) == (b"a", fs.FileType.NotFound)
files.delete_file(f"{BUCKET}/moved")
files.delete_dir(f"{BUCKET}/dir")
assert kind("dir/c") == fs.FileType.NotFound
files.delete_dir_contents(BUCKET)
files.delete_dir(BUCKET)
assert files.get_file_info(BUCKET).type == fs.FileType.NotFound
