"""Music that is computed: composed, played, mixed, and written with tags and covers.

Page: docs/spotify/studio.md
"""
