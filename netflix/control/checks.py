"""What the exercises on the control plane check: leases, reasons, bookmarks, keys.

Page: docs/netflix/play.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from chapters.sim.clock import S, VirtualClock
from netflix.catalogue import Profile, TitleId
from netflix.control.accounts import Account, AccountId, Plan
from netflix.control.bookmarks import Bookmark, unfinished
from netflix.control.entitlement import Device, Rights, decide
from netflix.control.licence import answer, unpadded
from netflix.control.streams import LEASE_S, Streams
from netflix.errors import Refused
from netflix.package.keys import KEY_BYTES, ContentKey
from netflix.package.published import Published, Segment, Track


def account(streams: int = 2, height: int = 1080, territory: str = "US", age: int = 18) -> Account:
    plan = Plan("Plan", streams, height)
    return Account(AccountId("hopper"), plan, territory, {Profile("grace"): age})


def leases(streams: int, steps: list[list[JSON]]) -> JSON:
    """Play ["acquire" | "renew" | "release", session, wait_s] and say what came of each."""
    clock, who = VirtualClock(), account(streams)
    limit, found = Streams(clock=clock), []
    for what, session, wait_s in steps:
        clock.advance(int(wait_s) * S)  # type: ignore[arg-type]
        try:
            found.append(getattr(limit, str(what))(who, session))
        except Refused as refused:
            found.append(refused.status)
        found.append(len(limit.playing(who)))
    return found


def up_to_the_limit(rng: Random) -> Iterator[Case]:
    for streams in (1, 2, 4):
        yield streams, [["acquire", f"s{number}", 0] for number in range(streams + 2)]
    yield 2, [["acquire", "a", 0], ["acquire", "a", 0], ["acquire", "b", 0], ["acquire", "a", 1]]


def silence(rng: Random) -> Iterator[Case]:
    for wait in (LEASE_S - 1, LEASE_S, LEASE_S + rng.randint(1, 99)):
        yield 1, [["acquire", "a", 0], ["acquire", "b", wait]]
    yield 2, [["acquire", "a", 0], ["acquire", "b", 20], ["acquire", "c", 20], ["acquire", "c", 10]]


def heartbeats(rng: Random) -> Iterator[Case]:
    beats: list[JSON] = [["renew", "a", 30]] * 3
    yield 1, [["acquire", "a", 0], *beats, ["acquire", "b", 30], ["acquire", "b", 20]]
    yield 1, [["acquire", "a", 0], ["release", "a", 1], ["acquire", "b", 0], ["renew", "a", 1]]


def title(rungs: list[list[JSON]], is_locked: bool) -> Published:
    """Return a title with rungs given as [height, codec]."""
    tracks = tuple(
        Track(
            f"v{height}",
            "video",
            f"{codec}.64",
            0,
            int(str(height)),
            "24/1",
            24,
            1,
            1,
            (Segment(1, 1),),
        )
        for height, codec in rungs
    )
    return Published("colony", "Colony", (), 2.0, "ab" * 16 if is_locked else "", tracks)


def decided(
    rungs: list[list[JSON]],
    is_locked: bool,
    rights: list[JSON],
    who: list[JSON],
    device: list[JSON],
) -> JSON:
    """Decide for rights [territories, from, until, age], who [territory, age, plan height], a device."""
    places, from_s, until_s, age = rights
    height_max, codecs, has_keys = device
    territory, own_age, plan_height = who
    asking = account(height=int(str(plan_height)), territory=str(territory), age=int(str(own_age)))
    bought = Rights(frozenset(places), float(str(from_s)), float(str(until_s)), int(str(age)))  # type: ignore[arg-type]
    capable = Device(int(str(height_max)), tuple(codecs), bool(has_keys))  # type: ignore[arg-type]
    try:
        offer = decide(
            title(rungs, is_locked), asking, Profile("grace"), bought, capable, now_s=1000
        )
        return list(offer.rungs)
    except Refused as refused:
        return [refused.status, str(refused).split(";")[0]]


LADDER: list[JSON] = [[240, "avc1"], [360, "avc1"], [720, "avc1"]]
FREE: list[JSON] = [[], 0, 9999, 0]
GRACE: list[JSON] = ["US", 18, 1080]
BROWSER: list[JSON] = [1080, ["avc1", "mp4a"], True]


def offered(rng: Random) -> Iterator[Case]:
    yield LADDER, False, FREE, GRACE, BROWSER
    yield LADDER, False, FREE, ["US", 18, 360], BROWSER
    yield LADDER, False, FREE, GRACE, [rng.randint(360, 719), ["avc1"], True]
    yield LADDER, False, FREE, ["US", 18, 100], BROWSER


def not_bought(rng: Random) -> Iterator[Case]:
    yield LADDER, False, [["GB", "FR"], 0, 9999, 0], GRACE, BROWSER
    yield LADDER, False, [["GB", "US"], 0, 9999, 0], GRACE, BROWSER
    yield LADDER, False, [[], 1001, 9999, 0], GRACE, BROWSER
    yield LADDER, False, [[], 0, 1000, 0], GRACE, BROWSER
    yield LADDER, False, [[], 1000, 1001, 0], GRACE, BROWSER


def too_young(rng: Random) -> Iterator[Case]:
    age = rng.randint(7, 18)
    yield LADDER, False, [[], 0, 9999, age], ["US", age - 1, 1080], BROWSER
    yield LADDER, False, [[], 0, 9999, age], ["US", age, 1080], BROWSER
    yield LADDER, False, [["GB"], 0, 1, 18], ["US", 6, 1080], BROWSER


def wrong_device(rng: Random) -> Iterator[Case]:
    yield LADDER, True, FREE, GRACE, [1080, ["avc1"], False]
    yield LADDER, True, FREE, GRACE, BROWSER
    yield LADDER, False, FREE, GRACE, [1080, ["avc1"], False]
    yield LADDER, False, FREE, GRACE, [1080, ["av01"], True]
    yield [[240, "avc1"], [360, "av01"], [720, "avc1"]], False, FREE, GRACE, BROWSER


def continued(bookmarks: list[list[JSON]]) -> JSON:
    """Ask what to continue, for bookmarks given as [title, position_ms, at_ms] of titles of 100 s."""
    given = [
        Bookmark(Profile("grace"), TitleId(str(name)), int(str(place)), 100_000, int(str(at)))
        for name, place, at in bookmarks
    ]
    return [[each.title, each.position_ms] for each in unfinished(given)]


def in_order(rng: Random) -> Iterator[Case]:
    yield ([["a", 50_000, 1], ["b", 20_000, 2], ["c", 70_000, 3]],)
    yield ([],)


def out_of_order(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        marks: list[JSON] = [
            [rng.choice("abc"), rng.randrange(6_000, 94_000), at]
            for at in rng.sample(range(1000), 9)
        ]
        yield (marks + rng.sample(marks, 3),)


def done_or_not_begun(rng: Random) -> Iterator[Case]:
    yield ([["a", 4_999, 1], ["b", 5_000, 2], ["c", 94_999, 3], ["d", 95_000, 4]],)
    yield ([["a", 50_000, 1], ["a", 99_000, 2], ["b", 99_000, 1], ["b", 10_000, 2]],)


def licences(kids: JSON, key_id: str, key: str) -> JSON:
    """Ask for a licence with these key ids, of a title with this key (hexadecimal)."""
    try:
        return answer(kids, ContentKey(bytes.fromhex(key_id), bytes.fromhex(key)))  # type: ignore[return-value]
    except Refused as refused:
        return refused.status


def own_key(rng: Random) -> Iterator[Case]:
    for _ in range(3):
        key_id, key = rng.randbytes(KEY_BYTES), rng.randbytes(KEY_BYTES)
        asked: JSON = {"kids": [unpadded(key_id)], "type": "temporary"}
        yield asked, key_id.hex(), key.hex()


def other_key(rng: Random) -> Iterator[Case]:
    key_id, other = rng.randbytes(KEY_BYTES), rng.randbytes(KEY_BYTES)
    yield {"kids": [unpadded(other)]}, key_id.hex(), other.hex()
    yield {"kids": [unpadded(key_id), unpadded(other)]}, key_id.hex(), other.hex()


STAGES: dict[str, list[Stage]] = {
    "stream-limit": [
        Stage("so many at once, and no more", up_to_the_limit, leases),
        Stage("who is silent for a lease has gone", silence, leases),
        Stage("a heartbeat prolongs, a stop frees", heartbeats, leases, needs=(1,)),
    ],
    "entitlement": [
        Stage("rungs up to what plan and device allow; one at least", offered, decided),
        Stage("where and when it was bought for", not_bought, decided, needs=(1,)),
        Stage("for whom; the first reason is told", too_young, decided, needs=(2,)),
        Stage("what the device can do", wrong_device, decided, needs=(1,)),
    ],
    "continue-watching": [
        Stage("the latest first", in_order, continued),
        Stage("late and repeated bookmarks change nothing", out_of_order, continued),
        Stage(
            "not what is done, and not what has not begun", done_or_not_begun, continued, needs=(1,)
        ),
    ],
    "clearkey-licence": [
        Stage("a key set with the title's own key", own_key, licences),
        Stage("no other title's", other_key, licences),
    ],
}
