"""The page: a map without tiles, drawn from the town.

Page: docs/zomato/serve.md
"""
