"""Eleven nines: how likely it is to lose an object, by a chain, by counting, and with shared causes.

Page: docs/s3/durability.md
"""
