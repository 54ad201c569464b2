"""How Amazon S3 works: a place in the house, and nothing in it yet."""
