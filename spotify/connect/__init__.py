"""One listener, several devices, and sound from one of them.

Page: docs/spotify/connect.md
"""
