"""A primary and its standbys: an acknowledged order is on more than one disk, and one machine writes.

Page: docs/exchange/standby.md
"""
