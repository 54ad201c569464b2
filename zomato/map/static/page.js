// The map: where everybody is follows from their rides and the minute, so it moves between two answers too.

import { element, find, follow, whole } from "/portal/portal.js";

const ASK_MS = 400;
const MARGIN = 14; // pixels
const NEAR_PX = 16;
const canvas = find("#map");
let town = { box: [0, 0, 1, 1], restaurants: [] };
let now = { minute: 0, speed: 0, riders: [], open: [], plans: [], gone: [] };
let heard = performance.now();
let chosen = null; // a restaurant
let own = null; // the order from here
window.kitTown = { get now() { return now; }, get own() { return own; }, pixel: (x, y) => pixel(x, y) };

async function ask(url, facts) {
  const answer = await fetch(url, facts && { method: "POST", body: JSON.stringify(facts) });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error);
  return found;
}

const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(Math.floor(minute % 60)).padStart(2, "0")}`;
const minute = () => now.minute + (now.is_over ? 0 : Math.min((performance.now() - heard) / 1000, 1) * now.speed);

// From metres to pixels and back -----------------------------------------------------------------

function scale() {
  const [west, south, east, north] = town.box;
  const size = canvas.clientWidth - 2 * MARGIN;
  return { west, south, by: size / Math.max(east - west, north - south), size };
}
function pixel(x, y) {
  const { west, south, by, size } = scale();
  return [MARGIN + (x - west) * by, MARGIN + size - (y - south) * by];
}
function metres(left, top) {
  const { west, south, by, size } = scale();
  return [west + (left - MARGIN) / by, south + (MARGIN + size - top) / by];
}

/** Where a rider is: [x, y, "free" | "fetching" | "carrying", x and y of where the ride ends]. */
function where(rider, at) {
  for (const [leaves, arrives, x0, y0, x1, y1, carried] of rider.rides) {
    if (at >= arrives) continue;
    if (at < leaves) return [x0, y0, carried ? "carrying" : "free", x1, y1];
    const share = (at - leaves) / (arrives - leaves);
    return [x0 + share * (x1 - x0), y0 + share * (y1 - y0), carried ? "carrying" : "fetching", x1, y1];
  }
  return [rider.x, rider.y, "free", rider.x, rider.y];
}

// Drawing ----------------------------------------------------------------------------------------

function draw() {
  requestAnimationFrame(draw);
  const side = canvas.clientWidth;
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== side * ratio) Object.assign(canvas, { width: side * ratio, height: side * ratio });
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, side, side);
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const at = minute();
  find("#clock").textContent = clock(at);
  const riders = new Map(now.riders.map((each) => [each.id, where(each, at)]));
  const open = new Map(now.open.map((each) => [each.id, each]));
  const restaurants = new Map(town.restaurants.map((each) => [each.id, each]));
  pen.lineWidth = 1;
  pen.setLineDash([3, 4]);
  pen.strokeStyle = colour("--kit-muted");
  for (const [rider, orders] of now.plans) {
    const first = open.get(orders[0]);
    const place = first && restaurants.get(first.restaurant);
    if (place && riders.has(rider)) path(pen, [riders.get(rider), [place.x, place.y], [first.x, first.y]]);
  }
  pen.setLineDash([]);
  for (const [x, y, state, toX, toY] of riders.values()) {
    if (state === "free") continue;
    pen.strokeStyle = colour(state === "carrying" ? "--kit-series-2" : "--kit-series-3");
    path(pen, [[x, y], [toX, toY]]);
  }
  pen.fillStyle = colour("--kit-muted");
  for (const each of town.restaurants) square(pen, each, each.id === chosen?.id ? 6 : 3);
  pen.lineWidth = 2;
  pen.strokeStyle = colour("--kit-accent");
  for (const each of now.open) circle(pen, each.x, each.y, 4).stroke();
  for (const [x, y, state] of riders.values()) {
    pen.fillStyle = colour({ free: "--kit-series-1", fetching: "--kit-series-3", carrying: "--kit-series-2" }[state]);
    circle(pen, x, y, 4.5).fill();
  }
  if (own) home(pen, colour("--kit-ink"));
}

function path(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], place) => pen[place ? "lineTo" : "moveTo"](...pixel(x, y)));
  pen.stroke();
}
function square(pen, { x, y }, half) {
  const [left, top] = pixel(x, y);
  pen.fillRect(left - half, top - half, 2 * half, 2 * half);
}
function circle(pen, x, y, radius) {
  pen.beginPath();
  pen.arc(...pixel(x, y), radius, 0, 2 * Math.PI);
  return pen;
}
function home(pen, ink) {
  const [left, top] = pixel(own.x, own.y);
  pen.strokeStyle = pen.fillStyle = ink;
  circle(pen, own.x, own.y, 8).stroke();
  pen.font = "600 12px sans-serif";
  pen.fillText("you", left + 11, top + 4);
  if (own.rider && own.state !== "delivered") circle(pen, own.rider.x, own.rider.y, 9).stroke();
}

// Asking and showing -----------------------------------------------------------------------------

async function look() {
  try {
    now = await ask("/api/now");
    heard = performance.now();
    setState("live");
    show();
  } catch (error) {
    setState("away");
  }
  setTimeout(look, ASK_MS);
}

function setState(word) {
  find("#state").dataset.state = word;
  find("#state").textContent = now.is_over && word === "live" ? "the day is over" : word;
}

function show() {
  find("#delivered").textContent = whole.format(now.delivered);
  find("#wait").textContent = now.delivered ? `${now.click_to_door.toFixed(1)} min` : "–";
  find("#open").textContent = whole.format(now.open.length);
  find("#riders").textContent = whole.format(now.riders.length);
  for (const each of document.querySelectorAll("[data-speed]")) each.setAttribute("aria-pressed", Number(each.dataset.speed) === now.speed);
  const key = JSON.stringify(now.plans);
  if (find("#plans").dataset.key === key) return;
  find("#plans").dataset.key = key;
  find("#plans").replaceChildren(...now.plans.map(plan));
}

function plan([rider, orders]) {
  const node = element("li");
  const button = Object.assign(element("button", `${rider} ← ${orders.join(" ")}`), { type: "button", title: `Lose ${rider}` });
  button.addEventListener("click", () => ask("/api/lose", { rider }).then(lookSoon, tell));
  node.append(button);
  return node;
}

/** Follow the order from here: every change of its state, and the newest of what only ever has one. */
function followOwn(order) {
  let known = {};
  const changed = (found) => {
    known = { ...known, ...found };
    if (own === order) steps(known);
  };
  const position = (at) => { order.rider = at; };
  const handlers = { snapshot: changed, state: changed, expected: changed, position };
  const url = `http://${location.hostname}:${town.tracking}/orders/${order.id}/events`;
  const stop = follow(url, handlers, (word) => { find("#followed").textContent = word; });
  return () => {
    stop();
    find("#followed").textContent = "";
  };
}

