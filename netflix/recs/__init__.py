"""What to put before whom: rows, pictures, and whether a change was one for the better.

Page: docs/netflix/rows.md
"""
