"""The verbs of the `kit` command: each parses, calls one function and renders the result."""
