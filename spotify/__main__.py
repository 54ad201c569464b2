"""`python -m spotify` tells the story."""

from spotify.story import demo

demo()
