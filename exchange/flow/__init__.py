"""Order flow: drawn from a seed, recorded, or reconstructed from a real market's data."""
