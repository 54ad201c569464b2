"""Search as you type: artists, albums and songs, the well-liked ones first, mistakes forgiven.

Page: docs/spotify/search.md
"""
