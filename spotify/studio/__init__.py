"""Music that is computed, so that the kit has some: composed, played, mixed, and written with tags and
covers.

Page: docs/spotify/studio.md
"""
