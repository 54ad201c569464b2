"""Who listens: names, countries, and the three kinds of secret.

Page: docs/spotify/accounts.md
"""
