"""What was heard: plays come in, each counts once, and what cannot be right is kept apart.

Page: docs/spotify/events.md
"""
