// The exchange's page: draws what the feed says, and sends what the form says. It keeps no book of
// its own: every depth event is the whole visible depth, so a missed one does no harm.
import { element, everyFrame, find, follow, plot, sparkline, whole } from "/portal/portal.js";
import { drawCandles, loadCandles, onCandle } from "./candles.js";
import { minePrices, pick, refreshOrders, suggest } from "./desk.js";
import { getJson, setText, state } from "./floor.js";
import { HeatMap } from "./heat.js";
import { refreshMarket } from "./session.js";

const LEVELS = 12; // a side, in the ladder and the depth chart
const SEEN = 40; // a side, on the heat map
const TRADES_MAX = 50; // in the tape
const PRICES_MAX = 300; // in the line of last prices
const MARKS = { buy: "▲", sell: "▼" }; // who took; in an auction nobody did
const REACH = 4; // how far from the touch the depth chart goes, in median distances

const heat = new HeatMap(find("#heat"), find("#heat-says"), pick);

// The feed ---------------------------------------------------------------------------------------

function onDepth(depth) {
  state.seen += 1;
  if (depth.symbol !== state.symbol) return;
  state.book = depth;
  heat.depth(depth);
  refreshOpen();
  suggest();
  draw();
}

/** Whatever happens in the book may have happened to one's own orders. */
function refreshOpen() {
  if (state.mine.some((order) => order.open)) refreshOrders();
}

function onTrade(trade) {
  state.seen += 1;
  if (trade.symbol !== state.symbol || trade.sequence <= state.known) return;
  state.volume += trade.quantity;
  state.trades.unshift(trade);
  state.trades.length = Math.min(state.trades.length, TRADES_MAX);
  state.prices.push(Number(trade.price));
  if (state.prices.length > PRICES_MAX) state.prices.shift();
  heat.trade(trade);
  refreshOpen();
  draw();
}

function onMarket(said) {
  state.seen += 1;
  if (said.symbol !== state.symbol) return;
  refreshMarket();
  refreshOrders();
}

/** Start from what the server knows: on loading, on another symbol, after being away too long. */
async function refresh() {
  const symbol = encodeURIComponent(state.symbol);
  refreshMarket();
  refreshOrders();
  loadCandles().catch(() => {});
  const [book, tape, seen] = await Promise.all([
    getJson(`/api/book/${symbol}?depth=${SEEN}`),
    getJson(`/api/trades/${symbol}?limit=${TRADES_MAX}`),
    getJson(`/api/heat/${symbol}`),
  ]);
  // Trades that the stream brought while this was on its way stay; those it repeats are skipped.
  state.known = tape.trades[0]?.sequence ?? 0;
  const newer = state.trades.filter((trade) => trade.symbol === state.symbol && trade.sequence > state.known);
  state.trades = [...newer, ...tape.trades].slice(0, TRADES_MAX);
  if (!state.book || state.book.symbol !== book.symbol || state.book.sequence < book.sequence) state.book = book;
  state.prices = state.trades.map((trade) => Number(trade.price)).reverse();
  state.volume = state.trades.reduce((sum, trade) => sum + trade.quantity, 0);
  heat.load(seen);
  heat.depth(state.book);
  suggest();
  draw();
}

// Drawing ----------------------------------------------------------------------------------------

const draw = everyFrame(() => {
  if (state.book) {
    drawLadder(state.book);
    drawDepth(state.book);
    drawTicker(state.book);
  }
  drawTape(state.trades);
  sparkline(find("#spark"), state.prices);
});

function drawLadder({ bids, asks }) {
  const most = Math.max(1, ...[...bids, ...asks].map(([, quantity]) => quantity));
  fill(find("#asks"), asks.slice(0, LEVELS).reverse(), most);
  fill(find("#bids"), bids.slice(0, LEVELS), most);
}

