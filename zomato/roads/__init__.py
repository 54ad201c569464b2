"""How long from here to there by road, asked a hundred thousand times.

Page: docs/zomato/roads.md
"""
