"""The town behind the page: the order process, those whom it deals with, and the riders of a day.

Page: docs/zomato/serve.md
"""
