"""Whether two requests ask for the same: a digest of what they mean, not of how they were written.

Invariant: equal fingerprints, equal JSON values. The order of names makes no difference, the order in a
list does, and neither is 1 true nor "1". Page: docs/chapters/idempotency.md
"""

import hashlib
import json


def fingerprint(body: object) -> str:
    """Return 64 hex digits for a JSON value, however its names are ordered. O(its size)."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
