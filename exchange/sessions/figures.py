"""The drawings of the pages on auctions and halts: each runs the real code and draws what it did.

Page: docs/exchange/auctions.md
"""

from random import Random

from chapters.measure.plot import Axes, lines, steps
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


def curves() -> str:
    """Draw what buyers and sellers would trade at each price; the title says what the auction comes to."""
    demand, supply = Curve(BUY, DEMAND), Curve(SELL, SUPPLY)
    found = indicate(demand, supply, REFERENCE)
    assert found is not None
    axes = Axes(
        f"At {price_text(found.price)}: {found.quantity} lots, {found.imbalance:+d} left over",
        f"price, in ticks from {price_text(REFERENCE)}",
        "lots, market orders included",
    )
    drawn = (("demand: buyers at this price", demand), ("supply: sellers at this price", supply))
    return steps(
        axes,
        *(
            Series(name, "lots", tuple((p - REFERENCE, curve.at(p)) for p in range(LOW, HIGH + 1)))
            for name, curve in drawn
        ),
    )


def crash(seed: int = 7) -> str:
    """Draw the price of a flash crash, without bands and with them."""
    plain = Rules(reference_price=VALUE)
    series = []
    for name, rules in (("no bands", plain), ("bands of 5 %", plain._replace(band_bp=500))):
        day = Panic(rules, Trouble(), rng=Random(seed)).run()
        series.append(Series(name, "price", tuple(day.path(20))))
    return lines(Axes("A large seller, and makers who go home", "minutes", "lowest price"), *series)
