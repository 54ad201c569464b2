"""Where something is: `s3://bucket/key`, or a path on this machine.

A key is any text and a path is not: `../../etc/passwd` is a fine key. Invariant: what is downloaded
by prefix lands under the folder that was named, or not at all. Page: docs/s3/client.md
"""

from dataclasses import dataclass
from pathlib import Path

from s3.client.errors import BadPlace

SCHEME = "s3://"


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, and in it a key or the beginning of keys; "" is the whole bucket."""

    bucket: str
    key: str = ""

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.key}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """Return the place that `s3://bucket/key` names. Raises `BadPlace`."""
        bucket, _, key = text.removeprefix(SCHEME).partition("/")
        if not text.startswith(SCHEME) or not bucket:
            raise BadPlace(f"{text!r} is no place in the store; write it as s3://bucket/key")
        return cls(bucket, key)

    def folder(self) -> "Place":
        """Return the place with its key as a folder: ended by a slash, unless it is the bucket."""
        return Place(self.bucket, self.key and self.key.rstrip("/") + "/")

    def named(self, name: str) -> "Place":
        """Return where `name` goes when this is a bucket or a folder; else this place itself."""
        is_folder = not self.key or self.key.endswith("/")
        return Place(self.bucket, self.key + name) if is_folder else self


Anywhere = Place | Path


def anywhere(text: str) -> Anywhere:
    """Return the place, in the store or on this machine, that the words name."""
    return Place.read(text) if text.startswith(SCHEME) else Path(text)


def file_below(folder: Path, name: str) -> Path:
    """Return the file under `folder` that a key's rest names. Raises `BadPlace` if it would not be."""
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\0" in name:
        raise BadPlace(
            f"key {name!r} can be no path below {folder}; fetch it alone: kit s3 cp s3://… FILE"
        )
    return folder.joinpath(*parts)
