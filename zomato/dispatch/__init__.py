"""Who fetches which order, decided while orders still come in.

Page: docs/zomato/dispatch.md
"""
