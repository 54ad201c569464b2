"""What listeners keep: likes, ratings, and the queue that they left off at.

Page: docs/spotify/accounts.md
"""
