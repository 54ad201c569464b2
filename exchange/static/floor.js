// What the parts of the page share: the state, the words to the exchange, prices as ticks.
import { element, find } from "/portal/portal.js";

const TICKS = 100; // in a unit of money

export const state = {
  symbol: document.body.dataset.symbol,
  seen: 0, // events of the stream
  volume: 0,
  known: 0, // the sequence of the newest trade that the server had when it was asked
  book: null,
  trades: [],
  prices: [],
  market: { phase: "continuous" },
  mine: [], // the account's orders, the newest first
};

export const form = find("#entry");

export const ticks = (price) => Math.round(Number(price) * TICKS);
export const priceText = (price) => (price / TICKS).toFixed(2);

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A whole number where it is one; else the text as typed, for the exchange to refuse with its reason. */
export function numberOrText(text) {
  return /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text;
}

/** The account that is written in the form. */
export const account = () => form.elements.account.value.trim();

export async function getJson(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}

/** Ask for something to be done; an answer always comes, if need be that none came. */
export async function send(method, address, body) {
  const headers = { "Content-Type": "application/json" };
  try {
    const answer = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
    return await answer.json();
  } catch {
    return { status: "unknown", reason: "no answer came: it may have happened or not" };
  }
}

/** The same as `work`, at most once in `pause_ms`, and once more if it was asked for meanwhile. */
export function calmly(work, pause_ms) {
  let waiting = false;
  let again = false;
  const run = async () => {
    if (waiting) return void (again = true);
    waiting = true;
    await work().catch(() => {});
    setTimeout(() => {
      waiting = false;
      if (again) {
        again = false;
        run();
      }
    }, pause_ms);
  };
  return run;
}

const ANSWERS_MAX = 4; // under the form
const FILLS_MAX = 3; // of an answer
const REFUSED = ["rejected", "error", "unknown"];

/** Say in one line what became of something that was asked for. */
export function show(what, answer) {
  const item = element("li", "", REFUSED.includes(answer.status) ? "refused" : "");
  const verdict = answer.reason ? `${answer.status}: ${answer.reason}` : answer.status;
  const code = answer.code === undefined ? "" : ` (${answer.code})`;
  item.append(element("b", `${verdict}${code}`), element("span", fillsOf(answer)), element("span", what, "what"));
  const list = find("#answers");
  list.prepend(item);
  while (list.children.length > ANSWERS_MAX) list.lastElementChild.remove();
}

function fillsOf({ reports = [] }) {
  const fills = reports.filter((report) => report.event === "filled");
  const shown = fills.slice(0, FILLS_MAX).map(({ quantity, price }) => ` · ${quantity} @ ${price}`);
  const lots = fills.reduce((sum, { quantity }) => sum + quantity, 0);
  if (fills.length > FILLS_MAX) shown.push(` · ${fills.length} fills in all, ${lots} lots`);
  return shown.join("");
}
