"""What a page is told: quotes, depth, candles and trades, at the pace of each reader.

Page: docs/exchange/market-data.md
"""
