"""Users and their secrets: a password that nobody can read, and one that a server must be able to.

    password       of the page and the Web API   kept as scrypt(password, salt)
    app password   of Subsonic clients           kept as it is: they send md5(password + salt), with a
                                                 salt of their own; who would check that must have it
    API key        of OpenSubsonic clients       kept as its SHA-256: it is random, and needs no salt

Invariant: the password itself is never on disk. The app password is drawn by the server, so its loss
costs this service alone, and it can be drawn anew. Page: docs/spotify/accounts.md
"""

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import md5, scrypt, sha256
from pathlib import Path
from random import Random

from chapters.new_file import written_whole
from spotify.errors import Refused

SALT_BYTES, KEY_BYTES = 16, 24
SCRYPT = {"n": 2**14, "r": 8, "p": 1}  # 16 MiB and some 50 ms a guess
WRONG = "wrong user name or password"  # for both: who tries names shall learn nothing


@dataclass(frozen=True, slots=True)
class User:
    """A listener, in a country of two letters. Salt and hashes are hexadecimal."""

    name: str
    market: str
    salt: str
    password_hash: str
    app_password: str
    api_key_hashes: tuple[str, ...] = ()


class Users:
    """The accounts of a service, in one file that is replaced as a whole."""

    def __init__(self, path: Path, *, rng: Random) -> None:
        self._path, self._rng = path, rng
        facts = json.loads(path.read_text("utf-8")) if path.is_file() else []
        self._users = {
            each["name"]: User(**{**each, "api_key_hashes": tuple(each["api_key_hashes"])})
            for each in facts
        }

    def add(self, name: str, password: str, market: str) -> User:
        """Make an account, or return the one of that name."""
        if name not in self._users:
            salt = self._rng.randbytes(SALT_BYTES).hex()
            app_password = self._rng.randbytes(KEY_BYTES).hex()
            self._keep(User(name, market, salt, hashed(password, salt), app_password))
        return self._users[name]

    def new_api_key(self, name: str) -> str:
        """Return a new API key of a user; it is shown this once."""
        key = self._rng.randbytes(KEY_BYTES).hex()
        user = self.named(name)
        self._keep(replace(user, api_key_hashes=(*user.api_key_hashes, _digest(key))))
        return key

    def named(self, name: str) -> User:
        """Return the user of that name. Raises `Refused` with 404."""
        if name not in self._users:
            raise Refused(404, f"there is no user {name!r}")
        return self._users[name]

    def __iter__(self) -> Iterator[User]:
        return iter(self._users.values())

    def by_password(self, name: str, password: str) -> User:
        """Return the user with that password. Raises `Refused` with 401."""
        user = self._users.get(name)
        found = hashed(password, user.salt if user else "00")
        if user is None or not hmac.compare_digest(found, user.password_hash):
            raise Refused(401, WRONG)
        return user

    def by_app_password(self, name: str, password: str) -> User:
        """Return the user with that app password. Raises `Refused` with 401."""
        user = self._users.get(name)
        own = user.app_password if user else ""
        if not own or not hmac.compare_digest(own.encode(), password.encode("utf-8", "replace")):
            raise Refused(401, WRONG)
        assert user is not None
        return user

    def by_token(self, name: str, token: str, salt: str) -> User:
        """Return the user for whom token = md5(app password + salt). Raises `Refused` with 401."""
        user = self._users.get(name)
        own = md5(
            ((user.app_password if user else "?") + salt).encode("utf-8", "replace")
        ).hexdigest()
        same = hmac.compare_digest(own.encode(), token.lower().encode("utf-8", "replace"))
        if user is None or not same:
            raise Refused(401, WRONG)
        return user

    def by_api_key(self, key: str) -> User:
        """Return the user with that API key. Raises `Refused` with 401."""
        digest = _digest(key)
        for user in self._users.values():
            if digest in user.api_key_hashes:
                return user
        raise Refused(401, "this API key is not known")

    def _keep(self, user: User) -> None:
        users: Mapping[str, User] = {**self._users, user.name: user}
        text = json.dumps([asdict(each) for each in users.values()])
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(self._path) as draft:
            draft.write_text(text, "utf-8")
        self._path.chmod(0o600)
        self._users = dict(users)


def hashed(password: str, salt: str) -> str:
    """Return the hash of a password. Source: Percival & Josefsson, RFC 7914."""
    return scrypt(password.encode(), salt=bytes.fromhex(salt), **SCRYPT).hex()


def _digest(key: str) -> str:
    return sha256(key.encode("utf-8", "replace")).hexdigest()
