"""The control plane: who may watch what, how, from where, and where they were.

Page: docs/netflix/play.md
"""
