"""A primary, its standbys and their clients in bad weather. Page: docs/exchange/standby.md"""
