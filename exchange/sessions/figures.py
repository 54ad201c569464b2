"""The drawings of the pages on auctions and halts: each runs the real code and draws what it did.

Page: docs/exchange/auctions.md
"""

from random import Random

from chapters.measure.plot import Axes, lines
from chapters.sim.promises import Series
from exchange.control import Rules
from exchange.order_json import price_text
from exchange.orders import BUY, NO_LIMIT, SELL
from exchange.sessions.auction import Curve, indicate
from exchange.sessions.panic import VALUE, Panic, Trouble

DEMAND = [(NO_LIMIT, 70), (1010, 90), (1004, 60), (990, 40)]
SUPPLY = [(-NO_LIMIT, 40), (996, 30), (1008, 100), (1015, 60)]
REFERENCE = 1000
LOW, HIGH = 986, 1019  # ticks, the visible part
WIDTH, HEIGHT, LEFT, FLOOR = 640, 300, 40, 250
LOTS_TOP = 280  # lots at the upper edge
INK, FAINT = "currentColor", "var(--kit-muted, #777)"
BLUE, RED = "var(--kit-series-1, #2f6fb3)", "var(--kit-series-2, #c2571a)"


def curves() -> str:
    """Draw what buyers and sellers would trade at each price, and where the auction comes to rest."""
    demand, supply = Curve(BUY, DEMAND), Curve(SELL, SUPPLY)
    found = indicate(demand, supply, REFERENCE)
    assert found is not None
    x, y = _x(found.price), _y(found.quantity)
    parts = [
        _steps(demand, BLUE, ""),
        _steps(supply, RED, "6 3"),
        f'<path d="M{x:.0f} 20V{FLOOR}M{LEFT} {y:.0f}H{x:.0f}" stroke="{FAINT}" '
        f'stroke-dasharray="2 4" fill="none"/><circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{INK}"/>',
        _text(_x(LOW) + 6, _y(demand.at(LOW)) - 8, "demand: buyers at this price", BLUE),
        _text(_x(HIGH) - 6, _y(supply.at(HIGH)) - 8, "supply: sellers at this price", RED, "end"),
        _text(
            x, 14, f"{price_text(found.price)}: {found.quantity} lots, {found.imbalance:+d}", INK
        ),
        *(_tick(price) for price in range(LOW + 4, HIGH, 10)),
        f'<path d="M{LEFT} {FLOOR}H{WIDTH}M{LEFT} {FLOOR}V20" stroke="{FAINT}" fill="none"/>',
        *(_text(LEFT - 6, _y(lots) + 4, str(lots), FAINT, "end") for lots in (0, 100, 200)),
        _text(LEFT, HEIGHT - 4, "price; upwards: lots, market orders included", FAINT, "start"),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'width="{WIDTH}" font-family="var(--kit-font, system-ui, sans-serif)" font-size="12">'
        f"<title>Demand and supply of an auction</title>{''.join(parts)}</svg>"
    )


def _steps(curve: Curve, colour: str, dash: str) -> str:
    """Return a curve over the visible ticks; each tick is as wide as the others."""
    path = f"M{_x(LOW):.1f} {_y(curve.at(LOW)):.1f}"
    for price in range(LOW, HIGH + 1):
        path += f"V{_y(curve.at(price)):.1f}H{_x(price + 1):.1f}"
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'


def _tick(price: int) -> str:
    return _text(_x(price), FLOOR + 18, price_text(price), FAINT)


def _x(price: float) -> float:
    return LEFT + (price - LOW) * (WIDTH - LEFT) / (HIGH + 1 - LOW)


def _y(lots: float) -> float:
    return FLOOR - lots * (FLOOR - 30) / LOTS_TOP


def _text(x: float, y: float, words: str, colour: str, anchor: str = "") -> str:
    where = anchor or ("start" if x < WIDTH / 3 else "middle")
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}" text-anchor="{where}">{words}</text>'


def crash(seed: int = 7) -> str:
    """Draw the price of a flash crash, without bands and with them."""
    plain = Rules(reference_price=VALUE)
    series = []
    for name, rules in (("no bands", plain), ("bands of 5 %", plain._replace(band_bp=500))):
        day = Panic(rules, Trouble(), rng=Random(seed)).run()
        series.append(Series(name, "price", tuple(day.path(20))))
    return lines(Axes("A large seller, and makers who go home", "minutes", "lowest price"), *series)
