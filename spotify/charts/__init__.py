"""What is heard most, this week and here.

Page: docs/spotify/charts.md
"""
