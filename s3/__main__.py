"""`python -m s3` tells the story."""

from s3.story import demo

demo()