function steps(found) {
  own.state = found.state;
  if (found.state === "delivered" || found.state === "given up") own.leave();
  const changes = found.planned.map(([at, rider], place) => [place ? `a better plan: ${rider}` : `planned for ${rider}`, clock(at)]);
  const sent = { sent: "sent", fetched: "rides to the restaurant", "on the way to you": "on the way to you", delivered: "at your door" };
  const rows = [["Place Order was tapped", clock(found.placed)], ...changes];
  if (sent[found.state]) rows.push([`${found.rider} ${found.state === "delivered" ? "was" : "is"} ${sent[found.state]}`.replace("is rides", "rides"), ""]);
  if (found.state === "given up") rows.push(["nobody could come in time: it is cancelled", ""]);
  if (found.state === "waiting") rows.push(["nobody can come in time, so far", ""]);
  const due = found.state === "delivered" ? ["it took", `${whole.format(found.door - found.placed)} min`] : found.door ? ["expected", clock(found.door)] : null;
  if (due) rows.push(due);
  find("#steps").replaceChildren(...rows.map(([text, at], place) => {
    const node = element("li", text);
    node.append(element("span", at, "note"));
    if (place === rows.length - 1) node.className = "is-now";
    return node;
  }));
}

const tell = (error) => { find("#hint").textContent = error.message; };
const lookSoon = () => ask("/api/now").then((found) => { now = found; heard = performance.now(); show(); });

canvas.addEventListener("click", async (event) => {
  const { offsetX, offsetY } = event;
  const nearest = town.restaurants.map((each) => [Math.hypot(...pixel(each.x, each.y).map((p, i) => p - [offsetX, offsetY][i])), each]).sort((a, b) => a[0] - b[0])[0];
  if (!chosen) {
    if (!nearest || nearest[0] > NEAR_PX) return tell(new Error("Click nearer to a restaurant, a grey square."));
    chosen = nearest[1];
    return tell(new Error(`From ${chosen.id}. Now click where you live.`));
  }
  const [x, y] = metres(offsetX, offsetY);
  try {
    const { id } = await ask("/api/orders", { restaurant: chosen.id, x, y });
    own?.leave();
    own = { id, x, y };
    own.leave = followOwn(own);
    tell(new Error(`${id}, from ${chosen.id}. Click a restaurant for another one.`));
  } catch (error) {
    tell(error);
  }
  chosen = null;
});

for (const each of document.querySelectorAll("[data-speed]")) {
  each.addEventListener("click", () => ask("/api/speed", { minutes_a_second: Number(each.dataset.speed) }).then(lookSoon, tell));
}
find("#another").addEventListener("click", async () => {
  own?.leave();
  await ask("/api/day", {});
  town = await ask("/api/town");
  [own, chosen] = [null, null];
  find("#steps").replaceChildren();
  tell(new Error("Click a restaurant on the map, then where you live."));
});

town = await ask("/api/town");
look();
draw();
