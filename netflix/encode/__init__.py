"""From a file to renditions: probe, cut, encode, choose a ladder.

Page: docs/netflix/encode.md
"""
