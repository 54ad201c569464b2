"""Bandits: learn which is best while you choose. Page: docs/chapters/bandit.md"""
