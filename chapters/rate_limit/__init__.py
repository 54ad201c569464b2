"""Rate limits: how fast, and how much at once. Page: docs/chapters/rate_limit.md"""
