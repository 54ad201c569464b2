"""Two ways to divide a month's money among those who were heard.

    pro-rata       one pot:            plays of the artist / all plays                × the pool
    user-centric   a pot a listener:   each listener's money, by what *they* heard

Whoever is heard by few who hear little else gets more by the second way; whoever is heard all night by
a machine gets much more by the first. Invariant: either way the shares sum to the pool exactly, in
millionths. Source: Pedersen, "Music Streaming in Denmark", Koda 2014; largest remainder:
chapters/ledger. Page: docs/spotify/royalties.md
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from chapters.ledger import split
from spotify.events.play import Play

Plays = Mapping[str, Mapping[str, int]]  # by listener, by payee: how many plays that count


def counted(plays: Iterable[Play], payee: Mapping[str, str]) -> Plays:
    """Return how often each listener heard each payee; `payee` says who is paid for a track."""
    found: dict[str, Counter[str]] = {}
    for play in plays:
        if play.counts:
            found.setdefault(play.user, Counter())[payee[play.track]] += 1
    return found


def pro_rata(pool: int, plays: Plays) -> dict[str, int]:
    """Return each payee's share of the pool by all plays together; nobody was heard: nobody is paid."""
    together: Counter[str] = Counter()
    for own in plays.values():
        together.update(own)
    return _sorted(split(pool, together)) if together else {}


def user_centric(pool: int, plays: Plays) -> dict[str, int]:
    """Return each payee's share when every listener has an equal part of the pool to give."""
    listeners = {user: 1 for user, own in plays.items() if sum(own.values())}
    if not listeners:
        return {}
    shares: Counter[str] = Counter()
    for user, money in split(pool, listeners).items():
        shares.update(split(money, plays[user]))
    return _sorted(shares)


def _sorted(shares: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(shares.items()))


WAYS = {"pro-rata": pro_rata, "user-centric": user_centric}
