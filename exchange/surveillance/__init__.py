"""Who watches the market: patterns of manipulation in one pass over what happened.

Page: docs/exchange/surveillance.md
"""
