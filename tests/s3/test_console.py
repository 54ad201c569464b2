"""The console: what it shows and does, whom it refuses, and how it looks in a real browser."""

import json
import random
import re
import urllib.error
import urllib.request
from contextlib import nullcontext
from io import BytesIO

import pytest

from chapters.errors import UsageError
from chapters.sim.clock import MS, S, VirtualClock
from s3.auth.users import make_user
from s3.console import admission, nodes, shelf
from s3.console.heat import LOG_MAX, PREFIXES_MAX, SECONDS, Heat, prefix_of
from s3.console.mending import Mending
from s3.errors import Refused
from s3.gateway import answer
from s3.http import Request, Response
from s3.records import Version
from s3.storage.errors import Unreachable
from s3.storage.simulated import SimCluster
from s3.upkeep import Upkeep


def heat_at(second: int) -> tuple[Heat, VirtualClock]:
    clock = VirtualClock(second * S)
    return Heat(clock=clock, rng=random.Random(7)), clock


def get(bucket: str, key: str) -> Request:
    return Request("GET", f"/{bucket}/{key}", {}, {}, BytesIO(), bucket, key)


def test_heat_counts_requests_by_second_and_forgets_after_a_minute():
    heat, clock = heat_at(1000)
    for _ in range(3):
        heat.note(get("b", "k"), 200, 2 * MS)
    clock.advance(1 * S)
    assert heat.per_second()[-1] == 3
    assert len(heat.per_second()) == SECONDS
    clock.advance(SECONDS * S)
    assert sum(heat.per_second()) == 0


def test_heat_names_the_busiest_prefixes():
    heat, clock = heat_at(1000)
    for number in range(30):
        heat.note(get("photos", f"2026/{number}"), 200, 0)
    heat.note(get("photos", "top"), 200, 0)
    clock.advance(1 * S)
    assert heat.hottest() == [("photos/2026/", 3.0), ("photos/", 0.1)]
    assert prefix_of("b", "a/b/c") == "b/a/"


def test_heat_is_bounded_however_much_is_asked():
    heat, _ = heat_at(1000)
    for number in range(5 * LOG_MAX):
        heat.note(get("b", f"{number}/x"), 200, 0)
    assert len(heat.log()) == LOG_MAX
    assert heat.log()[-1].number == 5 * LOG_MAX == heat.last
    assert [seen.number for seen in heat.log(after=heat.last - 2)] == [heat.last - 1, heat.last]
    assert len(heat._seconds[-1].prefixes) == PREFIXES_MAX


def test_hot_keys_are_cut_into_more_ranges():
    heat, _ = heat_at(1000)
    for number in range(400):
        heat.note(get("b", f"{number % 10}"), 200, 0)
    assert heat.ranges() > 1


def test_a_watched_answer_is_noted_with_its_operation_and_time(store):
    heat = Heat(clock=store.clock, rng=random.Random(7))

    def slow(service, request) -> Response:
        store.clock.advance(0.25)
        return answer(service, request)

    assert heat.watch(slow)(store.service, get("none", "k")).status == 404
    (seen,) = heat.log()
    assert (seen.operation, seen.path, seen.status) == ("GetObject", "/none/k", 404)
    assert seen.took_ms == 250


def test_the_shelf_acts_as_the_first_user_and_is_noted(store):
    heat = Heat(clock=store.clock, rng=random.Random(7))
    store.ask("PUT", "/mine")
    store.ask("PUT", "/theirs", user="other")
    body = {"body": BytesIO(b"hello"), "headers": {"content-length": "5"}}
    shelf.act(store.service, heat, "PUT", "mine", "a/b", **body)
    assert store.ask("GET", "/mine/a/b").body == b"hello"
    assert [each["name"] for each in shelf.buckets(store.service)] == ["mine"]
    assert shelf.listing(store.service, "mine", "")["folders"] == ["a/"]
    assert shelf.listing(store.service, "mine", "a/")["objects"][0]["size_bytes"] == 5
    with pytest.raises(Refused, match="somebody else"):
        shelf.listing(store.service, "theirs", "")
    with pytest.raises(Refused):
        shelf.act(store.service, heat, "DELETE", "theirs", body=BytesIO())
    assert [(seen.operation, seen.status) for seen in heat.log()] == [
        ("PutObject", 200),
        ("DeleteBucket", 403),
    ]


@pytest.fixture
def cluster() -> SimCluster:
    return SimCluster(7)


def stored(cluster: SimCluster, size_bytes: int) -> Version:
    blob = cluster.blobs.write([bytes(size_bytes)])
    part = {"size": size_bytes, "blob": blob.to_json()}
    return Version("k", "null", "", 0, "", size_bytes=size_bytes, parts=[part])


