"""Who may ask: users and their access keys, read once from a file or made from one pair.

    [[user]]                                    tenant      id (canonical, 64 hex digits)
    name = "alice"                                 │         │
    access_key = "AKIA…"                 User ─────┴─────────┴──── access key ──► secret
    secret_key = "…"                       └── e-mail                        (one or more)

Invariant: an access key, an id and an e-mail address each name one user at most. Users do not change
while the server runs. Look-ups are O(1). Page: docs/s3/auth.md
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from chapters.errors import UsageError

DEFAULT_ACCESS_KEY = "kit-access-key"  # of the local server, which listens on the loopback only
DEFAULT_SECRET_KEY = "kit-secret-key"

_NAME = re.compile(r"[A-Za-z0-9_.@+=,-]{1,64}")
_KEY = re.compile(r"[^\s/,:]{3,128}")  # of those, a credential could not be told apart
_TEXT_FIELDS = ("name", "display_name", "id", "email", "tenant")
_KNOWN = {*_TEXT_FIELDS, "access_key", "secret_key", "keys"}


@dataclass(frozen=True, slots=True)
class Credential:
    """A pair that signs requests; the secret is never sent, and never printed."""

    access_key: str
    secret_key: str

    def __repr__(self) -> str:
        return f"Credential({self.access_key!r})"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with at least one pair of keys; `id` is the canonical one that ACLs name."""

    name: str
    credentials: tuple[Credential, ...]
    id: str
    display_name: str
    email: str = ""
    tenant: str = ""

    @property
    def access_key(self) -> str:
        return self.credentials[0].access_key

    @property
    def secret_key(self) -> str:
        return self.credentials[0].secret_key

    @property
    def arn(self) -> str:
        """How a bucket policy names this user."""
        return f"arn:aws:iam::{self.tenant}:user/{self.name}"


def make_user(
    name: str,
    access_key: str,
    secret_key: str,
    *,
    more: Iterable[Credential] = (),
    display_name: str = "",
    id: str = "",
    email: str = "",
    tenant: str = "",
) -> User:
    """Return a user; without an `id` it is the hash of tenant and name, the same every time."""
    canonical = id or sha256(f"{tenant}:{name}".encode()).hexdigest()
    pairs = (Credential(access_key, secret_key), *more)
    return User(name, pairs, canonical, display_name or name, email.lower(), tenant)


class Users:
    """All who may ask. Raises `UsageError` when two of them share a key, an id or an address."""

    def __init__(self, users: Iterable[User]) -> None:
        self.all = tuple(users)
        self._keys: dict[str, tuple[User, Credential]] = {}
        self._ids: dict[str, User] = {}
        self._emails: dict[str, User] = {}
        self._arns: dict[str, User] = {}
        for user in self.all:
            self._add(user)

    def _add(self, user: User) -> None:
        for pair in user.credentials:
            _once(self._keys, pair.access_key, (user, pair), user, "access_key")
        _once(self._ids, user.id, user, user, "id")
        _once(self._arns, user.arn, user, user, "name")
        if user.email:
            _once(self._emails, user.email, user, user, "email")

    @classmethod
    def single(
        cls, access_key: str = DEFAULT_ACCESS_KEY, secret_key: str = DEFAULT_SECRET_KEY
    ) -> "Users":
        """Return one user with that pair; without a pair, the local server's own. Raises `UsageError`."""
        pair = _pair("kit", {"access_key": access_key, "secret_key": secret_key})
        return cls([make_user("kit", pair.access_key, pair.secret_key)])

    @classmethod
    def load(cls, path: Path) -> "Users":
        """Return the users of a TOML file. Raises `UsageError` naming file, user and field."""
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: is no TOML: {error}") from error
        tables = data.get("user")
        if not isinstance(tables, list) or not tables:
            raise UsageError(f"{path}: has no users; write one as [[user]] with name and keys")
        try:
            return cls([_read(number, each) for number, each in enumerate(tables, 1)])
        except UsageError as error:
            raise UsageError(f"{path}: {error}") from error

    def by_access_key(self, access_key: str) -> tuple[User, Credential] | None:
        """Return whose key it is, with the pair."""
        return self._keys.get(access_key)

    def by_id(self, canonical_id: str) -> User | None:
        return self._ids.get(canonical_id)

    def by_email(self, email: str) -> User | None:
        return self._emails.get(email.lower())

    def by_arn(self, arn: str) -> User | None:
        return self._arns.get(arn)


def _once(index: dict[str, Any], key: str, value: object, user: User, field: str) -> None:
    if key in index:
        raise UsageError(f"user {user.name!r}: {field} {key!r} is taken; choose another")
    index[key] = value


def _read(number: int, table: Any) -> User:
    """Return the user of the `number`-th table."""
    name = table.get("name", "") if isinstance(table, dict) else ""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageError(f"user {number}: name {name!r} is no name; use 1 to 64 of A-Z a-z 0-9 _.-")
    for field in table.keys() - _KNOWN:
        raise UsageError(
            f"user {name!r}: {field} is no field; there are {', '.join(sorted(_KNOWN))}"
        )
    for field in _TEXT_FIELDS:
        if not isinstance(table.get(field, ""), str):
            raise UsageError(f"user {name!r}: {field} is {table[field]!r}; write it as text")
    first, *more = _pairs(name, table)
    texts = {field: table[field] for field in _TEXT_FIELDS[1:] if field in table}
    return make_user(name, first.access_key, first.secret_key, more=more, **texts)


def _pairs(name: str, table: dict[str, Any]) -> list[Credential]:
    keys = table.get("keys", [])
    if not isinstance(keys, list) or not all(isinstance(each, dict) for each in keys):
        raise UsageError(f"user {name!r}: keys is no list of {{access_key, secret_key}} tables")
    own = [table] if "access_key" in table or "secret_key" in table or not keys else []
    return [_pair(name, each) for each in (*own, *keys)]


def _pair(name: str, table: dict[str, Any]) -> Credential:
    for field in ("access_key", "secret_key"):
        value = table.get(field)
        if not isinstance(value, str):
            raise UsageError(f"user {name!r}: {field} is missing, or no text")
        if field == "access_key" and not _KEY.fullmatch(value):
            raise UsageError(
                f"user {name!r}: access_key {value!r} has / , : or space, or is no 3 to 128 long"
            )
        if not value:
            raise UsageError(f"user {name!r}: secret_key is empty")
    return Credential(table["access_key"], table["secret_key"])
