"""How Zomato works: a place in the house, and nothing in it yet."""
