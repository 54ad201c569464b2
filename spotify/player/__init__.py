"""The page and its player, in the browser.

Page: docs/spotify/player.md
"""
