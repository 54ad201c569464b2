"""A whole city for a day, on the handlers that run in earnest. Page: docs/zomato/city.md"""
