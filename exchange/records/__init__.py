"""What happened, in tables that can be asked: trades, positions, settlement.

Page: docs/exchange/records.md
"""
