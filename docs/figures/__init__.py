"""The site's drawings: each function returns one, as SVG."""
