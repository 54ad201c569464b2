"""From the cart to the door, and the money with it: nothing is lost, nothing is done twice.

Page: docs/zomato/ordering.md
"""
