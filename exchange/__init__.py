"""How a stock exchange works: orders in, trades out, and nothing acknowledged is ever lost."""
