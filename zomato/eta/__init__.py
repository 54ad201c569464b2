"""When will it be here: minutes as a range that is kept as often as is said.

Page: docs/zomato/eta.md
"""
