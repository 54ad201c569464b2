"""Whoever waits for food sees where it is: ten thousand at once, in one small process.

Page: docs/zomato/tracking.md
"""
