"""What there is to hear: artists, albums, tracks, and who may hear them where.

Page: docs/spotify/catalogue.md
"""
