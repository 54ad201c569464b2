"""A small Netflix in one process: for the trace, the tour, and faults.

Page: docs/netflix/index.md
"""
