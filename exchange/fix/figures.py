"""A message taken apart, drawn: what its length counts, and what its sum.

Page: docs/exchange/fix.md
"""

from exchange.fix.framing import checksum, encode

BODY = b"35=0\x0134=2\x0149=ADA\x0152=20261128-09:30:00\x0156=KIT\x01"
CELL, LEFT, TOP, HEIGHT = 9.0, 10, 46, 30
INK, FAINT = "currentColor", "var(--kit-muted, #777)"


def envelope() -> str:
    """Return the SVG: a heartbeat's bytes, with brackets for the length and the sum."""
    frame = encode(b"FIX.4.4", BODY).decode("latin-1").replace("\x01", "|")
    body = frame.index("35=")
    trailer = frame.index("|10=") + 1
    summed = checksum(encode(b"FIX.4.4", BODY)[:trailer])
    width = LEFT * 2 + CELL * len(frame)
    parts = [
        f'<text x="{LEFT}" y="{TOP + 20}" font-family="monospace" font-size="15" fill="{INK}" '
        f'textLength="{CELL * len(frame):.0f}" xml:space="preserve">{frame}</text>',
        _bracket(body, trailer, TOP - 6, -1, f"tag 9: {trailer - body} bytes"),
        _bracket(0, trailer, TOP + HEIGHT + 4, 1, f"tag 10: their sum modulo 256, {summed}"),
    ]
    title = "A message: the length counts its body, the sum all before tag 10"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} 112" role="img" '
        f'width="{width:.0f}" font-family="var(--kit-font, system-ui, sans-serif)">'
        f"<title>{title}</title>{''.join(parts)}</svg>"
    )


def _bracket(start: int, end: int, y: float, way: int, words: str) -> str:
    left, right = LEFT + CELL * start, LEFT + CELL * end
    label_y = y + (22 if way > 0 else -12)
    return (
        f'<path d="M{left:.0f} {y}v{6 * way}H{right:.0f}v{-6 * way}" fill="none" stroke="{FAINT}"/>'
        f'<text x="{(left + right) / 2:.0f}" y="{label_y}" text-anchor="middle" font-size="14" '
        f'fill="{INK}">{words}</text>'
    )
