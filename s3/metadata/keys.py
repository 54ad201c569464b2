"""Where things stand in the ordered key space, so that every question is one range.

    b/photos                         the bucket
    o/photos␀a/b.jpg                 the current version of an object: one key an object to list
    v/photos␀a/b.jpg␀<order>         its older versions, newest first
    u/photos␀a/b.jpg␀<upload>        an upload in progress         p/<upload>␀00007   its part 7
    d/<blob>                         the bytes of a small object
    g/<blob>                         bytes that nothing refers to any more, to be deleted
    e/<time><salt>                   an event to tell of        r/<age><version>   a version to copy

Keys sort as bytes of UTF-8, which is the order in which S3 lists. ␀ is the byte 0: it sorts before
all others, so the versions of `a` stand before those of `ab`; a key that holds it is refused.
Page: docs/s3/metadata.md
"""

END = b"\xff"  # no UTF-8 has this byte, so it ends a range


def bucket_key(bucket: str) -> bytes:
    """The bucket's own record."""
    return b"b/" + bucket.encode()


def object_key(bucket: str, key: str) -> bytes:
    """The current version of an object."""
    return b"o/" + bucket.encode() + b"\0" + key.encode()


def version_key(bucket: str, key: str, order: str = "") -> bytes:
    """An older version; without `order` what all older versions of the key begin with."""
    return b"v/" + bucket.encode() + b"\0" + key.encode() + b"\0" + order.encode()


def upload_key(bucket: str, key: str = "", upload: str = "") -> bytes:
    """An upload in progress."""
    return (
        b"u/" + bucket.encode() + b"\0" + key.encode() + (b"\0" + upload.encode() if key else b"")
    )


def part_key(upload: str, number: int | None = None) -> bytes:
    """A part of an upload; without a number what all its parts begin with."""
    return b"p/" + upload.encode() + b"\0" + (b"" if number is None else b"%05d" % number)


def small_key(blob: str) -> bytes:
    """The bytes of a small blob: see small.py."""
    return b"d/" + blob.encode()


def garbage_key(blob: str) -> bytes:
    """A blob that may be deleted."""
    return b"g/" + blob.encode()


def waiting_key(kind: str, order: str = "") -> bytes:
    """What follows from a write, and is yet to be done: `e` events, `r` replication; oldest first."""
    return kind.encode() + b"/" + order.encode()


def after(prefix: bytes) -> bytes:
    """Return the end of the range of all keys that begin with `prefix`."""
    return prefix + END
