// Trades added up by second or minute: a box from open to close, a line from low to high, volume below.
import { find, shape, whole } from "/portal/portal.js";
import { getJson, state } from "./floor.js";

const SHOWN = 60; // candles
const HEIGHT = 210;
const VOLUME_PX = 36; // at the bottom
const AXIS_PX = 56; // for prices, to the right
const select = find("#interval");

let candles = [];

/** Start from what the server has. */
export async function loadCandles() {
  const query = new URLSearchParams({ interval: select.value, limit: SHOWN });
  const found = await getJson(`/api/candles/${encodeURIComponent(state.symbol)}?${query}`);
  candles = found.candles;
  drawCandles();
}

/** A candle of the stream takes the place of the one that began when it did. */
export function onCandle(candle) {
  state.seen += 1;
  if (candle.symbol !== state.symbol || candle.interval !== select.value) return;
  if (candles.at(-1)?.start >= candle.start) candles = candles.filter((each) => each.start < candle.start);
  candles = [...candles, candle].slice(-SHOWN);
  drawCandles();
}

export function drawCandles() {
  const svg = find("#candles");
  const width = Math.max(svg.clientWidth, 200);
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  svg.replaceChildren();
  const last = candles.at(-1);
  find("#candle-says").textContent = last
    ? `open ${last.open}, high ${last.high}, low ${last.low}, close ${last.close}, ${whole.format(last.volume)} lots`
    : "no trade yet";
  if (!last) return;
  const low = Math.min(...candles.map((each) => Number(each.low)));
  const high = Math.max(...candles.map((each) => Number(each.high)));
  const most = Math.max(1, ...candles.map((each) => each.volume));
  const bottom = HEIGHT - VOLUME_PX - 10;
  const y = (price) => 8 + (1 - (Number(price) - low) / (high - low || 1)) * (bottom - 8);
  const step = (width - AXIS_PX) / SHOWN;
  candles.forEach((candle, index) => {
    const x = (SHOWN - candles.length + index) * step;
    const up = Number(candle.close) >= Number(candle.open);
    const kind = up ? "up" : "down";
    const top = y(up ? candle.close : candle.open);
    const tall = Math.max(1, y(up ? candle.open : candle.close) - top);
    const bar = (candle.volume / most) * VOLUME_PX;
    svg.append(
      shape("path", { d: `M${x + step / 2} ${y(candle.high)}V${y(candle.low)}`, class: `wick ${kind}` }),
      shape("rect", { x: x + step * 0.18, y: top, width: step * 0.64, height: tall, class: `body ${kind}` }),
      shape("rect", { x: x + step * 0.18, y: HEIGHT - bar, width: step * 0.64, height: bar, class: "bar" }),
    );
  });
  for (const price of high > low ? [high, (high + low) / 2, low] : [low]) {
    const text = shape("text", { x: width - AXIS_PX + 6, y: y(price) + 4 });
    text.textContent = price.toFixed(2);
    svg.append(text);
  }
}

select.addEventListener("change", () => loadCandles().catch(() => {}));
