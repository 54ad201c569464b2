"""The OpenSubsonic API: the door through which music players that others wrote come in.

Page: docs/spotify/subsonic.md
"""
