"""The phases of a trading day: auctions, halts, bands and breakers."""
