"""How Zomato works: tap "Place Order".

Page: docs/zomato/index.md
"""
