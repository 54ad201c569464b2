"""How Spotify works: music before you notice the delay.

Page: docs/spotify/index.md
"""
