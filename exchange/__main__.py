"""`python -m exchange` tells the story."""

from exchange.story import demo

demo()
