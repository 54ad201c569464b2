// The map: where everybody is follows from their rides and the minute, so it moves between two answers too.

import { find } from "/portal/portal.js";
import { clock, mine, minute, now, town } from "/zomato/town.js";

const MARGIN = 14; // pixels
const NEAR_PX = 12;
const canvas = find("#map");

// From metres to pixels and back -----------------------------------------------------------------

function scale() {
  const [west, south, east, north] = town.box;
  const size = canvas.clientWidth - 2 * MARGIN;
  return { west, south, by: size / Math.max(east - west, north - south), size };
}
export function pixel(x, y) {
  const { west, south, by, size } = scale();
  return [MARGIN + (x - west) * by, MARGIN + size - (y - south) * by];
}
function metres(left, top) {
  const { west, south, by, size } = scale();
  return [west + (left - MARGIN) / by, south + (MARGIN + size - top) / by];
}

/** Where a rider is: [x, y, "free" | "fetching" | "carrying", the places that are still to be passed]. */
function where(rider, at) {
  for (const [leaves, arrives, path, carried] of rider.rides) {
    if (at >= arrives) continue;
    if (at < leaves) return [...path[0], carried ? "carrying" : "free", path];
    const [place, ahead] = along(path, (at - leaves) / (arrives - leaves));
    return [...place, carried ? "carrying" : "fetching", ahead];
  }
  return [rider.x, rider.y, "free", []];
}

/** The place at such a share of a path's length, and the path from there on. */
function along(path, share) {
  const steps = path.slice(1).map(([x, y], i) => Math.hypot(x - path[i][0], y - path[i][1]));
  let left = share * steps.reduce((sum, each) => sum + each, 0);
  for (const [i, step] of steps.entries()) {
    if (left <= step && step) {
      const place = [0, 1].map((axis) => path[i][axis] + (left / step) * (path[i + 1][axis] - path[i][axis]));
      return [place, [place, ...path.slice(i + 1)]];
    }
    left -= step;
  }
  return [path.at(-1), [path.at(-1)]];
}

/** The roads, drawn once for each size and theme. */
let ground = { key: "" };
function roads(side, ratio, colours) {
  const key = [side, ratio, town.name, town.roads.length, ...colours].join();
  if (ground.key === key) return ground.canvas;
  ground = { key, canvas: Object.assign(document.createElement("canvas"), { width: side * ratio, height: side * ratio }) };
  const pen = ground.canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.lineCap = "round";
  for (const kind of [0, 1, 2]) {
    pen.beginPath();
    for (const [x0, y0, x1, y1, own] of town.roads) {
      if (own !== kind) continue;
      pen.moveTo(...pixel(x0, y0));
      pen.lineTo(...pixel(x1, y1));
    }
    pen.strokeStyle = colours[kind];
    pen.lineWidth = [0.6, 1.4, 2.2][kind];
    pen.stroke();
  }
  return ground.canvas;
}

// Drawing ----------------------------------------------------------------------------------------

export function draw() {
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
  const rule = colour("--kit-rule");
  if (town.roads.length) pen.drawImage(roads(side, ratio, [rule, rule, rule]), 0, 0, side, side);
  pen.lineWidth = 1;
  pen.setLineDash([3, 4]);
  pen.strokeStyle = colour("--kit-muted");
  for (const [rider, orders] of now.plans) {
    const first = open.get(orders[0]);
    const place = first && restaurants.get(first.restaurant);
    if (place && riders.has(rider)) path(pen, [riders.get(rider), [place.x, place.y], [first.x, first.y]]);
  }
  pen.setLineDash([]);
  pen.lineWidth = 1.5;
  for (const [, , state, ahead] of riders.values()) {
    if (state === "free") continue;
    pen.strokeStyle = colour(state === "carrying" ? "--kit-series-2" : "--kit-series-3");
    path(pen, ahead);
  }
  pen.fillStyle = colour("--kit-muted");
  for (const each of town.restaurants) square(pen, each, each.id === mine.restaurant?.id ? 6 : 3);
  pen.lineWidth = 2;
  pen.strokeStyle = colour("--kit-accent");
  for (const each of now.open) circle(pen, each.x, each.y, 4).stroke();
  for (const [x, y, state] of riders.values()) {
    pen.fillStyle = colour({ free: "--kit-series-1", fetching: "--kit-series-3", carrying: "--kit-series-2" }[state]);
    circle(pen, x, y, 4.5).fill();
  }
  pen.strokeStyle = pen.fillStyle = colour("--kit-ink");
  if (mine.home) home(pen, mine.home);
  const rider = mine.order?.rider;
  if (rider && mine.order.state !== "delivered") circle(pen, rider.x, rider.y, 9).stroke();
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
function home(pen, { x, y }) {
  const [left, top] = pixel(x, y);
  circle(pen, x, y, 8).stroke();
  pen.font = "600 12px sans-serif";
  pen.fillText("you", left + 11, top + 4);
}

/** Call `restaurant` with the one that was clicked, or `place` with the metres of anywhere else. */
export function onClick(restaurant, place) {
  canvas.addEventListener("click", ({ offsetX, offsetY }) => {
    const away = (each) => Math.hypot(...pixel(each.x, each.y).map((p, i) => p - [offsetX, offsetY][i]));
    const nearest = town.restaurants.map((each) => [away(each), each]).sort((a, b) => a[0] - b[0])[0];
    if (nearest && nearest[0] <= NEAR_PX) restaurant(nearest[1]);
    else place(...metres(offsetX, offsetY));
  });
}
