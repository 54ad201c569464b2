"""The FIX 4.4 gateway: how brokers' programs hand in orders, and hear of every fill exactly once.

Page: docs/exchange/fix.md
"""
