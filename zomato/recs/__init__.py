"""What to put before whom, and at which hour.

Page: docs/zomato/recs.md
"""
