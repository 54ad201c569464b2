// The book over time: a column for each half second, a cell for each price, filled by how many lots
// waited there in the mean. The server says what was before the page was opened; the stream goes on.
import { whole } from "/portal/portal.js";
import { priceText, ticks } from "./floor.js";

const AXIS = 58; // pixels for prices, to the right
const FOOT = 20; // pixels for times, below
const COLUMN_PX_MIN = 3; // narrower, and fewer columns are shown
const ROW_PX_MIN = 4; // lower, and several prices share a row
const PAD_TICKS = 8; // shown above the best ask and below the best bid, at least
const FRAME_MS = 100;
const QUIET_MS = 500; // between frames when nothing happens: time goes on
const BRIGHT = 0.97; // the share of cells that are not the brightest

export class HeatMap {
  constructor(canvas, readout, onPick) {
    Object.assign(this, { canvas, readout, onPick, columns: [], depthNow: null, range: null, at: null, drawn: 0 });
    this.load({ column_ms: 500, columns_max: 240, now: 0, columns: [] });
    this.listen();
    const tick = () => this.frame();
    setInterval(tick, FRAME_MS);
  }

  /** Start from what the server has seen. */
  load({ column_ms, columns_max, now, columns }) {
    this.columnMs = column_ms;
    this.columnsMax = columns_max;
    this.origin = now - performance.now() / column_ms;
    this.columns = columns.map((each) => ({ ...each, bids: new Map(each.bids), asks: new Map(each.asks) }));
    this.since = now;
    this.range = null;
    this.stale = true;
  }

  /** The time, in columns. */
  now() {
    return this.origin + performance.now() / this.columnMs;
  }

  depth({ bids, asks }) {
    this.hold();
    const side = (levels) => levels.map(([price, lots]) => [ticks(price), lots]);
    this.depthNow = { bids: side(bids), asks: side(asks) };
    this.best(this.column(Math.floor(this.now())));
    this.stale = true;
  }

  trade({ price, quantity, taker_side }) {
    this.column(Math.floor(this.now())).trades.push([ticks(price), quantity, taker_side]);
    this.stale = true;
  }

  /** Let what waited at the last look have waited until now: lots × share of each column. */
  hold() {
    const now = this.now();
    if (this.depthNow) {
      const first = Math.max(Math.floor(this.since), Math.floor(now) - this.columnsMax + 1);
      for (let number = first; number <= Math.floor(now); number += 1) {
        const share = Math.min(now, number + 1) - Math.max(this.since, number);
        if (share <= 0) continue;
        const column = this.column(number);
        for (const side of ["bids", "asks"]) {
          for (const [price, lots] of this.depthNow[side]) {
            column[side].set(price, (column[side].get(price) ?? 0) + lots * share);
          }
        }
        this.best(column);
      }
    }
    this.since = now;
  }

  best(column) {
    column.bid = this.depthNow.bids[0]?.[0] ?? null;
    column.ask = this.depthNow.asks[0]?.[0] ?? null;
  }

  column(number) {
    const last = this.columns.at(-1);
    if (last && last.number >= number) return last;
    const made = { number, bids: new Map(), asks: new Map(), bid: null, ask: null, trades: [] };
    this.columns.push(made);
    while (this.columns.length > this.columnsMax) this.columns.shift();
    return made;
  }

  // Drawing --------------------------------------------------------------------------------------

  frame() {
    const since = performance.now() - this.drawn;
    if (document.hidden || since < (this.stale ? FRAME_MS : QUIET_MS)) return;
    this.hold();
    this.draw();
  }

  draw() {
    this.drawn = performance.now();
    this.stale = false;
    const { width, height, context } = this.sized();
    context.clearRect(0, 0, width, height);
    const shown = Math.min(this.columnsMax, Math.floor((width - AXIS) / COLUMN_PX_MIN));
    const first = Math.floor(this.now()) - shown + 1;
    const columns = this.columns.filter((each) => each.number >= first);
    if (!columns.some((each) => each.bid !== null || each.ask !== null)) return;
    this.setRange(columns);
    const { low, high } = this.range;
    const plotHeight = height - FOOT;
    const step = Math.max(1, Math.ceil(((high - low) * ROW_PX_MIN) / plotHeight)); // ticks in a row
    const columnPx = (width - AXIS) / shown;
    const y = (price) => plotHeight * (1 - (price - low) / (high - low));
    const x = (number) => (number - first) * columnPx;
    this.place = { x, y, low, high, first, columnPx, step, plotHeight, width, height };
    const style = getComputedStyle(this.canvas);
    const colour = (name) => style.getPropertyValue(name).trim();
    const ink = { buy: colour("--kit-buy"), sell: colour("--kit-sell"), text: colour("--kit-muted"),
      line: colour("--kit-ink"), paper: colour("--kit-raised"), rule: colour("--kit-rule") }; // prettier-ignore
    this.drawCells(context, columns, ink);
    this.drawBest(context, columns, "bid", ink);
    this.drawBest(context, columns, "ask", ink);
    this.drawTrades(context, columns, ink);
    this.drawAxes(context, shown, ink);
    if (this.at) this.drawCross(context, ink);
    this.say();
  }

