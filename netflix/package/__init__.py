"""From renditions to a published title: boxes, segments, manifests, locks.

Page: docs/netflix/package.md
"""
