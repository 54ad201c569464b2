"""Command lines of others: aws, rclone, s3cmd and restic carry folders there and back."""

import filecmp

import pytest

pytestmark = pytest.mark.slow

SMALL = {"a.txt": b"a", "dir/b c+é.txt": b"b", "dir/deep/d.txt": b"", "dir/e.json": b"{}"}


@pytest.fixture
def folder(shell, large):
    """Small files and a large one."""
    for name, data in [*SMALL.items(), ("large.bin", large)]:
        shell.file(f"here/{name}", data)
    return shell.folder / "here"


def same(one, other):
    """Whether two folders hold the same files with the same bytes."""
    names = [sorted(str(each.relative_to(root)) for each in root.rglob("*") if each.is_file())
             for root in (one, other)]  # fmt: skip
    if names[0] != names[1]:
        return False
    return filecmp.cmpfiles(one, other, names[0], shallow=False)[0] == names[0]


def test_aws_carries_a_folder(shell, python_with, folder, bucket):
    def aws(*words, **more):
        return shell.run(python_with("awscli"), "-m", "awscli", *words, **more)

    there = f"s3://{bucket}"
    aws("s3", "mb", there)
    aws("s3", "cp", folder / "large.bin", f"{there}/one")  # in parts: larger than 8 MiB
    aws("s3", "sync", folder, f"{there}/all")
    assert aws("s3", "sync", folder, f"{there}/all") == ""  # nothing is carried twice
    assert "large.bin" in aws("s3", "ls", f"{there}/all/")
    assert "Total Objects: 6" in aws("s3", "ls", "--recursive", "--summarize", there)
    aws("s3", "cp", f"{there}/one", f"{there}/two")  # the server copies, in parts
    aws("s3", "cp", f"{there}/two", shell.folder / "two")
    assert (shell.folder / "two").read_bytes() == (folder / "large.bin").read_bytes()
    aws("s3", "sync", f"{there}/all", shell.folder / "back")
    assert same(folder, shell.folder / "back")
    (folder / "a.txt").unlink()
    assert "delete: " in aws("s3", "sync", "--delete", folder, f"{there}/all")
    aws("s3api", "put-object", "--bucket", bucket, "--key", "k", "--body", folder / "dir/e.json")
    assert "NoSuchKey" in aws(
        "s3api", "get-object", "--bucket", bucket, "--key", "x", "y", fails=True
    )
    aws("s3", "rm", "--recursive", there)
    aws("s3", "rb", there)
    assert bucket not in aws("s3", "ls")


def test_rclone_carries_a_folder_and_compares(shell, program, server, folder, bucket):
    shell.environment |= {
        "RCLONE_CONFIG": str(shell.folder / "rclone.conf"),  # there is none: all is said here
        "RCLONE_CONFIG_KIT_TYPE": "s3",
        "RCLONE_CONFIG_KIT_PROVIDER": "Other",
        "RCLONE_CONFIG_KIT_ENV_AUTH": "true",
        "RCLONE_CONFIG_KIT_ENDPOINT": server.url,
        "RCLONE_CONFIG_KIT_REGION": "us-east-1",
        "RCLONE_S3_CHUNK_SIZE": "5Mi",
        "RCLONE_S3_UPLOAD_CUTOFF": "8Mi",
    }

    def rclone(*words, **more):
        return shell.run(program("rclone"), *words, **more)

    there = f"kit:{bucket}"
    rclone("mkdir", there)
    rclone("copy", folder, f"{there}/all")
    rclone("check", folder, f"{there}/all")
    rclone("check", "--download", folder, f"{there}/all")
    listed = set(rclone("lsf", "-R", "--files-only", f"{there}/all").splitlines())
    assert listed == {*SMALL, "large.bin"}
    rclone("copy", f"{there}/all", shell.folder / "back")
    assert same(folder, shell.folder / "back")
    (folder / "a.txt").write_bytes(b"changed")
    rclone("check", folder, f"{there}/all", fails=True)
    rclone("sync", folder, f"{there}/all")
    assert rclone("cat", f"{there}/all/a.txt") == "changed"
    rclone("moveto", f"{there}/all/large.bin", f"{there}/moved")  # a copy by the server
    rclone("check", "--one-way", "--include", "large.bin", folder, f"{there}/all", fails=True)
    rclone("rcat", f"{there}/streamed", stdin=b"streamed")
    assert rclone("cat", f"{there}/streamed") == "streamed"
    rclone("purge", there)
    assert bucket not in rclone("lsd", "kit:")


def test_s3cmd_carries_a_folder(shell, program, boto, server, folder, bucket):
    settings = {
        "access_key": shell.environment["AWS_ACCESS_KEY_ID"],
        "secret_key": shell.environment["AWS_SECRET_ACCESS_KEY"],
        "host_base": server.host, "host_bucket": server.host, "use_https": "False",
        "multipart_chunk_size_mb": "5",
    }  # fmt: skip
    text = "\n".join(f"{name} = {value}" for name, value in settings.items())
    config = shell.file("s3cfg", f"[default]\n{text}\n".encode())

    def s3cmd(*words, **more):
        return shell.run(program("s3cmd"), "-c", config, "--no-progress", *words, **more)

    there = f"s3://{bucket}"
    s3cmd("mb", there)
    s3cmd("put", "--recursive", f"{folder}/", f"{there}/all/")
    assert len(s3cmd("ls", "--recursive", there).splitlines()) == 5
    (shell.folder / "back").mkdir()
    s3cmd("get", "--recursive", f"{there}/all/", f"{shell.folder}/back/")
    assert same(folder, shell.folder / "back")
    (folder / "a.txt").write_bytes(b"changed")
    assert "a.txt" in s3cmd("sync", f"{folder}/", f"{there}/all/")
    # It copies ACLs with objects, which buckets do not have unless their owner asks for them.
    boto.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    s3cmd("cp", f"{there}/all/a.txt", f"{there}/copy")
    s3cmd("mv", f"{there}/copy", f"{there}/moved")
    s3cmd("setacl", "--acl-private", f"{there}/moved")
    assert "changed" in s3cmd("get", f"{there}/moved", "-")
    assert "7" in s3cmd("info", f"{there}/moved")
    s3cmd("del", "--recursive", "--force", there)
    s3cmd("rb", there)
    assert bucket not in s3cmd("ls")


def test_restic_keeps_backups_and_finds_them_whole(shell, program, server, folder, bucket):
    shell.environment |= {
        "RESTIC_PASSWORD": "correct horse",
        "RESTIC_REPOSITORY": f"s3:{server.url}/{bucket}/backups",
        "RESTIC_CACHE_DIR": str(shell.folder / "cache"),
    }

    def restic(*words):
        return shell.run(program("restic"), *words)

    restic("init")  # makes the bucket too
    restic("backup", "here")
    (folder / "a.txt").write_bytes(b"changed")
    restic("backup", "here")
    assert "no errors were found" in restic("check", "--read-data")
    restic("restore", "latest", "--target", "back")
    assert same(folder, shell.folder / "back" / "here")
    restic("forget", "--keep-last", "1", "--prune")
    assert "no errors were found" in restic("check", "--read-data")
    assert "1 snapshots" in restic("snapshots", "--compact")
