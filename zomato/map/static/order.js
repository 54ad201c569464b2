// From hunger to the door: find a restaurant, fill a cart, place the order once, and follow it.

import { element, find, follow, whole } from "/portal/portal.js";
import { ask, clock, mine, now, rupees, town } from "/zomato/town.js";

const SEARCH_MS = 200;
const ENDS = ["delivered", "given up", "cancelled"];
const WORDS = {
  placed: "placed", authorised: "the money is set aside", accepted: "the kitchen says yes", paid: "paid",
  "picked up": "picked up", cancelling: "being cancelled", cancelled: "cancelled",
};
let menu = [];
let cart = new Map(); // dish to quantity
let key = newKey();
let asked; // the timer of the search

function newKey() {
  return crypto.getRandomValues(new Uint32Array(3)).join("-"); // for one order, however often it is sent
}
export const tell = (text) => { find("#hint").textContent = text; };
const told = (error) => tell(error.message);

// Finding a restaurant ---------------------------------------------------------------------------

find("#search").addEventListener("input", () => {
  clearTimeout(asked);
  asked = setTimeout(() => search().catch(told), SEARCH_MS);
});

async function search() {
  const text = find("#search").value.trim();
  if (!text) return find("#found").replaceChildren();
  const { found, stamp } = await ask(`/api/search?count=5&q=${encodeURIComponent(text)}`);
  const age = stamp.behind ? `${stamp.behind} change(s) behind, ${Math.round(stamp.behind_s / 60)} min` : "up to date";
  find("#found").replaceChildren(element("li", `the index is ${age}`, "note"), ...found.map((each) => {
    const node = element("li");
    const button = Object.assign(element("button", each.name), { type: "button" });
    button.append(element("span", `${(each.metres / 1000).toFixed(1)} km · ★ ${each.stars.toFixed(1)} · ${each.dishes[0] ?? each.cuisines[0]}`, "note"));
    button.addEventListener("click", () => choose(town.restaurants.find((own) => own.id === each.id)));
    node.append(button);
    return node;
  }));
}

const YOU = 17; // the customer whose tastes are yours
const FEEL_MS = 30_000;

/** What you may feel like at this hour, as learnt from weeks of orders: a click searches for it. */
export async function feel() {
  try {
    const { restaurants } = await ask(`/api/home?customer=${YOU}&at=fri+${clock(now.minute % 1440)}`);
    const first = new Map(restaurants.toReversed().map((each) => [each.cuisine, each]));
    find("#feel").replaceChildren(...[...first.values()].reverse().slice(0, 4).map(({ cuisine, why }) => {
      const button = Object.assign(element("button", cuisine), { type: "button", title: why.join(", ") });
      button.addEventListener("click", () => {
        find("#search").value = cuisine;
        search().catch(told);
      });
      return button;
    }));
  } catch (error) {
    told(error);
  }
  setTimeout(feel, FEEL_MS);
}

/** Show a restaurant's menu; the cart begins anew, for it is one kitchen's. */
export async function choose(restaurant) {
  mine.restaurant = restaurant;
  cart = new Map();
  find("#found").replaceChildren();
  await read().then(price, told);
}

/** Read the menu as it is now; what is in the cart stays there. */
async function read() {
  const found = await ask(`/api/restaurants/${mine.restaurant.id}`);
  menu = found.menu.filter((each) => each.is_available);
  find("#menu").replaceChildren(element("strong", found.name), element("span", ` ${found.hours}`, "note"), ...menu.map(dish));
}

/** Say what was refused; if a price has changed, show the new one, to be confirmed or not. */
async function refused(error) {
  if (error.message.includes("confirm the new price")) await read().then(price, told);
  told(error);
}

export function live(x, y) {
  mine.home = { x, y };
  price();
}

function dish(item) {
  const row = element("div", "", "dish");
  const count = element("output", `${cart.get(item.id) ?? 0}`);
  const change = (by) => {
    cart.set(item.id, Math.min(Math.max((cart.get(item.id) ?? 0) + by, 0), 50));
    count.textContent = cart.get(item.id);
    price();
  };
  const less = Object.assign(element("button", "−"), { type: "button", ariaLabel: `Less ${item.name}` });
  const more = Object.assign(element("button", "+"), { type: "button", ariaLabel: `More ${item.name}` });
  less.addEventListener("click", () => change(-1));
  more.addEventListener("click", () => change(1));
  row.append(element("span", item.name), element("span", rupees(item.price_paise), "note"), less, count, more);
  return row;
}

