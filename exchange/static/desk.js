// The desk of one account: enter an order, see what became of it, change it, take it back.
import { element, find, whole } from "/portal/portal.js";
import { account, calmly, form, getJson, numberOrText, send, show, state } from "./floor.js";

const REFRESH_MS = 600; // the account's orders are asked for at most that often
const MARKS = { waiting: "◷", resting: "○", "partly filled": "◐", filled: "●", canceled: "✕" };

let priced = false; // somebody has written a price
let changing = null; // the order whose quantity and price are being written

// Entry ------------------------------------------------------------------------------------------

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
  if (order.type !== "market") order.price = fields.get("price").trim();
  // What was not written is not asked for.
  for (const name of ["stop_price", "peg"]) if (fields.get(name)?.trim()) order[name] = fields.get(name).trim();
  if (fields.get("display")?.trim()) order.display = numberOrText(fields.get("display"));
  return order;
}

function said({ side, quantity, symbol, type, price, time_in_force, post_only, stop_price, display, peg, account: owner }) {
  const at = type === "market" ? "at market" : `@ ${price}`;
  const terms = [
    time_in_force,
    post_only && "post only",
    stop_price && `stop ${stop_price}`,
    display !== undefined && `shows ${display}`,
    peg && `pegged to ${peg}`,
    `account ${owner}`,
  ];
  return `${side} ${quantity} ${symbol} ${at}, ${terms.filter(Boolean).join(", ")}`;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = find("button.primary", form);
  const order = orderOf(new FormData(form));
  button.disabled = true;
  try {
    show(said(order), await send("POST", "/api/orders", order));
  } finally {
    button.disabled = false;
  }
  refreshOrders();
});

form.elements.price.addEventListener("input", () => (priced = true));
form.addEventListener("change", () => {
  form.elements.price.disabled = form.elements.type.value === "market";
  for (const button of form.querySelectorAll("button.primary")) button.textContent = verb();
  suggest();
});
form.elements.account.addEventListener("change", () => {
  state.mine = [];
  drawOrders();
  refreshOrders();
});

const verb = () => (form.elements.side.value === "buy" ? "Place the order: buy" : "Place the order: sell");

/** Put the best price into the form, until somebody writes one there. */
export function suggest() {
  if (!state.book || priced) return;
  const [best] = (form.elements.side.value === "buy" ? state.book.bids : state.book.asks)[0] ?? [];
  if (best) form.elements.price.value = best;
}

/** Take a price that somebody pointed at. */
export function pick(price) {
  form.elements.price.value = price;
  priced = true;
}

// Own orders -------------------------------------------------------------------------------------

export const refreshOrders = calmly(async () => {
  if (!/^\d{1,15}$/.test(account()) || Number(account()) < 1) return;
  const query = new URLSearchParams({ symbol: state.symbol });
  const found = await getJson(`/api/accounts/${account()}/orders?${query}`);
  if (String(found.account) !== account()) return; // another one was chosen meanwhile
  state.mine = found.orders;
  drawOrders();
}, REFRESH_MS);

/** The prices at which the account's orders wait. */
export const minePrices = () => new Set(state.mine.filter((order) => order.open).map((order) => order.price));

function drawOrders() {
  find("#nothing").hidden = state.mine.length > 0;
  find("#cancel-all").disabled = !state.mine.some((order) => order.open);
  if (changing !== null && state.mine.some((order) => order.order_id === changing && order.open)) return;
  changing = null;
  find("#orders").replaceChildren(...state.mine.map(rowOf));
}

function rowOf(order) {
  const row = element("tr", "", order.open ? "open" : "over");
  const stateCell = element("td", `${MARKS[order.state]} ${order.state}`, "state-word");
  if (order.reason) stateCell.append(element("span", order.reason.replaceAll("-", " "), "note"));
  const cells = [
    element("td", `#${order.order_id}`),
    element("td", order.side, order.side),
    element("td", order.price ?? "market"),
    element("td", `${whole.format(order.filled)} of ${whole.format(order.quantity)}`),
    stateCell,
  ];
  row.append(...cells, order.open ? actions(order, row) : element("td"));
  return row;
}

function actions(order, row) {
  const cell = element("td", "", "actions");
  cell.append(
    button("change", `Change order ${order.order_id}`, () => edit(order, row)),
    button("cancel", `Cancel order ${order.order_id}`, () => cancel(order)),
  );
  return cell;
}

function button(text, name, act) {
  const node = element("button", text);
  node.type = "button";
  node.setAttribute("aria-label", name);
  node.addEventListener("click", act);
  return node;
}

async function cancel({ order_id, side, price }) {
  const query = new URLSearchParams({ account: account(), symbol: state.symbol });
  show(`cancel ${side} #${order_id} @ ${price}`, await send("DELETE", `/api/orders/${order_id}?${query}`));
  refreshOrders();
}

/** Turn the row into two fields and a way out. */
function edit(order, row) {
  changing = order.order_id;
  const lots = field("Open quantity", order.open);
  const price = field("Price", order.price);
  const done = async (wanted) => {
    changing = null;
    if (wanted) await change(order, lots.value, price.value);
    drawOrders();
    refreshOrders();
  };
  const cell = element("td", "", "edit");
  cell.colSpan = 6;
  const apply = button("apply", `Apply the change of order ${order.order_id}`, () => done(true));
  const leave = button("leave it", "Leave the order as it is", () => done(false));
  cell.append(element("span", `#${order.order_id} ${order.side}`), lots, price, apply, leave);
  cell.addEventListener("keydown", (event) => {
    if (event.key === "Enter") done(true);
    if (event.key === "Escape") done(false);
  });
  row.replaceChildren(cell);
  lots.focus();
}

function field(name, value) {
  const node = element("input");
  node.value = value;
  node.autocomplete = "off";
  node.inputMode = "decimal";
  node.setAttribute("aria-label", name);
  return node;
}

async function change({ order_id, side }, lots, price) {
  const wish = { account: numberOrText(account()), symbol: state.symbol, quantity: numberOrText(lots), price: price.trim() };
  show(`change ${side} #${order_id} to ${lots} @ ${price}`, await send("PATCH", `/api/orders/${order_id}`, wish));
}

find("#cancel-all").addEventListener("click", async () => {
  const query = new URLSearchParams({ symbol: state.symbol });
  show(`cancel all of account ${account()}`, await send("DELETE", `/api/accounts/${account()}/orders?${query}`));
  refreshOrders();
});
