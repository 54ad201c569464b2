"""What can go wrong in the service.

    KitError
    └── UsageError
        └── BadFile         a file of an instance or a solution that cannot be read, with line and field

Page: docs/zomato/index.md
"""

from chapters.errors import UsageError


class BadFile(UsageError):
    """The message names the file, the line, the field, and what it should be."""
