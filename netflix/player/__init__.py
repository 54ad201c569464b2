"""The page of `kit serve netflix`, and its player: templates and scripts.

Page: docs/netflix/player.md
"""
