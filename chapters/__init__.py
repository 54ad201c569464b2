"""The course: one folder per building block, and the `kit` command that runs them."""
