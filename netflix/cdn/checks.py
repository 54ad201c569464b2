"""What the exercises on edges check: one fetch for many, addresses that prove themselves, a ranking.

Page: docs/netflix/edges.md
"""

from collections.abc import Iterator
from functools import partial
from random import Random

from chapters.cache.lru import Lru
from chapters.checking import JSON, Case, Stage
from chapters.errors import KitError
from netflix.cdn.body import Body
from netflix.cdn.edge import Edge
from netflix.cdn.signing import SKEW_S, Signer
from netflix.cdn.steering import DEAD_AFTER_S, EdgeState, rank
from netflix.errors import Refused, Unreachable

SECRET = b"a secret of the checks"
CAPACITY = 10_000


def evening(steps: list[list[str]]) -> JSON:
    """Play ["ask", path, who], ["arrives", path], ["fails", path] and ["rots", path] on an edge."""
    edge = Edge("edge", lambda on_evict: Lru(CAPACITY, on_evict))
    told: list[JSON] = []
    fetched: list[JSON] = []
    for what, path, *who in steps:
        match what:
            case "ask":
                if edge.ask(path, partial(_note, told, who[0])):
                    fetched.append([who[0], path])
            case "arrives":
                edge.arrived(path, Body.of(path.encode() * 100))
            case "fails":
                edge.arrived(path, Unreachable("the origin does not answer"))
            case "rots":
                edge.damage(path)
    counters = edge.counters
    counted = [counters.hits, counters.misses, counters.joined, counters.failed]
    return {"answered": told, "to fetch": fetched, "hits, misses, joined, failed": counted}


def _note(told: list[JSON], name: str, answer: object) -> None:
    told.append([name, _said(answer)])


def _said(answer: object) -> str:
    if isinstance(answer, Body):
        return "the bytes" if answer.is_whole else "DAMAGED BYTES"
    return "an error" if isinstance(answer, KitError) else repr(answer)


def one_by_one(rng: Random) -> Iterator[Case]:
    path = f"/t/{rng.randrange(9)}.m4s"
    yield ([["ask", path, "ada"], ["arrives", path], ["ask", path, "ben"], ["ask", "/t/b", "cem"]],)


def crowd(rng: Random) -> Iterator[Case]:
    names = rng.sample(["ada", "ben", "cem", "dee", "eve"], 4)
    steps = [["ask", "/t/a", name] for name in names]
    yield ([*steps, ["arrives", "/t/a"], ["ask", "/t/a", "fay"]],)
    begun = [["ask", "/t/a", "ada"], ["ask", "/t/b", "ben"]]
    yield ([*begun, *steps, ["arrives", "/t/b"], ["arrives", "/t/a"]],)


def failures(rng: Random) -> Iterator[Case]:
    names = rng.sample(["ada", "ben", "cem"], 3)
    steps = [["ask", "/t/a", name] for name in names]
    again = [["ask", "/t/a", "dee"], ["arrives", "/t/a"], ["ask", "/t/a", "eve"]]
    yield ([*steps, ["fails", "/t/a"], *again],)


def rot(rng: Random) -> Iterator[Case]:
    begun = [["ask", "/t/a", "ada"], ["arrives", "/t/a"], ["rots", "/t/a"]]
    yield ([*begun, ["ask", "/t/a", "ben"], ["arrives", "/t/a"], ["ask", "/t/a", "cem"]],)


def checked(title: str, expires_s: int, path: str, now_s: float) -> JSON:
    """Sign a title, put what `path` says in the place of {signed}, and check that."""
    signer = Signer(SECRET)
    try:
        return signer.check(
            path.format(signed=signer.sign(title, expires_s=expires_s)), now_s=now_s
        )
    except Refused as refused:
        return refused.status


def good(rng: Random) -> Iterator[Case]:
    now = rng.randrange(10**6, 10**9)
    yield "colony", now + 100, "{signed}/v360/7.m4s", now
    yield "harbour", now + 1, "{signed}/master.m3u8", now


def late(rng: Random) -> Iterator[Case]:
    now = rng.randrange(10**6, 10**9)
    for ago in (1, SKEW_S, SKEW_S + 1, 10_000):
        yield "colony", now - ago, "{signed}/v360/7.m4s", now


