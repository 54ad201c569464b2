"""Everybody on one stage, in virtual time: for the trace, the tour and the checks.

Page: docs/spotify/index.md
"""
