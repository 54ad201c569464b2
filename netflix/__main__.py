"""`python -m netflix` tells the story."""

from netflix.story import demo

demo()