def test_every_shard_of_a_stripe_is_found_where_it_is(cluster):
    version = stored(cluster, 10_000)
    assert nodes.stripes(version) == 3
    first, *_ = nodes.where(cluster.blobs, version)
    assert [each["is_parity"] for each in first["shards"]] == [False] * 4 + [True] * 2
    assert all(each["at"] == [each["home"]] for each in first["shards"])
    gone = first["shards"][0]["home"]
    nodes.inflict(cluster.blobs.cluster, gone, "refusing", True)
    after = nodes.where(cluster.blobs, version)[0]
    assert (after["shards"][0]["at"], after["spare"]) == ([], first["spare"] - 1)
    nodes.heal(cluster.blobs.cluster)
    assert nodes.where(cluster.blobs, version)[0] == first


def test_a_zone_is_cut_and_comes_back(cluster):
    known = cluster.blobs.cluster
    nodes.cut(known, "a", True)
    assert [node.name for node in cluster.nodes if node.faults.is_unreachable] == ["n0", "n3"]
    nodes.cut(known, "a", False)
    assert not any(node.faults.is_unreachable for node in cluster.nodes)
    with pytest.raises(UsageError, match="no zone 'x'; there are a, b, c"):
        nodes.cut(known, "x", True)
    with pytest.raises(UsageError, match="no fault 'fire'"):
        nodes.inflict(known, "n0", "fire", True)
    with pytest.raises(UsageError, match="no node 'n9'"):
        nodes.inflict(known, "n9", "slow", True)
    with pytest.raises(UsageError, match="try --cluster"):
        nodes.wipe(known, "n0")


def test_a_dead_node_is_shown_with_its_reason_and_a_faulty_one_with_its_fault(cluster, monkeypatch):
    def dead():
        raise Unreachable("node n2 cannot be reached")

    nodes.inflict(cluster.blobs.cluster, "n1", "unreachable", True)
    monkeypatch.setattr(cluster.nodes[2], "status", dead)
    cluster.clock.advance(10 * S)
    statuses = nodes.Statuses(cluster.blobs.cluster, clock=cluster.clock, pool=cluster.races)
    found = {each["name"]: each for each in statuses.now()}
    assert [each["zone"] for each in statuses.now()] == [*"aabbcc"]
    assert not found["n2"]["is_up"]
    assert "cannot be reached" in found["n2"]["reason"]
    assert found["n1"]["is_up"]
    assert found["n1"]["faults"]["is_unreachable"]


def test_a_node_that_does_not_say_how_it_is_holds_nobody_up(cluster):
    cluster.clock.advance(10 * S)
    statuses = nodes.Statuses(cluster.blobs.cluster, clock=cluster.clock, pool=cluster.races)
    statuses._asked.add("n3")  # asked a while ago, and the answer has not come yet
    found = {each["name"]: each["is_up"] for each in statuses.now()}
    assert found == {name: name != "n3" for name in found}


def mended(store, cluster, spawn):
    """What the console mends with, over the nodes of `cluster`."""
    blobs, clock = cluster.blobs, cluster.clock
    upkeep = Upkeep(metadata=store.metadata, blobs=blobs, clock=clock, exclusive=nullcontext)
    return Mending(upkeep=upkeep, blobs=blobs, spawn=spawn)


def test_a_flipped_bit_is_found_and_mended(cluster, store):
    version = stored(cluster, 10_000)
    shard = nodes.where(cluster.blobs, version)[0]["shards"][2]
    nodes.flip(cluster.blobs.cluster, shard["home"], shard["name"])
    store.metadata.commit(_transaction(version))
    mending = mended(store, cluster, lambda work: work())
    mending.begin()
    told = mending.to_json()
    assert told["phase"] == "done"
    assert told["scrub"]["damaged"] == [(shard["home"], shard["name"])]
    assert told["scrub"]["shards"] == told["scrub"]["shards_total"] == 18
    assert (told["repair"]["wounded"], told["repair"]["mended"]) == (1, 1)
    mending.begin()
    assert mending.to_json()["scrub"]["damaged"] == []


def test_one_scrub_at_a_time(cluster, store):
    begun = []
    mending = mended(store, cluster, begun.append)
    mending.begin()
    with pytest.raises(UsageError, match="under way already"):
        mending.begin()
    assert len(begun) == 1


def _transaction(version: Version):
    from s3.metadata.transaction import Transaction

    return Transaction({b"o/b\0k": version.to_bytes()})


