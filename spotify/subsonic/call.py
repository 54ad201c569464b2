"""One call: its words, whose it is, and what it leads to.

    u, p           a password, plain or as enc:<hexadecimal>     of the user's app passwords
    u, t, s        t = md5(app password + s)
    apiKey         nothing else beside it

Page: docs/spotify/subsonic.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chapters.errors import Refused
from spotify.accounts.users import User
from spotify.house import House
from spotify.subsonic.envelope import BAD_KEY, BOTH_GIVEN, GENERIC, MISSING, WRONG_AUTH, Failure

Words = Mapping[str, Sequence[str]]
TRUE, FALSE = ("true", "1"), ("false", "0")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a user whom it proved to be."""

    house: House
    user: User
    words: Words

    def text(self, name: str) -> str:
        """Return a word that must be there. Raises `Failure` with 10."""
        found = self.maybe(name)
        if found is None or found == "":
            raise Failure(MISSING, f"required parameter {name!r} is missing")
        return found

    def maybe(self, name: str, default: str | None = None) -> str | None:
        """Return a word, or what stands for it."""
        return self.words[name][0] if self.words.get(name) else default

    def all(self, name: str) -> list[str]:
        """Return all words of a name: it may be given more than once."""
        return list(self.words.get(name, ()))

    def whole(self, name: str, default: int, most: int = 10**15) -> int:
        """Return a whole number from 0 to `most`; more is `most`. Raises `Failure` with 0."""
        found = self.maybe(name)
        if found is None:
            return default
        if not found.isdecimal() or len(found) > 15:
            raise Failure(GENERIC, f"{name} is {found!r:.40}; it must be a whole number from 0")
        return min(int(found), most)

    def flag(self, name: str, default: bool) -> bool:
        """Return a word that is true or false. Raises `Failure` with 0."""
        found = (self.maybe(name) or str(default)).lower()
        if found not in (*TRUE, *FALSE):
            raise Failure(GENERIC, f"{name} is {found!r:.40}; it must be true or false")
        return found in TRUE


def caller(house: House, words: Words) -> User:
    """Return whose call it is. Raises `Failure`: 10, 40, 43 or 44."""

    def word(name: str) -> str:
        return words[name][0] if words.get(name) else ""

    try:
        if word("apiKey"):
            if word("u") or word("t") or word("p"):
                raise Failure(BOTH_GIVEN, "apiKey stands alone: leave out u, p, t and s")
            return house.users.by_api_key(word("apiKey"))
        if not word("u"):
            raise Failure(MISSING, "required parameter 'u' is missing")
        if word("t"):
            if not word("s"):
                raise Failure(MISSING, "required parameter 's' is missing")
            return house.users.by_token(word("u"), word("t"), word("s"))
        if not word("p"):
            raise Failure(MISSING, "required parameter 'p', or 't' and 's', is missing")
        return house.users.by_app_password(word("u"), _plain(word("p")))
    except Failure:
        raise
    except Refused as refused:
        raise Failure(BAD_KEY if word("apiKey") else WRONG_AUTH, str(refused)) from None


def _plain(password: str) -> str:
    """A password as it is; `enc:` before it means hexadecimal."""
    if not password.startswith("enc:"):
        return password
    try:
        return bytes.fromhex(password[4:]).decode("utf-8", "replace")
    except ValueError:
        return password
