"""From the origin over an edge to the player: ranges of files, signed addresses, and who has which track.

Page: docs/spotify/delivery.md
"""