@pytest.mark.parametrize(
    ("remote", "host", "home"),
    [
        ("127.0.0.1", "127.0.0.1:9000", True),
        ("127.0.0.1", "localhost:9000", True),
        ("::1", "[::1]:9000", True),
        ("127.0.0.1", "evil.example:9000", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("10.0.0.7", "127.0.0.1:9000", False),
        ("", "localhost", False),
    ],
)
def test_only_this_machine_is_at_home(remote, host, home):
    assert admission.is_at_home(remote, host) is home


def test_keys_open_the_door_and_nothing_else_does():
    user = make_user("kit", "key", "secret")
    assert admission.knows_keys(user, "key", "secret")
    for pair in (("key", ""), ("key", "Secret"), ("", "secret"), (None, None)):
        assert not admission.knows_keys(user, *pair)


def test_a_page_of_another_host_is_a_stranger():
    assert admission.is_own_page("http://127.0.0.1:9000", "127.0.0.1:9000")
    for origin in (None, "null", "http://127.0.0.1:9001", "https://evil.example", ""):
        assert not admission.is_own_page(origin, "127.0.0.1:9000")


def call(server, method: str, path: str, *, body: bytes | None = None, **headers: str):
    """Return (status, headers, body) without following redirects."""

    class Still(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *words):
            return None

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(server.url + path, body, named, method=method)
    try:
        with urllib.request.build_opener(Still).open(request, timeout=20) as found:
            return found.status, _lower(found.headers), found.read()
    except urllib.error.HTTPError as found:
        with found:
            return found.code, _lower(found.headers), found.read()


def _lower(headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def test_changes_from_elsewhere_are_refused(server):
    own = {"Origin": server.url}
    body, kind = (
        b'{"name": "made-here", "is_versioned": false}',
        {"Content_Type": "application/json"},
    )
    for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        assert call(server, "POST", "/_/api/buckets", body=body, **kind, **headers)[0] == 403
        assert call(server, "DELETE", "/_/api/object?bucket=b&key=k", **headers)[0] == 403
    text = {"Content_Type": "text/plain"}
    assert call(server, "POST", "/_/api/buckets", body=body, **text, **own)[0] == 415
    assert call(server, "POST", "/_/api/buckets", body=body, **kind, **own)[0] == 200
    assert call(server, "POST", "/_/api/buckets", body=b'{"name": 7}', **kind, **own)[0] == 400


def test_a_name_that_was_made_to_point_here_needs_the_keys(server):
    status, headers, _ = call(server, "GET", "/_/api/state", Host="evil.example")
    assert (status, headers["www-authenticate"][:5]) == (401, "Basic")
    import base64

    keys = "Basic " + base64.b64encode(b"kit-access-key:kit-secret-key").decode()
    assert call(server, "GET", "/_/", Host="elsewhere", Authorization=keys)[0] == 200
    wrong = "Basic " + base64.b64encode(b"kit-access-key:wrong").decode()
    assert call(server, "GET", "/_/", Host="elsewhere", Authorization=wrong)[0] == 401


def test_a_browser_is_led_to_the_console_and_a_client_is_not(server):
    status, headers, _ = call(server, "GET", "/", Accept="text/html,*/*")
    assert (status, headers["location"]) == (302, "/_/")
    assert call(server, "GET", "/", Accept="*/*")[0] == 403
    assert server.boto.list_buckets()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_an_object_that_is_a_page_gets_an_origin_of_its_own(server):
    server.boto.create_bucket(Bucket="pages")
    server.boto.put_object(Bucket="pages", Key="a.html", Body=b"<p>", ContentType="text/html")
    url = server.boto.generate_presigned_url("get_object", {"Bucket": "pages", "Key": "a.html"})
    path = url.removeprefix(server.url)
    shown = call(server, "GET", path, Sec_Fetch_Dest="document")
    assert shown[1]["content-security-policy"].startswith("sandbox")
    assert "content-security-policy" not in call(server, "GET", path)[1]
    kept = call(server, "GET", "/_/api/object?bucket=pages&key=a.html")
    assert kept[1]["content-disposition"].startswith("attachment")
    assert kept[1]["content-type"] == "application/octet-stream"


EVIL = b"""<p id="tried">not yet</p><script>
const json = {"Content-Type": "application/json"};
const body = JSON.stringify({name: "stolen-bucket", is_versioned: false});
Promise.allSettled([
  fetch("/_/api/buckets", {method: "POST", headers: json, body}),
  fetch("/_/api/buckets", {method: "POST", mode: "no-cors", body}),
  fetch("/_/api/buckets").then((found) => found.text()),
]).then((all) => { document.querySelector("#tried").textContent = all.map((each) => each.status).join(); });
</script>"""


def test_a_page_in_the_store_can_neither_read_nor_change_through_the_console(server, browser):
    server.boto.create_bucket(Bucket="evil")
    server.boto.put_object(Bucket="evil", Key="a.html", Body=EVIL, ContentType="text/html")
    page = browser.new_page()
    page.goto(server.boto.generate_presigned_url("get_object", {"Bucket": "evil", "Key": "a.html"}))
    page.wait_for_selector("#tried:has-text('rejected')")
    assert page.inner_text("#tried") == "rejected,fulfilled,rejected"  # the second one is opaque
    page.close()
    names = [each["Name"] for each in server.boto.list_buckets()["Buckets"]]
    assert "evil" in names
    assert "stolen-bucket" not in names


class Seen:
    """What a page asked for and complained about."""

    def __init__(self, page, url: str) -> None:
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.url = url
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))

    def check(self) -> None:
        assert self.errors == []
        assert [url for url in self.asked if not url.startswith((self.url, "blob:", "data:"))] == []


