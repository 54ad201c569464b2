"""What keeps play working when something else does not: limits, priorities, hedges, copies, other regions.

Page: docs/netflix/resilience.md
"""