// The cart ---------------------------------------------------------------------------------------

function facts() {
  const lines = menu.filter((each) => cart.get(each.id)).map((each) => ({ dish: each.id, quantity: cart.get(each.id), price: each.price_paise }));
  return { key, restaurant: mine.restaurant?.id, lines, coupon: find("#coupon").value.trim(), ...mine.home };
}

/** Ask what the cart costs, and say what is missing to place it. */
async function price() {
  const { lines } = facts();
  const ready = lines.length && mine.home;
  find("#place").disabled = !ready;
  find("#bill").replaceChildren();
  if (!lines.length) return tell(mine.restaurant ? "Take something from the menu." : "Search, or click a restaurant on the map.");
  try {
    const bill = await ask("/api/quote", facts());
    const rows = [["food", bill.food], ["coupon", -bill.discount], ["packing", bill.packing], ["delivery", bill.delivery], ["tax", bill.tax], ["rounding", bill.rounding], ["total", bill.total]];
    find("#bill").replaceChildren(...rows.filter(([, paise]) => paise).map(([name, paise]) => {
      const row = element("div");
      row.append(element("dt", name), element("dd", rupees(paise)));
      return row;
    }));
    tell(mine.home ? "" : "Click on the map where you live.");
  } catch (error) {
    find("#place").disabled = true;
    await refused(error);
  }
}
find("#coupon").addEventListener("change", price);

find("#place").addEventListener("click", async () => {
  try {
    const { id, total } = await ask("/api/orders", facts());
    tell(`${rupees(total)}, order ${id}.`);
    key = newKey();
    leave();
    mine.order = { id, state: "placed" };
    mine.order.leave = followed(mine.order);
  } catch (error) {
    await refused(error);
  }
});

for (const [button, act] of [["#cancel", "cancel"], ["#missing", "missing"]]) {
  find(button).addEventListener("click", async () => {
    try {
      const found = await ask(`/api/orders/${mine.order.id}/${act}`, act === "missing" ? { dish: [...cart.keys()].find((each) => cart.get(each)) } : {});
      tell(found.back ? `${rupees(found.back)} will come back.` : "It is being cancelled.");
    } catch (error) {
      told(error);
    }
  });
}

// Following it -----------------------------------------------------------------------------------

export function leave() {
  mine.order?.leave?.();
  mine.order = null;
}

/** Follow an order: every change of its state, and the newest of what only ever has one. */
function followed(order) {
  let known = {};
  let seen = [["Place Order was tapped", clock(now.minute)]];
  const changed = (found) => {
    if (found.state && found.state !== known.state && WORDS[found.state]) seen = [...seen, [WORDS[found.state], ""]];
    known = { ...known, ...found };
    if (mine.order === order) show(order, known, seen);
  };
  const position = (at) => { order.rider = at; };
  const url = `http://${location.hostname}:${town.tracking}/orders/${order.id}/events`;
  const stop = follow(url, { snapshot: changed, state: changed, expected: changed, position }, (word) => { find("#followed").textContent = word; });
  return () => {
    stop();
    find("#followed").textContent = "";
  };
}

function show(order, found, seen) {
  order.state = found.state;
  if (ENDS.includes(found.state)) order.leave();
  find("#cancel").hidden = ENDS.includes(found.state);
  find("#missing").hidden = found.state !== "delivered";
  const plans = found.planned.map(([at, rider], place) => [place ? `a better plan: ${rider}` : `planned for ${rider}`, clock(at)]);
  const way = { sent: "is sent", fetched: "rides to the restaurant", "on the way to you": "is on the way to you", delivered: "was at your door" };
  const rows = [...seen, ...plans];
  if (way[found.state]) rows.push([`${found.rider} ${way[found.state]}`, ""]);
  if (found.state === "given up") rows.push(["nobody could come in time", ""]);
  if (found.state === "cancelled") rows.push([found.why, ""]);
  if (found.state === "delivered") rows.push(["it took", `${whole.format(found.door - found.placed)} min`]);
  else if (found.door) rows.push(["expected", clock(found.door)]);
  find("#steps").replaceChildren(...rows.map(([text, at], place) => {
    const node = element("li", text);
    node.append(element("span", at, "note"));
    if (place === rows.length - 1) node.className = "is-now";
    return node;
  }));
}
