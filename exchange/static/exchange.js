// The exchange's page: draws what the feed says, and sends what the form says. It keeps no book of
// its own: every depth event is the whole visible depth, so a missed one does no harm.
import { element, everyFrame, find, follow, plot, sparkline, whole } from "/portal/portal.js";

const LEVELS = 12; // a side, in the ladder and the depth chart
const TRADES_MAX = 50; // in the tape
const PRICES_MAX = 300; // in the line of last prices
const ANSWERS_MAX = 4; // under the form
const REACH = 4; // how far from the touch the depth chart goes, in median distances
const REFUSED = ["rejected", "error", "unknown"];
const RESTING = ["accepted", "partially-filled"];

const state = { symbol: document.body.dataset.symbol, seen: 0, volume: 0, known: 0, priced: false, book: null, trades: [], prices: [] };

const form = find("#entry");

// The feed ---------------------------------------------------------------------------------------

function onDepth(depth) {
  state.seen += 1;
  if (depth.symbol !== state.symbol) return;
  state.book = depth;
  suggest();
  draw();
}

function onTrade(trade) {
  state.seen += 1;
  if (trade.symbol !== state.symbol || trade.sequence <= state.known) return;
  state.volume += trade.quantity;
  state.trades.unshift(trade);
  state.trades.length = Math.min(state.trades.length, TRADES_MAX);
  state.prices.push(Number(trade.price));
  if (state.prices.length > PRICES_MAX) state.prices.shift();
  draw();
}

/** Start from what the server knows: on loading, on another symbol, after being away too long. */
async function refresh() {
  const symbol = encodeURIComponent(state.symbol);
  const [book, tape] = await Promise.all([
    getJson(`/api/book/${symbol}?depth=${LEVELS}`),
    getJson(`/api/trades/${symbol}?limit=${TRADES_MAX}`),
  ]);
  // Trades that the stream brought while this was on its way stay; those it repeats are skipped.
  state.known = tape.trades[0]?.sequence ?? 0;
  const newer = state.trades.filter((trade) => trade.symbol === state.symbol && trade.sequence > state.known);
  state.trades = [...newer, ...tape.trades].slice(0, TRADES_MAX);
  if (!state.book || state.book.symbol !== book.symbol || state.book.sequence < book.sequence) state.book = book;
  state.prices = state.trades.map((trade) => Number(trade.price)).reverse();
  state.volume = state.trades.reduce((sum, trade) => sum + trade.quantity, 0);
  suggest();
  draw();
}

/** Put the best price into the form, until somebody writes one there. */
function suggest() {
  const { price, side } = form.elements;
  if (!state.book) return;
  const [best] = (side.value === "buy" ? state.book.bids : state.book.asks)[0] ?? [];
  if (best && !state.priced) price.value = best;
}

async function getJson(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
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
  }
  levels.forEach(([price, quantity, count], index) => {
    const row = body.rows[index];
    row.style.setProperty("--share", `${((quantity / most) * 100).toFixed(1)}%`);
    row.dataset.price = price;
    setText(row.cells[0], whole.format(count));
    setText(row.cells[1], whole.format(quantity));
    setText(row.cells[2], price);
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
  const spread = bid && ask ? (Number(ask) - Number(bid)).toFixed(2) : "–";
  const last = state.trades[0];
  setText(find("#best-bid"), bid ?? "–");
  setText(find("#best-ask"), ask ?? "–");
  setText(find("#spread"), spread);
  setText(find("#gap"), bid || ask ? `spread ${spread}` : "no orders yet");
  setText(find("#last"), last ? `${last.price} ${last.taker_side === "buy" ? "▲" : "▼"}` : "–");
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

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Orders -----------------------------------------------------------------------------------------

function orderOf(fields) {
  const order = {
    account: numberOrText(fields.get("account")),
    client_id: `page-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 6)}`,
    symbol: state.symbol,
    side: fields.get("side"),
    type: fields.get("type"),
    time_in_force: fields.get("time_in_force"),
    post_only: fields.has("post_only"),
    quantity: numberOrText(fields.get("quantity")),
  };
  return order.type === "market" ? order : { ...order, price: fields.get("price").trim() };
}

/** A whole number where it is one; else the text as typed, for the exchange to refuse with its reason. */
function numberOrText(text) {
  return /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = find("button.primary", form);
  const order = orderOf(new FormData(form));
  button.disabled = true;
  try {
    const body = JSON.stringify(order);
    show(order, await send("/api/orders", { method: "POST", body }));
  } finally {
    button.disabled = false;
  }
});

form.elements.price.addEventListener("input", () => (state.priced = true));
form.addEventListener("change", suggest);
form.elements.type.addEventListener("change", ({ target }) => {
  form.elements.price.disabled = target.value === "market";
});

async function send(address, options) {
  const headers = { "Content-Type": "application/json" };
  try {
    const answer = await fetch(address, { ...options, headers });
    return await answer.json();
  } catch {
    return { status: "unknown", reason: "no answer came: the order may have been entered or not" };
  }
}

/** What became of an order, in one line, with a way to take it back while it rests. */
function show(order, answer) {
  const item = element("li", "", REFUSED.includes(answer.status) ? "refused" : "");
  if (RESTING.includes(answer.status)) item.append(cancelButton(order, answer));
  const verdict = answer.reason ? `${answer.status}: ${answer.reason}` : answer.status;
  const code = answer.code === undefined ? "" : ` (${answer.code})`;
  item.append(element("b", `${verdict}${code}`), fillsOf(answer), element("span", said(order), "what"));
  const list = find("#answers");
  list.prepend(item);
  while (list.children.length > ANSWERS_MAX) list.lastElementChild.remove();
}

function said({ side, quantity, symbol, type, price, time_in_force, post_only, account }) {
  const at = type === "market" ? "at market" : `@ ${price}`;
  return `${side} ${quantity} ${symbol} ${at}, ${time_in_force}${post_only ? ", post only" : ""}, account ${account}`;
}

function fillsOf({ reports = [] }) {
  const fills = reports.filter((report) => report.event === "filled");
  return element("span", fills.map(({ quantity, price }) => ` · ${whole.format(quantity)} @ ${price}`).join(""));
}

function cancelButton(order, answer) {
  const button = element("button", "cancel");
  button.type = "button";
  button.addEventListener("click", async () => {
    const query = new URLSearchParams({ account: order.account, symbol: order.symbol });
    show({ ...order, side: `cancel ${order.side}` }, await send(`/api/orders/${answer.order_id}?${query}`, { method: "DELETE" }));
    button.remove();
  });
  return button;
}

// A click on a level takes its price into the form.
for (const body of [find("#asks"), find("#bids")]) {
  body.addEventListener("click", ({ target }) => {
    const row = target.closest("tr");
    if (!row?.dataset.price) return;
    form.elements.price.value = row.dataset.price;
    state.priced = true;
  });
}

find("#symbol").addEventListener("change", ({ target }) => {
  state.symbol = target.value;
  refresh();
});
addEventListener("resize", draw);

function onState(word) {
  const node = find("#state");
  node.dataset.state = word;
  node.textContent = { live: "live", away: "connection lost, trying again", connecting: "connecting" }[word];
  // What happened after the page was loaded and before the stream began would be in neither.
  if (word === "live") refresh().catch(() => onState("away"));
}

follow(document.body.dataset.events, { depth: onDepth, trade: onTrade, reset: refresh }, onState);
refresh().catch(() => onState("away"));