/** Reuse the rows: a table that is built anew twenty times a second cannot be clicked. */
function fill(body, levels, most) {
  while (body.rows.length > levels.length) body.deleteRow(-1);
  while (body.rows.length < levels.length) {
    const row = body.insertRow();
    for (let cell = 0; cell < 3; cell += 1) row.insertCell();
    const button = element("button");
    button.type = "button";
    button.title = "take this price into the form";
    row.cells[2].append(button);
  }
  const mine = minePrices();
  levels.forEach(([price, quantity, count], index) => {
    const row = body.rows[index];
    row.style.setProperty("--share", `${((quantity / most) * 100).toFixed(1)}%`);
    const own = mine.has(price);
    setText(row.cells[0], `${own ? "◆ " : ""}${whole.format(count)}`);
    setText(row.cells[1], whole.format(quantity));
    const button = row.cells[2].firstChild;
    setText(button, price);
    row.classList.toggle("mine", own);
  });
}

function drawDepth({ bids, asks }) {
  const reach = REACH * median([...distances(bids), ...distances(asks)]);
  const series = [
    { points: addedUp(near(bids, reach)).reverse(), kind: "buy" },
    { points: addedUp(near(asks, reach)), kind: "sell" },
  ].map((each) => ({ ...each, steps: true, area: true }));
  plot(find("#depth"), series, { height: 210, yLabel: "shares", xLabel: "price", xText: (price) => price.toFixed(2) });
}

/** One order far from the touch must not squeeze the rest of the chart into a line. */
const near = (levels, reach) => levels.filter((_, index) => distances(levels)[index] <= reach);
const distances = (levels) => levels.map(([price]) => Math.abs(Number(price) - Number(levels[0][0])));
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

function addedUp(levels) {
  let sum = 0;
  return levels.map(([price, quantity]) => [Number(price), (sum += quantity)]);
}

function drawTicker({ bids, asks, sequence }) {
  const [bid, ask] = [bids[0]?.[0], asks[0]?.[0]];
  const apart = Number(ask) - Number(bid);
  const spread = bid && ask ? (apart > 0 ? apart.toFixed(2) : "crossed") : "–";
  const last = state.trades[0];
  setText(find("#best-bid"), bid ?? "–");
  setText(find("#best-ask"), ask ?? "–");
  setText(find("#spread"), spread);
  setText(find("#gap"), bid || ask ? (spread === "crossed" ? "orders cross: an auction" : `spread ${spread}`) : "no orders yet");
  setText(find("#last"), last ? `${last.price} ${MARKS[last.taker_side] ?? ""}` : "–");
  find("#last").className = last?.taker_side ?? "";
  setText(find("#volume"), whole.format(state.volume));
  setText(find("#sequence"), whole.format(sequence));
  setText(find("#seen"), whole.format(state.seen));
}

function drawTape(trades) {
  find("#quiet").hidden = trades.length > 0;
  find("#trades").replaceChildren(
    ...trades.map(({ price, quantity, taker_side, sequence }) => {
      const row = element("tr");
      const cells = [price, whole.format(quantity), taker_side, whole.format(sequence)];
      row.append(...cells.map((text, index) => element("td", text, index % 2 ? "" : taker_side)));
      return row;
    }),
  );
}

// A click on a level takes its price into the form.
for (const body of [find("#asks"), find("#bids")]) {
  body.addEventListener("click", ({ target }) => {
    const price = target.closest("tr")?.cells[2].textContent;
    if (price) pick(price);
  });
}

find("#symbol").addEventListener("change", ({ target }) => {
  state.symbol = target.value;
  refresh();
});
addEventListener("resize", () => {
  draw();
  drawCandles();
});

function onState(word) {
  const node = find("#state");
  node.dataset.state = word;
  node.textContent = { live: "live", away: "connection lost, trying again", connecting: "connecting" }[word];
  // What happened after the page was loaded and before the stream began would be in neither.
  if (word === "live") refresh().catch(() => onState("away"));
}

follow(document.body.dataset.events, { depth: onDepth, trade: onTrade, candle: onCandle, market: onMarket, reset: refresh }, onState);
refresh().catch(() => onState("away"));
