"""The public feed: every order in a few bytes, sent once to all, and what helps whoever missed some.

Page: docs/exchange/feed.md
"""
