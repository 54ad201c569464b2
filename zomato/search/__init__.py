"""Which restaurant, for these words, at this place and hour: discovery, a little behind the truth.

Page: docs/zomato/search.md
"""
