"""After the trade: who owes what, netted, and then shares against cash, both or neither.

Page: docs/exchange/clearing.md
"""
