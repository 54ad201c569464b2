"""Other ways to keep the levels of a book, and the flows that bring each to its knees."""
