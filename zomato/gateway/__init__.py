"""The payment company: a stranger, reached over a line that loses and repeats. Page:
docs/zomato/money.md
"""
