"""The bytes' way to the viewer: origin, edges, who holds what, and which edge to ask.

Page: docs/netflix/edges.md
"""
