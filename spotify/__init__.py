"""How Spotify works: a place in the house, and nothing in it yet."""
