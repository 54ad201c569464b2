"""The heat map: lots × time, whatever the looks; and the exchange's own past for a page."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from exchange.floor.crowd import Flow
from exchange.floor.heat import COLUMN_NS, COLUMNS_MAX, HeatMap, drawn, shares
from exchange.floor.pit import Pit
from exchange.floor.regimes import REGIMES
from exchange.market_data import DepthLevel, Trade
from exchange.orders import BUY, SELL

times = st.lists(st.integers(0, 40 * COLUMN_NS), min_size=2, max_size=30, unique=True).map(sorted)


@given(times, st.randoms(use_true_random=False))
def test_lots_times_time_is_kept_whatever_the_looks(at, random):
    heat, looks = HeatMap(), [(each, random.randint(0, 900)) for each in at]
    for at_ns, lots in looks:
        heat.look(at_ns, ([DepthLevel(1000, lots, 1)] if lots else [], []), [])
    waited = sum(lots * (until - since) for (since, lots), (until, _) in pairwise(looks))
    drawn_lots = sum(column.bids.get(1000, 0.0) for column in heat.columns)
    assert abs(drawn_lots * COLUMN_NS - waited) <= 1e-6 * (waited + COLUMN_NS)


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_shares_add_up_to_the_stretch_and_none_is_more_than_a_column(one, other):
    since, until = sorted((one, other))
    found = shares(since, until)
    assert len(found) <= COLUMNS_MAX and all(0 < share <= 1 for _, share in found)
    if until - since <= (COLUMNS_MAX - 1) * COLUMN_NS:
        assert abs(sum(share for _, share in found) * COLUMN_NS - (until - since)) < 1_000


def test_only_the_last_columns_are_kept():
    heat = HeatMap()
    for second in range(1_000):
        heat.look(second * 2 * COLUMN_NS, ([DepthLevel(1000, 1, 1)], []), [])
    assert len(heat.columns) == COLUMNS_MAX
    assert heat.columns[-1].number == 1_998


def test_a_trade_is_in_one_column_once():
    heat = HeatMap()
    trades = [Trade(5, 1000, 3, BUY), Trade(6, 1001, 4, SELL)]
    heat.look(0, ([], []), trades[:1])
    heat.look(COLUMN_NS, ([], []), trades)
    assert [[each.sequence for each in column.trades] for column in heat.columns] == [[5], [6]]


def test_a_page_is_told_whole_lots_best_prices_and_the_time():
    heat = HeatMap()
    heat.look(0, ([DepthLevel(999, 10, 1)], [DepthLevel(1001, 20, 2)]), [Trade(1, 999, 3, SELL)])
    heat.look(COLUMN_NS // 2, ([DepthLevel(999, 30, 1)], []), [])
    heat.look(COLUMN_NS, ([], []), [])
    said = heat.json(COLUMN_NS)
    assert (said["now"], said["column_ms"]) == (1.0, 500)
    first = said["columns"][0]
    assert first["bids"] == [(999, 20)] and first["asks"] == [(1001, 10)]
    assert (first["bid"], first["ask"], first["trades"]) == (999, None, [(999, 3, "sell")])


def test_the_text_map_of_a_market_that_rises_goes_up():
    heat, pit = HeatMap(), Pit(Flow(REGIMES["news"].within(20), 7, 80.0))
    for at_ns in range(0, 20 * 10**9, 10**8):
        pit.run(at_ns)
        heat.look(at_ns, pit.depth(40), pit.trades)
    rows = [line.partition("│")[2] for line in drawn(heat)]
    traded = [[row for row, line in enumerate(rows) if line[at] in "▲▼"] for at in (2, 38)]
    assert min(traded[0]) > max(traded[1])
    assert drawn(HeatMap()) == ["  nobody waits"]
