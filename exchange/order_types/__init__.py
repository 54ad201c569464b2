"""Orders that ask for more than a price: each kind a file, and what one order sets off."""
