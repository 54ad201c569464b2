"""Playlists that several people edit at once, some of them without a network.

Page: docs/spotify/playlists.md
"""
