"""Restaurants, their menus and hours, and what people say of them.

Page: docs/zomato/catalog.md
"""

from zomato.catalog.catalog import Catalog, Change
from zomato.catalog.hours import Hours, Span
from zomato.catalog.restaurant import Item, Restaurant, is_open
from zomato.catalog.reviews import Rating

__all__ = ["Catalog", "Change", "Hours", "Span", "Item", "Restaurant", "Rating", "is_open"]
