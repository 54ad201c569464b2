"""What can go wrong between the town, its gateways, and those who follow an order.

    KitError
    └── Definite
        ├── BadFact         a line of the town that is none: the connection is begun anew
        └── Refused         a request that gets no stream: 400, 404, 405, 431, 503

Page: docs/zomato/tracking.md
"""

from chapters.errors import Definite


class BadFact(Definite):
    """Nothing was published."""
