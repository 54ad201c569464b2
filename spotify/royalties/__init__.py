"""What is paid for what was heard: a pool a month, divided to the millionth.

Page: docs/spotify/royalties.md
"""