  /** The mean of a column: the last one is not over yet. */
  mean(column, lots) {
    return lots / Math.min(1, Math.max(0.02, this.now() - column.number));
  }

  /** The canvas in device pixels, so that cells have sharp edges. */
  sized() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const scale = window.devicePixelRatio || 1;
    const wanted = [Math.round(width * scale), Math.round(height * scale)];
    if (this.canvas.width !== wanted[0] || this.canvas.height !== wanted[1]) [this.canvas.width, this.canvas.height] = wanted;
    const context = this.canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    return { width, height, context };
  }

  /** Show all best prices and some room; change only when that is needed, as a jumping scale is hard to read. */
  setRange(columns) {
    const seen = columns.flatMap(({ bid, ask }) => [bid, ask].filter((price) => price !== null));
    const lowest = seen.reduce((a, b) => Math.min(a, b));
    const highest = seen.reduce((a, b) => Math.max(a, b));
    const pad = Math.max(PAD_TICKS, (highest - lowest) * 0.2);
    const [low, high] = [lowest - pad, highest + pad];
    const has = this.range;
    const fits = has && has.low <= lowest - pad / 3 && has.high >= highest + pad / 3;
    if (!fits || has.high - has.low > 1.6 * (high - low)) this.range = { low, high };
  }

  drawCells(context, columns, ink) {
    const { x, y, low, step, columnPx, plotHeight } = this.place;
    const rowPx = y(low) - y(low + step);
    const cells = [];
    for (const column of columns) {
      for (const side of ["bids", "asks"]) {
        const rows = new Map();
        for (const [price, lots] of column[side]) {
          const row = Math.floor((price - low) / step);
          rows.set(row, (rows.get(row) ?? 0) + lots);
        }
        for (const [row, lots] of rows) {
          const top = y(low + (row + 1) * step);
          const mean = this.mean(column, lots);
          if (top > -rowPx && top < plotHeight) cells.push([side, x(column.number), top, mean]);
        }
      }
    }
    const sorted = cells.map(([, , , lots]) => lots).sort((a, b) => a - b);
    const most = sorted[Math.floor(sorted.length * BRIGHT)] || sorted.at(-1) || 1;
    for (const side of ["bids", "asks"]) {
      context.fillStyle = side === "bids" ? ink.buy : ink.sell;
      for (const [of, left, top, lots] of cells) {
        if (of !== side) continue;
        context.globalAlpha = 0.04 + 0.86 * Math.min(1, lots / most) ** 0.8;
        context.fillRect(left, top, columnPx + 0.5, Math.min(rowPx, plotHeight - top) + 0.2);
      }
    }
    context.globalAlpha = 1;
    this.cells = cells.length;
  }

  drawBest(context, columns, which, ink) {
    const { x, y, columnPx } = this.place;
    context.beginPath();
    let before = null;
    for (const column of columns) {
      const price = column[which];
      if (price !== null) {
        // The line runs along the edge of the cell that faces the other side.
        const level = y(price + (which === "bid" ? 1 : 0));
        if (before === null) context.moveTo(x(column.number), level);
        else context.lineTo(x(column.number), level);
        context.lineTo(x(column.number) + columnPx, level);
      }
      before = price;
    }
    context.strokeStyle = ink.line;
    context.lineWidth = 1.2;
    context.setLineDash(which === "bid" ? [] : [3, 2]);
    context.stroke();
    context.setLineDash([]);
  }

  drawTrades(context, columns, ink) {
    const { x, y, columnPx, step, low } = this.place;
    context.lineWidth = 1;
    context.strokeStyle = ink.paper;
    for (const column of columns) {
      const sums = new Map();
      for (const [price, lots, side] of column.trades) {
        const key = `${side} ${low + Math.floor((price - low) / step) * step}`;
        sums.set(key, (sums.get(key) ?? 0) + lots);
      }
      for (const [key, lots] of sums) {
        const [side, price] = key.split(" ");
        const size = Math.min(7, 1.8 + Math.sqrt(lots) / 5);
        const [middle, centre] = [x(column.number) + columnPx / 2, y(Number(price) + step / 2)];
        const up = side === "buy" ? -1 : side === "sell" ? 1 : 0;
        context.beginPath();
        if (up) {
          context.moveTo(middle, centre + up * size);
          context.lineTo(middle - size, centre - up * size * 0.7);
          context.lineTo(middle + size, centre - up * size * 0.7);
          context.closePath();
        } else context.arc(middle, centre, size, 0, 7); // an auction: nobody took
        context.fillStyle = ink[side] ?? ink.line;
        context.fill();
        context.stroke();
      }
    }
  }

  drawAxes(context, shown, ink) {
    const { y, low, high, width, plotHeight, columnPx } = this.place;
    context.font = "11px ui-monospace, Menlo, Consolas, monospace";
    context.fillStyle = ink.text;
    context.textBaseline = "middle";
    const step = roundStep((high - low) / Math.max(2, plotHeight / 46));
    for (let price = Math.ceil(low / step) * step; price < high; price += step) {
      if (y(price) > 8 && y(price) < plotHeight - 6) context.fillText(priceText(price), width - AXIS + 6, y(price));
    }
    context.fillStyle = ink.rule;
    context.fillRect(0, plotHeight, width - AXIS, 1);
    context.fillRect(width - AXIS, 0, 1, plotHeight);
    context.fillStyle = ink.text;
    const seconds = (shown * this.columnMs) / 1000;
    const every = seconds > 70 ? 30 : 15;
    context.textAlign = "center";
    for (let ago = every; ago < seconds; ago += every) {
      context.fillText(`−${ago} s`, (shown - (ago * 1000) / this.columnMs) * columnPx, plotHeight + FOOT / 2 + 2);
    }
    context.textAlign = "right";
    context.fillText("now", width - AXIS, plotHeight + FOOT / 2 + 2);
    context.textAlign = "left";
  }

  drawCross(context, ink) {
    const { y, width, plotHeight, first, columnPx } = this.place;
    const { number, price } = this.at;
    context.strokeStyle = ink.line;
    context.globalAlpha = 0.55;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo((number - first + 0.5) * columnPx, 0);
    context.lineTo((number - first + 0.5) * columnPx, plotHeight);
    context.moveTo(0, y(price + 0.5));
    context.lineTo(width - AXIS, y(price + 0.5));
    context.stroke();
    context.globalAlpha = 1;
    context.fillStyle = ink.line;
    context.fillRect(width - AXIS + 2, y(price + 0.5) - 9, AXIS - 4, 18);
    context.fillStyle = ink.paper;
    context.fillText(priceText(price), width - AXIS + 6, y(price + 0.5));
  }

  // Pointing -------------------------------------------------------------------------------------

  listen() {
    const point = ({ offsetX, offsetY }) => {
      if (!this.place) return;
      const { low, high, first, columnPx, plotHeight } = this.place;
      const price = Math.floor(low + (high - low) * (1 - offsetY / plotHeight));
      this.point(first + Math.floor(offsetX / columnPx), price);
    };
    this.canvas.addEventListener("pointermove", point);
    this.canvas.addEventListener("pointerdown", point);
    this.canvas.addEventListener("pointerleave", () => this.point(null));
    this.canvas.addEventListener("blur", () => this.point(null));
    this.canvas.addEventListener("click", () => this.at && this.onPick(priceText(this.at.price)));
    this.canvas.addEventListener("keydown", (event) => this.onKey(event));
  }

  onKey(event) {
    const moves = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    const now = this.columns.at(-1);
    if (!now || !this.place) return;
    const at = this.at ?? { number: now.number, price: now.bid ?? now.ask };
    if (moves[event.key]) {
      event.preventDefault();
      const [columns, prices] = moves[event.key];
      this.point(Math.min(now.number, at.number + columns), at.price + prices);
    } else if (event.key === "Enter") this.onPick(priceText(at.price));
    else if (event.key === "Escape") this.point(null);
  }

  /** Put the cross somewhere, or nowhere. */
  point(number, price) {
    this.at = number === null ? null : { number, price };
    this.stale = true;
    this.say();
  }

  /** Say what is at the cross. */
  say() {
    const text = this.at ? this.told(this.at) : "";
    if (this.readout.textContent !== text) this.readout.textContent = text;
  }

  told({ number, price }) {
    const column = this.columns.find((each) => each.number === number);
    const ago = Math.max(0, Math.round(((this.now() - number) * this.columnMs) / 1000));
    if (!column) return `${priceText(price)}, ${ago} s ago`;
    const lots = this.mean(column, (column.asks.get(price) ?? 0) + (column.bids.get(price) ?? 0));
    const side = column.asks.has(price) ? "offered" : column.bids.has(price) ? "bid for" : "waiting";
    const traded = column.trades.filter((trade) => trade[0] === price).reduce((sum, trade) => sum + trade[1], 0);
    const also = traded ? `, ${whole.format(traded)} traded` : "";
    return `${priceText(price)}: ${whole.format(lots)} lots ${side}${also}, ${ago} s ago`;
  }
}

function roundStep(step) {
  const power = 10 ** Math.floor(Math.log10(Math.max(step, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= step);
}

