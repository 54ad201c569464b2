"""Idempotency: asked twice, done once. Page: docs/chapters/idempotency.md"""

from chapters.idempotency.errors import BadKey, KeyReused
from chapters.idempotency.fingerprint import fingerprint
from chapters.idempotency.once import forget, once, tables

__all__ = ["once", "forget", "fingerprint", "tables", "KeyReused", "BadKey"]
