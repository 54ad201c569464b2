"""Our client against our server, a server that misbehaves, and boto3 as the judge of what is there."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.sim import VirtualClock
from s3.client import app as files
from s3.client.app import Client, etag_of, spans
from s3.client.errors import BadPlace, Busy, NobodyThere, NotThere, Refused, Unconfirmed
from s3.client.places import Place, anywhere, file_below
from s3.client.store import Store
from s3.client.sync import Item, plan
from s3.client.wire import RESERVE, Endpoint, Sender, Wish

KIT = (sys.executable, "-m", "chapters.cli", "s3")


def environment(server) -> dict[str, str]:
    return os.environ | {"KIT_S3_ENDPOINT": server.url}


def kit(server, *words: str, code: int = 0) -> str:
    done = subprocess.run(
        [*KIT, *words], env=environment(server), capture_output=True, timeout=120
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return (done.stdout if code == 0 else done.stderr).decode()


@pytest.fixture
def bucket(server) -> str:
    name = f"b-{random.getrandbits(40):x}"
    with Client(Endpoint(server.url)) as client:
        client.store.make_bucket(name)
    return name


@pytest.fixture
def ours(server) -> Iterator[Client]:
    with Client(Endpoint(server.url)) as made:
        yield made


def test_what_is_put_is_got_and_boto3_sees_the_same(server, ours, bucket):
    place = Place(bucket, "a b/ü+&?.txt")
    ours.store.put(place, b"hello", {"content-type": "text/plain"})
    assert b"".join(ours.store.get(place)) == b"hello"
    answer = server.boto.get_object(Bucket=bucket, Key="a b/ü+&?.txt")
    assert (answer["Body"].read(), answer["ContentType"]) == (b"hello", "text/plain")


def test_a_listing_walks_over_all_pages(ours, bucket, monkeypatch):
    for number in range(7):
        ours.store.put(Place(bucket, f"x/{number}"), b"")
    ask = ours.store.sender.ask
    pages = []

    def small(wish):
        pages.append(wish)
        return ask(Wish(wish.method, wish.path, {**wish.query, "max-keys": "3"}))

    monkeypatch.setattr(ours.store.sender, "ask", small)
    assert [each.key for each in ours.store.listing(Place(bucket))] == [
        f"x/{number}" for number in range(7)
    ]
    assert len(pages) == 3


def test_a_listing_by_level_shows_prefixes_and_keys_in_one_order(ours, bucket):
    for key in ("a", "b/1", "b/2", "c"):
        ours.store.put(Place(bucket, key), b"1")
    found = [(each.key, each.is_prefix) for each in ours.store.listing(Place(bucket), "/")]
    assert found == [("a", False), ("b/", True), ("c", False)]


def test_a_refusal_says_what_the_store_said(ours, bucket):
    with pytest.raises(NotThere, match="NoSuchKey"):
        b"".join(ours.store.get(Place(bucket, "none")))
    with pytest.raises(Refused, match="InvalidBucketName"):
        ours.store.make_bucket("-")
    with pytest.raises(NotThere, match="404"):
        ours.store.head(Place(bucket, "none"))


def test_a_large_body_that_is_refused_is_an_answer_and_no_lost_connection(ours, tmp_path):
    with pytest.raises(NotThere, match="NoSuchBucket"):
        ours.store.put(Place("there-is-none", "a"), bytes(16 * 1024 * 1024))


def test_a_presigned_url_needs_no_keys(ours, bucket):
    import urllib.request

    ours.store.put(Place(bucket, "a b"), b"open")
    with urllib.request.urlopen(
        ours.store.presigned("GET", Place(bucket, "a b"), 60), timeout=20
    ) as got:
        assert got.read() == b"open"


def test_keys_that_xml_finds_hard_are_deleted(ours, bucket):
    keys = ["a&b", "<c>", "d\r\n", " e ", '"f"']
    for key in keys:
        ours.store.put(Place(bucket, key), b"")
    ours.store.delete_all(bucket, keys)
    assert list(ours.store.listing(Place(bucket))) == []


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(files, "PART_BYTES", 5 * 1024 * 1024)


def test_a_large_file_goes_in_parts_and_comes_back(server, ours, bucket, tmp_path, small_parts):
    file, back = tmp_path / "big", tmp_path / "back"
    file.write_bytes(random.Random(1).randbytes(12 * 1024 * 1024))
    heard = []
    ours.upload(file, Place(bucket, "big"), heard.append)
    head = server.boto.head_object(Bucket=bucket, Key="big")
    assert head["ETag"].strip('"') == etag_of(file)
    assert etag_of(file).endswith("-3")
    assert sum(heard) == file.stat().st_size
    ours.download(Place(bucket, "big"), back)
    assert back.read_bytes() == file.read_bytes()
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_an_upload_that_fails_is_aborted(server, ours, bucket, tmp_path, small_parts, monkeypatch):
    file = tmp_path / "big"
    file.write_bytes(bytes(30 * 1024 * 1024))
    put_part = ours.store.put_part

    def fail_at_three(place, upload, number, body):
        if number == 3:
            raise Unconfirmed("the disk of part 3 has gone")
        return put_part(place, upload, number, body)

    monkeypatch.setattr(ours.store, "put_part", fail_at_three)
    with pytest.raises(Unconfirmed, match="part 3"):
        ours.upload(file, Place(bucket, "big"))
    assert "Uploads" not in server.boto.list_multipart_uploads(Bucket=bucket)


def test_ctrl_c_leaves_no_upload_and_one_line(server, bucket, tmp_path):
    file = tmp_path / "big"
    file.touch()
    os.truncate(file, 20 * 1024**3)  # of which little is sent
    process = subprocess.Popen(
        [*KIT, "cp", str(file), f"s3://{bucket}/big"],
        stderr=subprocess.PIPE,
        env=environment(server),
    )
    boto, deadline = server.boto, time.monotonic() + 60
    while "Uploads" not in boto.list_multipart_uploads(Bucket=bucket):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=20)[1].decode()
    assert process.returncode == 130, said
    assert "Uploads" not in boto.list_multipart_uploads(Bucket=bucket)
    assert "Contents" not in boto.list_objects_v2(Bucket=bucket)


def test_a_download_that_breaks_leaves_the_old_file(ours, bucket, tmp_path):
    file = tmp_path / "a"
    file.write_text("old")
    with pytest.raises(NotThere):
        ours.download(Place(bucket, "none"), file)
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
    assert file.read_text() == "old"


@given(st.integers(1, 10_000), st.integers(1, 400))
def test_parts_cover_a_file_without_gap_or_overlap(size, each):
    parts = spans(size, each)
    assert b"".join(bytes(size)[start:stop] for start, stop in parts) == bytes(size)
    assert all(one[1] == other[0] for one, other in pairwise(parts))


def test_a_file_of_five_tebibytes_has_ten_thousand_parts():
    size = 5 * 1024**4
    assert len(spans(size, files.part_bytes(size))) <= files.PARTS_MAX


@pytest.mark.slow
def test_sync_carries_what_differs_and_nothing_twice(server, bucket, tmp_path):
    site = tmp_path / "site"
    (site / "css").mkdir(parents=True)
    (site / "index.html").write_text("<p>one</p>")
    (site / "css" / "main.css").write_text("p {}")
    (site / "old").write_text("old")
    there = f"s3://{bucket}/www"
    assert kit(server, "sync", str(site), there).startswith("3 copied")
    assert kit(server, "sync", str(site), there).startswith("0 copied")
    later = time.time() + 100
    os.utime(site / "css" / "main.css", (later, later))  # touched, not changed
    (site / "index.html").write_text("<p>two, and more</p>")
    (site / "old").unlink()
    told = kit(server, "sync", str(site), there, "--delete", "--dry-run")
    assert told.splitlines() == [
        f"would copy {site}/index.html to s3://{bucket}/www/index.html",
        f"would delete s3://{bucket}/www/old",
    ]
    report = json.loads(kit(server, "sync", str(site), there, "--delete", "--json"))
    assert (report["copied"], report["deleted"]) == (1, 1)
    kit(server, "sync", there, str(tmp_path / "copy"))
    assert (tmp_path / "copy" / "index.html").read_text() == "<p>two, and more</p>"
    assert kit(server, "sync", there, str(tmp_path / "copy")).startswith("0 copied")


def test_a_bucket_from_mb_to_rb(server, tmp_path):
    file = tmp_path / "note.txt"
    file.write_text("hello")
    kit(server, "mb", "s3://shelf-1")
    kit(server, "cp", str(file), "s3://shelf-1/notes/")
    kit(server, "cp", "s3://shelf-1/notes/note.txt", "s3://shelf-1/copy.txt")
    assert kit(server, "ls", "s3://shelf-1").split() == ["copy.txt", "notes/"]
    assert " 5 B  copy.txt" in kit(server, "ls", "-l", "s3://shelf-1")
    assert json.loads(kit(server, "ls", "--json", "-r", "s3://shelf-1/no"))[0]["size_bytes"] == 5
    assert kit(server, "cat", "s3://shelf-1/copy.txt") == "hello"
    assert "BucketNotEmpty" in kit(server, "rb", "shelf-1", code=2)
    kit(server, "rm", "s3://shelf-1/copy.txt")
    kit(server, "rb", "s3://shelf-1", "--force")
    assert "shelf-1" not in kit(server, "ls")


def test_rm_of_a_folder_spares_its_namesakes(server, bucket, ours):
    for key in ("log/1", "log/2", "logbook"):
        ours.store.put(Place(bucket, key), b"")
    kit(server, "rm", "-r", f"s3://{bucket}/log")
    assert [each.key for each in ours.store.listing(Place(bucket))] == ["logbook"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cp", "a", "b"], "a is no file"),
        (["cp", ".", "s3://x/"], "add --recursive"),
        (["ls", "s3:/x"], "write it as s3://bucket/key"),
        (["rm", "s3://x"], "rb removes it"),
        (["--endpoint", "http://127.0.0.1:1", "ls"], "start `kit serve s3`"),
        (["--endpoint", "nowhere", "ls"], "is no address"),
        (["--secret-key", "wrong", "ls"], "SignatureDoesNotMatch"),
    ],
)
def test_a_mistake_is_one_line(server, words, said):
    line = kit(server, *words, code=2)
    assert said in line
    assert len(line.splitlines()) == 1


def test_a_key_cannot_leave_the_folder():
    for key in ("../a", "a/../../b", "/etc/passwd", "a//b", "./a", "a\0"):
        with pytest.raises(BadPlace):
            file_below(Path("here"), key)
    assert file_below(Path("here"), "a/b") == Path("here/a/b")


def test_places_are_read_as_they_are_written():
    assert anywhere("s3://b/a//b") == Place("b", "a//b")
    assert anywhere("here/a") == Path("here/a")
    assert str(Place("b", "k")) == "s3://b/k"
    assert Place("b", "f/").named("x") == Place("b", "f/x")
    assert Place("b", "f").named("x") == Place("b", "f")
    with pytest.raises(BadPlace):
        Place.read("s3:///key")


ITEMS = st.dictionaries(
    st.sampled_from("abcdef"), st.tuples(st.integers(0, 2), st.integers(0, 9)), max_size=6
)


def items(known) -> list[Item]:
    return [Item(name, size, float(at)) for name, (size, at) in known.items()]


@given(ITEMS, ITEMS)
def test_after_a_sync_there_is_nothing_left_to_do(source, target):
    made = plan(items(source), items(target), with_removal=True)
    after = {name: facts for name, facts in target.items() if name not in made.remove}
    after |= {item.name: (item.size_bytes, item.modified_s) for item in made.carry}
    assert after.keys() == source.keys()
    again = plan(items(source), items(after), with_removal=True)
    assert (again.carry, again.remove) == ([], [])


def test_equal_bytes_of_a_younger_file_are_not_carried():
    one, other = [Item("a", 3, 100.0)], [Item("a", 3, 50.0)]
    assert plan(one, other).carry
    assert not plan(one, other, is_equal=lambda mine, theirs: True).carry


class Rogue(BaseHTTPRequestHandler):
    """Answers as its script says: a status, "hang up", or "half": the first half of what is asked."""

    protocol_version = "HTTP/1.1"
    BODY = bytes(range(256)) * 64

    def log_message(self, *words) -> None:
        pass

    def _serve(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.asked.append(
            (self.command, self.headers.get("range"), self.headers.get("if-match"))
        )
        step = self.server.script.pop(0) if self.server.script else 200
        if step == "hang up":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        start = int((self.headers.get("range") or "bytes=0-")[6:-1])
        body = self.BODY[start:] if step in (200, "half") else b"<Error><Code>X</Code></Error>"
        self.send_response(step if step != "half" else 206 if start else 200)
        self.send_header("content-length", str(len(body)))
        self.send_header("etag", '"e"')
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if step == "half" else body)
        if step == "half":
            self.close_connection = True

    do_GET = do_PUT = do_POST = _serve  # noqa: N815 - the library's names


@contextmanager
def rogue(*script):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Rogue)
    server.script, server.asked = list(script), []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}")
        sender = Sender(endpoint, clock=VirtualClock(), rng=random.Random(7))
        yield server, sender
    finally:
        sender.close()
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_busy_store_is_asked_again_and_a_lost_connection_too():
    with rogue(503, "hang up", 500) as (server, sender):
        assert sender.ask(Wish("PUT", "/b/a", body=b"x")).status == 200
        assert len(server.asked) == 4


def test_what_may_not_be_done_twice_is_sent_once():
    with rogue(500) as (server, sender), pytest.raises(Unconfirmed):
        sender.ask(Wish("POST", "/b/a", is_repeatable=False))
    assert len(server.asked) == 1
    with rogue("hang up") as (server, sender), pytest.raises(Unconfirmed, match="was lost"):
        sender.ask(Wish("POST", "/b/a", is_repeatable=False))
    assert len(server.asked) == 1
    with rogue(503) as (server, sender):  # it said that it did nothing
        sender.ask(Wish("POST", "/b/a", is_repeatable=False))
    assert len(server.asked) == 2


def test_a_refusal_is_final():
    with rogue(403) as (server, sender), pytest.raises(Refused):
        sender.ask(Wish("GET", "/b/a"))
    assert len(server.asked) == 1


def test_a_store_that_fails_all_is_left_in_peace_once_the_credit_is_gone():
    with rogue(*[503] * 500) as (server, sender):
        for _ in range(40):
            with pytest.raises(Busy):
                sender.ask(Wish("GET", "/b/a"))
        assert 40 + RESERVE <= len(server.asked) <= 40 + RESERVE + 0.1 * 40


def test_nobody_there_is_said_at_once():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = "http://127.0.0.1:{1}".format(*probe.getsockname())
    clock = VirtualClock()
    with pytest.raises(NobodyThere):
        Sender(Endpoint(url), clock=clock, rng=random.Random(7)).ask(Wish("GET", "/"))
    assert clock.now_ns() == 0


def test_a_reading_goes_on_where_it_broke_and_only_with_the_same_version():
    with rogue("half", "half", 200) as (server, sender):
        assert b"".join(Store(sender).get(Place("b", "a"))) == Rogue.BODY
    first, second, third = server.asked
    assert (first[1], second[1], third[1]) == (None, "bytes=8192-", "bytes=12288-")
    assert second[2] == '"e"'


def test_a_reading_that_makes_no_progress_ends():
    with rogue("half", *["hang up"] * 100) as (_, sender), pytest.raises(Unconfirmed):
        b"".join(Store(sender).get(Place("b", "a")))
