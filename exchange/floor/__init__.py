"""The trading floor: who trades in which mood, what is seen of it, and how much of it there can be.

Page: docs/exchange/regimes.md
"""
