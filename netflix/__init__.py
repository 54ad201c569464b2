"""How Netflix works: from a video file to a browser that plays it, and what happens in between."""
