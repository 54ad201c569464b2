"""Caches: what to keep when not everything fits. Page: docs/chapters/cache.md"""