def is_wide(page) -> bool:
    """Whether the page scrolls sideways."""
    return page.evaluate("document.documentElement.scrollWidth") > page.viewport_size["width"]


def test_an_object_is_uploaded_seen_and_deleted_on_a_phone(server, browser, tmp_path):
    file = tmp_path / "picture.jpg"
    file.write_bytes(random.Random(7).randbytes(300_000))
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    seen = Seen(page, server.url)
    page.goto(server.url)
    page.wait_for_selector("#state[data-state=live]")
    page.click("#make")
    page.fill("#maker [name=name]", "from-the-phone")
    page.check("#maker [name=is_versioned]")
    page.click("text=Make it")
    page.wait_for_selector("#empty:has-text('Drop files')")
    page.set_input_files("#files", str(file))
    page.click("#entries >> text=picture.jpg")
    page.wait_for_selector(".shard")
    assert not is_wide(page)
    assert server.boto.get_object(Bucket="from-the-phone", Key="picture.jpg")["Body"].read() == (
        file.read_bytes()
    )
    with page.expect_download() as download:
        page.click(".detail >> text=Download >> nth=0")
    assert download.value.path().read_bytes() == file.read_bytes()
    page.wait_for_selector("#log >> text=PutObject")
    page.click(".detail >> text=Delete >> nth=0")
    page.wait_for_selector("#empty:has-text('Drop files')")
    assert "Contents" not in server.boto.list_objects_v2(Bucket="from-the-phone")
    page.close()
    seen.check()


def test_a_fault_is_switched_on_by_key_and_shown_until_it_is_healed(server, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    seen = Seen(page, server.url)
    page.goto(f"{server.url}/_/")
    page.wait_for_selector(".node:has-text('healthy')")
    page.focus(".faults >> text=Full")
    page.keyboard.press("Enter")
    page.wait_for_selector(".node.is-ill:has-text('full')")
    assert page.get_attribute(".faults >> text=Full", "aria-pressed") == "true"
    assert page.evaluate("document.activeElement.textContent") == "Full"
    server.boto.create_bucket(Bucket="while-full")
    with pytest.raises(Exception, match=r"SlowDown|disk full"):
        server.boto.put_object(Bucket="while-full", Key="a", Body=b"x" * 100_000)
    page.click("#heal")
    page.wait_for_selector(".node:has-text('healthy')")
    server.boto.put_object(Bucket="while-full", Key="a", Body=b"x" * 100_000)
    page.click("#scrub")
    page.wait_for_selector("#mending:has-text('no damage')")
    page.close()
    seen.check()


CONTRAST = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (text) => {
    const [r, g, b] = rgb(text).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if ((rgb(colour)[3] ?? 1) === 1) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || !node.checkVisibility() || node.disabled || node.closest("svg")) continue;
    const [one, other] = [light(getComputedStyle(node).color), light(ground(node))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) poor.push(`${node.className}: ${node.textContent.slice(0, 20)} ${ratio}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read(server, browser, scheme):
    server.boto.create_bucket(Bucket=f"read-{scheme}")
    server.boto.put_object(Bucket=f"read-{scheme}", Key="a", Body=b"x" * 100_000)
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page.goto(f"{server.url}/_/#read-{scheme}/")
    page.click("#entries >> text=a")
    page.wait_for_selector(".shard")
    page.click(".faults >> text=Slow")
    page.wait_for_selector(".node.is-ill")
    assert page.evaluate(CONTRAST) == []
    page.click("#heal")
    page.wait_for_selector(".node:has-text('healthy')")
    page.close()


def test_no_file_of_the_console_names_another_host():
    from pathlib import Path

    import s3.console

    home = Path(s3.console.__file__).parent
    for file in (*home.glob("static/*"), *home.glob("templates/*")):
        assert not re.search(r"https?://|//\w+\.\w+/", file.read_text("utf-8")), file


def test_state_is_json_and_says_what_the_page_needs(server):
    status, headers, body = call(server, "GET", "/_/api/state")
    assert (status, headers["content-type"]) == (200, "application/json")
    state = json.loads(body)
    assert state["nodes"][0]["is_up"]
    assert {"code", "per_second", "hottest", "log", "mending", "upkeep"} <= state.keys()
