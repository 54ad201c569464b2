// What every live page needs: the event stream, plots, the theme. No other file is loaded by this one.

/** The first element that `selector` finds. */
export const find = (selector, within = document) => within.querySelector(selector);

/** An SVG element with attributes. */
export function shape(name, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** An HTML element with text. */
export function element(name, text = "", className = "") {
  const node = document.createElement(name);
  node.textContent = text;
  if (className) node.className = className;
  return node;
}

// Event stream -----------------------------------------------------------------------------------

const RETRY_MS = 1_000;
const RETRY_MS_MAX = 15_000;

/**
 * Follow the events at `url`: `handlers` maps an event's name to what is done with its JSON.
 *
 * A broken connection is resumed by the browser, which sends the last id. A refusal (503: too many
 * readers) ends an EventSource for good, so a new one is opened after a pause that doubles, with
 * the last id in the query. `onState` hears "connecting", "live" and "away".
 */
export function follow(url, handlers, onState = () => {}) {
  let last = "";
  let pause = RETRY_MS;
  let source;
  const open = () => {
    onState("connecting");
    const address = new URL(url, location.href);
    if (last) address.searchParams.set("last_event_id", last);
    source = new EventSource(address);
    source.onopen = () => {
      pause = RETRY_MS;
      onState("live");
    };
    source.onerror = () => {
      onState("away");
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(open, pause * (0.75 + Math.random() / 2));
      pause = Math.min(2 * pause, RETRY_MS_MAX);
    };
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => {
        last = event.lastEventId || last;
        handle(JSON.parse(event.data));
      });
    }
  };
  open();
  return () => source.close();
}

/** Call `draw` at most once a frame, however often it is asked for. */
export function everyFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

// Numbers ----------------------------------------------------------------------------------------

export const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

// Plots ------------------------------------------------------------------------------------------

/** A scale from data to pixels; a single value lands in the middle. */
function scale(values, from, to, zero = false) {
  let low = zero ? 0 : Math.min(...values);
  let high = Math.max(...values);
  if (low === high) [low, high] = zero ? [0, 1] : [low - 1, high + 1];
  return Object.assign((value) => from + ((value - low) / (high - low)) * (to - from), { low, high });
}

const point = (x, y) => `${x.toFixed(1)},${y.toFixed(1)}`;
const straight = (points, x, y) => `M${points.map((p) => point(x(p[0]), y(p[1]))).join("L")}`;
const stepped = (points, x, y) =>
  points.map((p, i) => `${i ? `H${x(p[0]).toFixed(1)}V` : `M${x(p[0]).toFixed(1)},`}${y(p[1]).toFixed(1)}`).join("");

/** Begin a plot anew: its size in pixels is that of the element, so that strokes stay crisp. */
function canvas(svg, height) {
  const width = Math.max(svg.clientWidth, 120);
  svg.classList.add("plot");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren();
  return width;
}

/** A label at a place, anchored there. */
function label(svg, text, x, y, anchor = "start") {
  const node = shape("text", { x, y, "text-anchor": anchor });
  node.textContent = text;
  svg.append(node);
}

/**
 * Draw series of points [[x, y], …] with axes. Each series has `points`, `kind` (a class: "buy",
 * "sell", "line") and may have `steps` and `area`. `options`: height, xLabel, yLabel, xText.
 */
export function plot(svg, series, options = {}) {
  const { height = 180, xLabel = "", yLabel = "", xText = String, zero = true } = options;
  const width = canvas(svg, height);
  const points = series.flatMap((each) => each.points);
  if (points.length === 0) return label(svg, "nothing yet", width / 2, height / 2, "middle");
  const x = scale(points.map((p) => p[0]), 2, width - 2);
  const y = scale(points.map((p) => p[1]), height - 18, 16, zero);
  for (const { points: own, kind, steps, area } of series) {
    if (own.length === 0) continue;
    const line = (steps ? stepped : straight)(own, x, y);
    if (area) {
      const close = `V${height - 18}H${x(own[0][0]).toFixed(1)}Z`;
      svg.append(shape("path", { d: line + close, class: `area is-${kind}` }));
    }
    svg.append(shape("path", { d: line, class: `is-${kind}` }));
  }
  svg.append(shape("line", { x1: 0, x2: width, y1: height - 18, y2: height - 18, class: "axis" }));
  label(svg, xText(x.low), 0, height - 4);
  label(svg, xText(x.high), width, height - 4, "end");
  label(svg, xLabel, width / 2, height - 4, "middle");
  label(svg, `${short.format(y.high)} ${yLabel}`, 0, 11);
}

/** Draw values as a line without axes, the latest with a dot; `zero` puts nothing at the bottom. */
export function sparkline(svg, values, height = 48, zero = false) {
  const width = canvas(svg, height);
  if (values.length === 0) return;
  const x = scale(values.map((_, index) => index), 2, width - 5);
  const y = scale(values, height - 4, 4, zero);
  const points = values.map((value, index) => [index, value]);
  const line = straight(points, x, y);
  svg.append(shape("path", { d: `${line}V${height}H${x(0)}Z`, class: "area is-line" }));
  svg.append(shape("path", { d: line, class: "is-line" }));
  const [lastX, lastY] = points.at(-1);
  svg.append(shape("circle", { cx: x(lastX), cy: y(lastY), r: 3, fill: "var(--kit-accent)" }));
}

// Theme ------------------------------------------------------------------------------------------

const root = document.documentElement;
find("#theme")?.addEventListener("click", () => {
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("kit-theme", root.dataset.theme);
  } catch {
    // Storage is off: the choice lasts as long as the page.
  }
});
