"""A line of a listing: for people, or as facts for programs. Page: docs/s3/client.md"""

from datetime import UTC, datetime

from s3.client.store import Found

UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def facts(found: Found) -> dict[str, object]:
    """Return what is known of an object, or of a prefix that stands for many."""
    if found.is_prefix:
        return {"prefix": found.key}
    modified = datetime.fromtimestamp(found.modified_s, UTC).isoformat(timespec="seconds")
    return {
        "key": found.key,
        "size_bytes": found.size_bytes,
        "modified": modified,
        "etag": found.etag,
    }


def line(found: Found, with_size: bool) -> str:
    """Return date, size if it is wanted, and key."""
    if found.is_prefix:
        return f"{'':16}  {'':>10}  {found.key}"
    modified = datetime.fromtimestamp(found.modified_s).strftime("%Y-%m-%d %H:%M")
    size = f"{human(found.size_bytes):>10}  " if with_size else ""
    return f"{modified}  {size}{found.key}"


def human(size_bytes: int) -> str:
    """Return a size for people, ten columns wide at most: `1.5 MiB`."""
    size, unit = float(size_bytes), 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.0f} B" if unit == 0 else f"{size:.1f} {UNITS[unit]}"
