"""`python -m zomato` tells the story."""

from zomato.story import demo

demo()
