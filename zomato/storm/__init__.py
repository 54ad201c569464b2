"""A small town in bad weather: does the money come out right? Page: docs/zomato/money.md"""
