"""What to hear next.

Page: docs/spotify/radio.md
"""
