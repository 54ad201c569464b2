"""What an account may do: its limits, its cash and shares, the checks before an order is let in."""
