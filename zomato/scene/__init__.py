"""A town that is made up: for stories, tests, and whoever has no real one at hand.

Page: docs/zomato/index.md
"""
