"""Music without a network: encrypted on the device, for as long as a licence says.

Page: docs/spotify/offline.md
"""
