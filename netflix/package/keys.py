"""The key of a title: derived from one secret, so that no list of keys has to be kept anywhere.

    key     = HMAC-SHA-256(secret, "key/" + title)[:16]
    key id  = HMAC-SHA-256(secret, "id/" + title)[:16]       public: it is in the manifest and in the file

Invariant: the id tells nothing of the key, and a title's key tells nothing of another's.
Page: docs/netflix/encryption.md
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256

KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class ContentKey:
    """An AES-128 key and its public name."""

    key_id: bytes
    key: bytes

    @classmethod
    def derive(cls, secret: bytes, title: str) -> "ContentKey":
        """Return the key of a title."""
        return cls(key_id=_part(secret, f"id/{title}"), key=_part(secret, f"key/{title}"))


def _part(secret: bytes, words: str) -> bytes:
    return hmac.new(secret, words.encode(), sha256).digest()[:KEY_BYTES]
