"""The keys that wrap keys: a small key management service on one disk, and the envelope that it fills.

    master      wraps the data keys of SSE-S3
    aws/s3      the KMS key of whoever names none
    <name>      other KMS keys; alias/<name> and arn:…:key/<name> mean the same one

    data key ──wrap──► version ‖ nonce ‖ AES-256-GCM(data key) ‖ tag        kept beside the object

Invariant: a secret never leaves this module, and never changes: rotating a key adds a version, which
wraps from now on, while what older ones wrapped is still opened by them. A store whose key file cannot
be read refuses to start: new keys in its place would be the loss of every object. Nonces are random, so
one version should wrap fewer than 2³² data keys. Cost: some 5 µs a key.
Source: NIST SP 800-38D, section 8.3; AWS KMS, "envelope encryption". Page: docs/s3/encryption.md
"""

import base64
import json
from collections.abc import Iterable
from random import Random

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chapters.sim.disk import Disk, SimDisk, replace
from s3.errors import BadState, Refused

KEY_BYTES = 32
NONCE_BYTES = 12
MASTER = "master"
DEFAULT = "aws/s3"
FILE = "keys"


def wrap(secret: bytes, data_key: bytes, context: bytes, rng: Random) -> str:
    """Return `data_key` sealed under `secret`, as text; `context` must be the same to open it."""
    nonce = rng.randbytes(NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(secret).encrypt(nonce, data_key, context)).decode()


def unwrap(secret: bytes, wrapped: str, context: bytes) -> bytes:
    """Return the data key. Raises `InvalidTag` for another secret, another context or a change."""
    data = base64.b64decode(wrapped)
    return AESGCM(secret).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], context)


class Keys:
    """Named keys on a disk. In production `rng` must be the operating system's, and `disk` private."""

    def __init__(self, *, rng: Random, disk: Disk) -> None:
        self._rng = rng
        self._disk = disk
        self._versions: dict[str, list[bytes]] = self._load()
        for name in (MASTER, DEFAULT):
            self.create(name)

    @classmethod
    def in_memory(cls, seed: int = 0) -> "Keys":
        """Return keys that are the same each time and kept nowhere: for tests."""
        return cls(rng=Random(seed), disk=SimDisk(rng=Random(seed)))

    @property
    def names(self) -> list[str]:
        """The names of the KMS keys."""
        return sorted(self._versions.keys() - {MASTER})

    def create(self, name: str) -> None:
        """Make a key, durably, unless there is one of that name."""
        if name not in self._versions:
            self.rotate(name)

    def rotate(self, name: str) -> None:
        """Add a version to a key, durably; it wraps from now on."""
        fresh = [*self._versions.get(name, ()), self._rng.randbytes(KEY_BYTES)]
        changed = self._versions | {name: fresh}
        replace(self._disk, FILE, _written(changed))
        self._versions = changed

    def resolve(self, text: str) -> str:
        """Return the name of the KMS key that an id, alias or ARN means.

        Raises `KMS.NotFoundException`.
        """
        name = text.rpartition(":")[2] if text.startswith("arn:") else text
        name = name.removeprefix("key/").removeprefix("alias/")
        if name == MASTER or name not in self._versions:
            raise Refused("KMS.NotFoundException", f"There is no key {text!r} in this store")
        return name

    def wrap(self, name: str, data_key: bytes, context: bytes = b"") -> str:
        """Return the data key as only this key opens it again."""
        versions = self._versions[name]
        return f"{len(versions)}.{wrap(versions[-1], data_key, context, self._rng)}"

    def unwrap(self, name: str, wrapped: str, context: bytes = b"") -> bytes:
        """Return the data key. Raises `InternalError`: the key is lost, or the record was changed."""
        version, _, sealed = wrapped.partition(".")
        try:
            return unwrap(self._versions[name][int(version) - 1], sealed, context)
        except (KeyError, IndexError, ValueError, InvalidTag):
            message = f"The object's key cannot be opened by version {version} of key {name!r}"
            raise Refused("InternalError", message) from None

    def _load(self) -> dict[str, list[bytes]]:
        if FILE not in self._disk.names(FILE):
            return {}
        try:
            return _read(json.loads(self._disk.read(FILE)))
        except (ValueError, AttributeError, TypeError) as error:
            raise BadState(
                f"the file {FILE!r} of the key store cannot be read ({error}); "
                "restore it from a backup: without it no encrypted object can be opened"
            ) from None


def _written(versions: dict[str, list[bytes]]) -> bytes:
    table = {
        name: [base64.b64encode(each).decode() for each in of] for name, of in versions.items()
    }
    return json.dumps(table, indent=1).encode()


def _read(table: dict[str, Iterable[str]]) -> dict[str, list[bytes]]:
    found = {
        name: [base64.b64decode(each, validate=True) for each in of] for name, of in table.items()
    }
    if any(len(secret) != KEY_BYTES for of in found.values() for secret in of):
        raise ValueError(f"a key has not {KEY_BYTES} bytes")
    return found
