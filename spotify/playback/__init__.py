"""What a player has, what it fetches next, and when it sounds.

Page: docs/spotify/playback.md
"""
