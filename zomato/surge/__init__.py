"""What a delivery costs when many want one, and who decides it: slowly, and not twice.

Page: docs/zomato/surge.md
"""
