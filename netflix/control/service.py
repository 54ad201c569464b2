"""The control plane's operations: each is a method, and none knows of HTTP.

    play ──► known? entitled? a stream left? ──► session, ranked addresses, where to resume
    licence, advice, heartbeat, stop          ──► for the session's own title only

Invariant: a session belongs to one profile and one title, and all that is done in its name is about these
two. Their number is bounded: the one that has been silent longest goes first. Page: docs/netflix/play.md
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from chapters.sim.clock import Clock, S
from chapters.sim.trace import note
from netflix.abr.ladder_of import ladder_of
from netflix.abr.rules import RULES
from netflix.catalogue import Profile, TitleId
from netflix.cdn.signing import Signer
from netflix.cdn.steering import EdgeState, rank
from netflix.control import licence
from netflix.control.accounts import Account, account_of
from netflix.control.advice import Advice, Advisor, read_downloads, read_moment, read_progress
from netflix.control.bookmarks import Bookmark, Bookmarks
from netflix.control.entitlement import Device, Offer, Rights, decide
from netflix.control.streams import LEASE_S, Streams
from netflix.errors import Refused
from netflix.package.keys import ContentKey
from netflix.package.published import Published

ADDRESS_S = 6 * 3600  # how long a signed address is good for: the longest evening
SESSIONS_MAX = 10_000
SESSION_BITS = 96
HEARTBEATS_A_LEASE = 3
KEY_SYSTEM = "org.w3.clearkey"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a title may be had: an edge, and the signed address of the title's folder there."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Play:
    """What a player is told when it may play: edges by rank, rungs that it may have, where to resume."""

    session: str
    title: str
    name: str
    edges: tuple[Address, ...]
    rungs: tuple[str, ...]
    key_system: str  # empty where the title is clear
    resume_s: float
    heartbeat_s: int
    rules: tuple[str, ...]


@dataclass(slots=True)
class Session:
    """One profile playing one title."""

    id: str
    account: Account
    profile: Profile
    title: Published
    offer: Offer
    advisor: Advisor | None = None


class Control:
    """Everything that a request to the control plane works with."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: Random,
        library: Callable[[], Sequence[Published]],
        edges: Callable[[], Sequence[EdgeState]],
        distance_ms: Mapping[str, float],
        signer: Signer,
        secret: bytes,
        bookmarks: Bookmarks,
        rights: Mapping[str, Rights] | None = None,
    ) -> None:
        self.clock, self._rng = clock, rng
        self.library, self.edges, self._distance_ms = library, edges, dict(distance_ms)
        self._signer, self._secret = signer, secret
        self.bookmarks, self._rights = bookmarks, rights or {}
        self.streams = Streams(clock=clock)
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    @property
    def now_s(self) -> float:
        """Return the time in seconds since the epoch."""
        return self.clock.now_ns() / S

    def play(self, title_id: str, profile: str, device: Device) -> Play:
        """Begin a session; return where to get the title, and where to resume.

        Raises `Refused`: 404 no such title or profile, 403 not entitled, 429 too many streams, 503 no edge.
        """
        title = self.title(title_id)
        account = account_of(profile)
        if account is None:
            raise Refused(404, f"there is no profile {profile!r}")
        rights = self._rights.get(title_id, Rights())
        offer = decide(title, account, Profile(profile), rights, device, now_s=self.now_s)
        note("entitled", profile=profile, plan=account.plan.name, rungs=len(offer.rungs))
        ranked = rank(self.edges(), title_id, distance_ms=self._distance_ms, now_s=self.now_s)
        session = Session(
            f"{self._rng.getrandbits(SESSION_BITS):024x}", account, Profile(profile), title, offer
        )
        self.streams.acquire(account, session.id)
        note("a stream is leased", of=account.plan.streams, for_s=LEASE_S)
        self._remember(session)
        path = self._signer.sign(title_id, expires_s=int(self.now_s) + ADDRESS_S)
        note("edges ranked, address signed", first=ranked[0].name, edges=len(ranked))
        bookmark = self.bookmarks.of(profile, title_id)
        return Play(
            session=session.id,
            title=title_id,
            name=title.name,
            edges=tuple(Address(edge.name, edge.url + path) for edge in ranked),
            rungs=offer.rungs,
            key_system=KEY_SYSTEM if title.key_id else "",
            resume_s=bookmark.position_ms / 1000 if bookmark and bookmark.is_open else 0.0,
            heartbeat_s=LEASE_S // HEARTBEATS_A_LEASE,
            rules=tuple(RULES),
        )

    def title(self, title_id: str) -> Published:
        """Return a published title. Raises `Refused` with 404."""
        found = next((each for each in self.library() if each.title == title_id), None)
        if found is None:
            raise Refused(404, f"there is no title {title_id!r}")
        return found

    def licence(self, session_id: str, asked: object) -> dict[str, object]:
        """Return the key of the title that a session plays. Raises `Refused`."""
        title = self.session(session_id).title
        if not title.key_id:
            raise Refused(400, f"{title.title} is not encrypted; it needs no licence")
        return licence.answer(asked, ContentKey.derive(self._secret, title.title))

    def advice(self, session_id: str, facts: Mapping[str, object]) -> Advice:
        """Return which rung the session's rule wants next. Raises `Refused`, `UnknownRule`."""
        session = self.session(session_id)
        rule = facts.get("rule", "bolae")
        if not isinstance(rule, str) or rule not in RULES:
            raise Refused(400, f"there is no rule {rule!r}; there are {', '.join(RULES)}")
        if session.advisor is None or session.advisor.name != rule:
            session.advisor = Advisor(rule, ladder_of(session.title), len(session.offer.rungs))
        return session.advisor.advise(read_moment(facts), read_downloads(facts))

    def progress(self, session_id: str, facts: Mapping[str, object]) -> int | None:
        """Return the rung for which a download is to be broken off; None to go on. Raises `Refused`."""
        advisor = self.session(session_id).advisor
        progress = read_progress(facts)
        return advisor.abandon(progress) if advisor else None

    def heartbeat(self, session_id: str, position_ms: int | None, at_ms: int) -> dict[str, object]:
        """Prolong a session's lease, and keep where it is. Raises `Refused`."""
        session = self.session(session_id)
        if not self.streams.renew(session.account, session_id):
            self.streams.acquire(session.account, session_id)
        kept = position_ms is not None and self._mark(session, position_ms, at_ms)
        return {"lease_s": LEASE_S, "bookmarked": kept}

    def stop(self, session_id: str) -> None:
        """End a session, and free its stream. Raises `Refused` with 404 for one that is not there."""
        session = self.session(session_id)
        self.streams.release(session.account, session_id)
        del self._sessions[session_id]

    def session(self, session_id: str) -> Session:
        """Return a live session. Raises `Refused` with 404."""
        if session_id not in self._sessions:
            raise Refused(404, "there is no such session any more; call /api/play again")
        self._sessions.move_to_end(session_id)
        return self._sessions[session_id]

    def _mark(self, session: Session, position_ms: int, at_ms: int) -> bool:
        title = session.title
        length_ms = round(title.duration_s * 1000)
        return self.bookmarks.put(
            Bookmark(session.profile, TitleId(title.title), position_ms, length_ms, at_ms)
        )

    def _remember(self, session: Session) -> None:
        self._sessions[session.id] = session
        if len(self._sessions) > SESSIONS_MAX:
            _, oldest = self._sessions.popitem(last=False)
            self.streams.release(oldest.account, oldest.id)
