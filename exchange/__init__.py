"""How a stock exchange works: orders in, trades out, and nothing acknowledged is ever lost."""

from exchange.native import use_if_asked

use_if_asked()
