"""The object API as a few dictionaries: what every answer should have been.

    photos   a.jpg ──► [ v3: marker, v2: b"…", null: b"…" ]     newest first; the first one is current

An executable reference model: one per cent of the code, and no disk, network or log in it. Whatever the
real store does, it must look like this from outside. `OneKey` is the same for one key without versions,
in the form that the linearizability checker wants.
Source: Bornholt et al., "Using Lightweight Formal Methods to Validate a Key-Value Storage Node in Amazon
S3", SOSP 2021. Page: docs/s3/consistency.md
"""

from dataclasses import dataclass, field, replace
from hashlib import md5

from chapters.checking import JSON
from chapters.linearizability import NotInModel
from s3.records import NULL

OK_200, NO_CONTENT_204, MISSING_404, FAILED_412 = 200, 204, 404, 412


@dataclass(frozen=True, slots=True)
class Kept:
    """A version: its id ("" while the client was not told), its bytes, and its ETag.

    The body of a delete marker is None.
    """

    id: str
    body: bytes | None
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a client asks of the bucket."""

    kind: str  # put, create, replace, multipart, delete, delete-version, versioning, tidy
    key: str = ""
    body: bytes = b""
    match: str = ""  # the ETag of `replace`, the id of `delete-version`, the word of `versioning`

    def __str__(self) -> str:
        return " ".join(filter(None, (self.kind, self.key, self.match[:8])))


@dataclass(slots=True)
class BucketModel:
    """One bucket."""

    versioning: str = ""
    keys: dict[str, tuple[Kept, ...]] = field(default_factory=dict)

    def copy(self) -> "BucketModel":
        """Return a model that changes by itself."""
        return BucketModel(self.versioning, dict(self.keys))

    def current(self, key: str) -> bytes | None:
        """Return what a GET must answer; None is 404."""
        versions = self.keys.get(key, ())
        return versions[0].body if versions else None

    def status(self, act: Act) -> int:
        """Return the status that the act must be answered with."""
        versions = self.keys.get(act.key, ())
        is_there = self.current(act.key) is not None
        match act.kind:
            case "create":
                return FAILED_412 if is_there else OK_200
            case "replace" if not is_there:
                return MISSING_404
            case "replace":
                return OK_200 if versions[0].etag == act.match else FAILED_412
            case "delete" | "delete-version":
                return NO_CONTENT_204
        return OK_200

    def apply(self, act: Act, id: str = "") -> None:
        """Do it, if its condition holds; `id` is the new version's, as far as it is known."""
        if self.status(act) >= MISSING_404:
            return
        match act.kind:
            case "put" | "create" | "replace":
                self._add(act.key, Kept(id, act.body, etag(act.body)))
            case "multipart":
                self._add(act.key, Kept(id, act.body, etag_of_parts(act.body)))
            case "delete" if self.versioning:
                self._add(act.key, Kept(id, None))
            case "delete":
                self.keys.pop(act.key, None)
            case "delete-version":
                kept = (each for each in self.keys.get(act.key, ()) if each.id != act.match)
                self._set(act.key, tuple(kept))
            case "versioning":
                self.versioning = act.match

    def listed(
        self, prefix: str = "", delimiter: str = "", after: str = "", limit: int = 1000
    ) -> list[str]:
        """Return keys, and common prefixes in their place, as a listing must show them."""
        shown: list[str] = []
        for key in sorted(self.keys, key=str.encode):
            if not key.startswith(prefix) or self.current(key) is None:
                continue
            head, found, _ = key[len(prefix) :].partition(delimiter or "\0")
            name = prefix + head + delimiter if delimiter and found else key
            if name > after and name not in shown and len(shown) < limit:
                shown.append(name)
        return shown

    def _add(self, key: str, made: Kept) -> None:
        older = self.keys.get(key, ())
        if self.versioning != "Enabled":
            made = replace(made, id=NULL)
            older = tuple(each for each in older if each.id != NULL)
        self._set(key, (made, *older))

    def _set(self, key: str, versions: tuple[Kept, ...]) -> None:
        if versions:
            self.keys[key] = versions
        else:
            self.keys.pop(key, None)


def etag(body: bytes) -> str:
    """Return the ETag of an object that was put in one piece."""
    return md5(body, usedforsecurity=False).hexdigest()


def etag_of_parts(*bodies: bytes) -> str:
    """Return the ETag of an object that was uploaded in parts: the MD5 of their MD5s, and how many."""
    sums = b"".join(md5(body, usedforsecurity=False).digest() for body in bodies)
    return f"{etag(sums)}-{len(bodies)}"


@dataclass(frozen=True, slots=True)
class OneKey:
    """One key for the checker: its state is its value, None while there is no object.

    ("put", v) → "ok"        ("create", v) → "ok" or "412"      ("replace", old, v) → "ok", "412", "404"
    ("delete",) → "ok"       ("get",) → v or None               ("list",) → v or None
    """

    initial: JSON = None

    def step(self, state: JSON, input: tuple[JSON, ...], output: JSON) -> tuple[bool, JSON]:
        """Return whether that answer is right in this state, and the state after."""
        match input:
            case ("put", value):
                return True, value
            case ("delete",):
                return True, None
            case ("get",) | ("list",):
                return output == state, state
            case ("create", value):
                right = "ok" if state is None else "412"
                return output in (None, right), value if right == "ok" else state
            case ("replace", old, value):
                right = "404" if state is None else "ok" if state == old else "412"
                return output in (None, right), value if right == "ok" else state
        raise NotInModel(f"a key is put, created, replaced, deleted, got and listed; not {input}")
