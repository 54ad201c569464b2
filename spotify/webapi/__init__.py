"""An API in the shape of Spotify's own, so that programs written for that one work on this.

Page: docs/spotify/webapi.md
"""
