"""From a folder of music files to albums that can be played.

Page: docs/spotify/ingest.md
"""
