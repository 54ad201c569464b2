"""Recommendations: what people like who liked what you liked. Page: docs/chapters/recommend.md"""