def forged(rng: Random) -> Iterator[Case]:
    now = rng.randrange(10**6, 10**9)
    other = Signer(b"another secret").sign("colony", expires_s=now + 100)
    yield "colony", now + 100, other + "/v360/7.m4s", now
    token = other.split("/")[2]
    unsigned = ("/colony/v360/7.m4s", f"/s/{token}", "/s//colony/x")
    for path in (*unsigned, f"/s/{'f' * 20}-0/colony/x", "/s/zz-0/colony/x"):
        yield "colony", now + 100, path, now


def moved(rng: Random) -> Iterator[Case]:
    """Yield a good token before another title, and one whose time was stretched."""
    now = rng.randrange(10**6, 10**9)
    token = Signer(SECRET).sign("colony", expires_s=now + 100).split("/")[2]
    mac = token.partition("-")[2]
    yield "colony", now, f"/s/{token}/harbour/v360/7.m4s", now
    yield "colony", now, f"/s/{now + 10**6:x}-{mac}/colony/v360/7.m4s", now


def ranks(edges: list[list[JSON]], title: str, now_s: float) -> JSON:
    """Rank edges, given as [name, distance_ms, load, heard_s, failures, titles]."""
    known = []
    for name, _, load, heard, bad, held in edges:
        titles = frozenset(map(str, held))  # type: ignore[arg-type]
        state = EdgeState(str(name), "", float(str(load)), float(str(heard)), int(str(bad)), titles)
        known.append(state)
    distances = {str(name): float(str(distance)) for name, distance, *_ in edges}
    try:
        return [edge.name for edge in rank(known, title, distance_ms=distances, now_s=now_s)]
    except Refused as refused:
        return refused.status


def edge(
    name: str,
    distance: float,
    load: float = 0.0,
    heard: float = 100.0,
    failed: int = 0,
    held: str = "t",
) -> list[JSON]:
    """Return an edge as `ranks` takes it."""
    return [name, distance, load, heard, failed, [held]]


def by_distance(rng: Random) -> Iterator[Case]:
    far = rng.sample(range(1, 200), 4)
    yield [edge(f"e{place}", distance) for place, distance in enumerate(far)], "t", 100.0
    yield [edge("b", 10), edge("a", 10), edge("c", 5)], "t", 100.0


def by_all(rng: Random) -> Iterator[Case]:
    yield [edge("near", 5, load=0.9), edge("far", 90)], "t", 100.0
    yield [edge("without", 5, held="x"), edge("with", rng.randint(20, 60))], "t", 100.0
    yield [edge("shaky", 5, failed=rng.randint(1, 3)), edge("steady", 120)], "t", 100.0


def dead(rng: Random) -> Iterator[Case]:
    silent = DEAD_AFTER_S + rng.choice([0.1, 5, 1000])
    yield [edge("silent", 5, heard=100 - silent), edge("alive", 90)], "t", 100.0
    yield [edge("just", 5, heard=100 - DEAD_AFTER_S), edge("alive", 90)], "t", 100.0
    yield [edge("silent", 5, heard=100 - silent)], "t", 100.0
    yield [], "t", 100.0


STAGES: dict[str, list[Stage]] = {
    "coalescing": [
        Stage("what is here is answered at once", one_by_one, evening),
        Stage("a crowd waits for one fetch", crowd, evening),
        Stage("a failure is told to all, and then it is fetched anew", failures, evening),
        Stage("damaged bytes are never sent", rot, evening, needs=(1,)),
    ],
    "signed-address": [
        Stage("a good address leads behind its token", good, checked),
        Stage("until it expires, and a little longer", late, checked),
        Stage("what nobody signed is refused", forged, checked, needs=(1,)),
        Stage("a token is good for its title and its time", moved, checked, needs=(1,)),
    ],
    "steering-rank": [
        Stage("the nearest first; by name where it makes no difference", by_distance, ranks),
        Stage("load, a fetch and failures count too", by_all, ranks),
        Stage("the dead are not asked; if all are, that is said", dead, ranks, needs=(1,)),
    ],
}
