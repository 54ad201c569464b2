"""The page in front of whoever is primary: three processes behind it, each of which may be killed.

Page: docs/exchange/standby.md
"""
