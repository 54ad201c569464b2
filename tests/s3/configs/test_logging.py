"""Server access logs, and the small configurations."""

import re

import pytest

from s3.access_log import AccessLog, Destination
from s3.errors import Busy

# the format's fields, as the user guide suggests to parse them
LINE = re.compile(
    r'(\S+) (\S+) \[(.*?)\] (\S+) (\S+) (\S+) (\S+) (\S+) "(.*?)" (\S+) (\S+) (\S+) (\S+) (\S+) '
    r'(\S+) "(.*?)" "(.*?)" (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)'
)


def log_to(store, target="logs", prefix="in/", more=""):
    inner = f"<TargetBucket>{target}</TargetBucket><TargetPrefix>{prefix}</TargetPrefix>{more}"
    return store.try_to_configure(
        "box", "logging", "BucketLoggingStatus", f"<LoggingEnabled>{inner}</LoggingEnabled>"
    )


@pytest.fixture
def logged(store):
    store.make_bucket("box")
    store.make_bucket("logs")
    assert log_to(store).status == 200
    store.deliver_logs()
    return store


def lines(store):
    store.deliver_logs()
    key = store.keys("logs")[-1]
    return [
        LINE.fullmatch(each).groups() for each in store.ask("GET", f"/logs/{key}").text.splitlines()
    ]


def test_every_request_has_a_line_with_who_what_and_how_it_went(logged):
    logged.put("/box/a b", b"four")
    logged.ask("GET", "/box/a b", headers={"User-Agent": "curl/8", "Referer": "http://x"})
    logged.ask("GET", "/box/none", user=None)
    logged.ask("GET", "/box", versioning="")
    put, get, refused, config = lines(logged)[-4:]
    owner = logged.ask("GET", "/").all("ID")[0]
    assert put[:2] == (owner, "box") and put[4] == owner
    assert re.fullmatch(r"21/Sep/2026:14:13:\d\d \+0000", put[2])
    assert (put[6], put[7], put[9]) == ("REST.PUT.OBJECT", "a%2520b", "200")
    assert (get[6], get[11], get[12]) == ("REST.GET.OBJECT", "4", "4")
    assert (get[15], get[16]) == ("http://x", "curl/8")
    assert (get[19], get[21]) == ("SigV4", "AuthHeader")
    assert refused[4:5] + refused[6:7] + refused[9:11] == (
        "-",
        "REST.GET.OBJECT",
        "403",
        "AccessDenied",
    )
    assert (config[6], config[8]) == ("REST.GET.VERSIONING", "GET /box?versioning= HTTP/1.1")


def test_a_client_cannot_write_lines_of_its_own(logged):
    logged.ask("GET", "/box/a", headers={"User-Agent": 'x" 200 -\n"forged'})
    assert lines(logged)[-1][16] == "x%22 200 -?%22forged"


def test_log_objects_are_named_by_prefix_and_time(logged):
    logged.put("/box/a")
    logged.deliver_logs()
    assert re.fullmatch(r"in/2026-09-21-14-13-\d\d-[0-9A-F]{16}", logged.keys("logs")[0])
    log_to(logged, more="<TargetObjectKeyFormat><PartitionedPrefix/></TargetObjectKeyFormat>")
    logged.deliver_logs()
    logged.put("/box/a")
    logged.deliver_logs()
    assert any(re.search(r"in/\w+/us-east-1/box/2026/09/21/", key) for key in logged.keys("logs"))


def test_what_waits_is_written_once_and_delivering_is_not_logged(logged):
    logged.put("/box/a")
    assert logged.deliver_logs() == 1
    assert logged.deliver_logs() == 0


def test_lines_wait_while_the_nodes_are_away_and_are_dropped_when_the_target_is_gone(
    logged, monkeypatch
):
    logged.put("/box/a")
    with monkeypatch.context() as away:
        away.setattr(logged.service, "small_below_bytes", 0)
        away.setattr(logged.service.blobs, "write", _away)
        assert logged.deliver_logs() == 0
    assert logged.deliver_logs() == 1
    logged.put("/box/a")
    for key in logged.keys("logs"):
        logged.ask("DELETE", f"/logs/{key}")
    assert logged.ask("DELETE", "/logs").status == 204
    assert logged.deliver_logs() == 0
    assert [*logged.service.access_log.take()] == []


def _away(chunks):
    raise Busy("the nodes are away")


def test_a_full_log_drops_lines_and_counts_them():
    log = AccessLog(lines_max=2)
    for line in "abc":
        log.add(Destination("box", "logs", ""), line)
    assert [line for _, line in log.take()] == ["a", "b"]
    assert log.dropped == 1


def test_logging_needs_a_bucket_of_ones_own(store):
    store.make_bucket("box")
    assert store.ask("GET", "/box", logging="").all("TargetBucket") == []
    assert log_to(store, "none").code == "InvalidTargetBucketForLogging"
    store.make_bucket("theirs", user="other")
    assert log_to(store, "theirs").code == "InvalidTargetBucketForLogging"
    assert log_to(store, "box").status == 200
    assert store.ask("GET", "/box", logging="").all("TargetBucket") == ["box"]
    store.configure("box", "logging", "BucketLoggingStatus", "")
    assert store.ask("GET", "/box", logging="").all("TargetBucket") == []


def test_the_requester_of_a_requester_pays_bucket_says_so_or_is_refused(store):
    store.make_bucket("box")
    assert store.ask("GET", "/box", requestPayment="").all("Payer") == ["BucketOwner"]
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",' \
             '"Action":"s3:GetObject","Resource":"arn:aws:s3:::box/*"}]}'  # fmt: skip
    assert store.ask("PUT", "/box", policy, policy="").status in (200, 204)
    store.put("/box/a", b"x")
    assert store.ask("GET", "/box/a", user="other").status == 200
    payer = "<Payer>Requester</Payer>"
    store.configure("box", "requestPayment", "RequestPaymentConfiguration", payer)
    assert store.ask("GET", "/box/a", user="other").status == 403
    assert store.ask("GET", "/box/a", user=None).status == 403
    told = {"x-amz-request-payer": "requester"}
    paid = store.ask("GET", "/box/a", headers=told, user="other")
    assert (paid.status, paid.headers["x-amz-request-charged"]) == (200, "requester")
    mine = store.ask("GET", "/box/a")
    assert mine.status == 200 and "x-amz-request-charged" not in mine.headers
    bad = store.try_to_configure(
        "box", "requestPayment", "RequestPaymentConfiguration", "<Payer>Me</Payer>"
    )
    assert bad.code == "MalformedXML"


def test_website_and_acceleration_are_kept(store):
    store.make_bucket("box")
    assert store.ask("GET", "/box", website="").code == "NoSuchWebsiteConfiguration"
    index = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>"
    store.configure("box", "website", "WebsiteConfiguration", index)
    assert store.ask("GET", "/box", website="").all("Suffix") == ["index.html"]
    for bad in ("", index.replace("index.html", "a/b"), "<RedirectAllRequestsTo/>"):
        assert store.try_to_configure("box", "website", "WebsiteConfiguration", bad).status == 400
    assert store.ask("DELETE", "/box", website="").status == 204
    assert store.ask("GET", "/box", accelerate="").all("Status") == []
    store.configure("box", "accelerate", "AccelerateConfiguration", "<Status>Suspended</Status>")
    assert store.ask("GET", "/box", accelerate="").all("Status") == ["Suspended"]
    bad = store.try_to_configure(
        "box", "accelerate", "AccelerateConfiguration", "<Status>On</Status>"
    )
    assert bad.code == "MalformedXML"
