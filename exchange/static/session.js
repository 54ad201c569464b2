// The day of the market: which phase it is in and why, what an auction would come to, and the
// operator's hand on it.
import { element, find, plot, whole } from "/portal/portal.js";
import { account, calmly, getJson, numberOrText, send, setText, show, state } from "./floor.js";

const LOOK_MS = 500; // between questions for what an auction would come to
const REACH = 0.8; // of the curves' lots: what is farther out is left away
const WORDS = {
  "pre-open": "○ pre-open",
  "opening-auction": "◔ opening auction",
  continuous: "● trading",
  "volatility-auction": "◑ volatility auction",
  "closing-auction": "◕ closing auction",
  halted: "‖ halted",
  closed: "■ closed",
};
const GATHERING = ["pre-open", "opening-auction", "volatility-auction", "closing-auction"];

export const refreshMarket = calmly(async () => {
  const found = await getJson(`/api/market/${encodeURIComponent(state.symbol)}`);
  state.market = found;
  drawPhase(found);
  drawAuction();
}, LOOK_MS / 2);

setInterval(() => {
  if (!document.hidden && GATHERING.includes(state.market.phase)) refreshMarket();
}, LOOK_MS);

function drawPhase({ phase, why, bands, uncrossed, regime, regimes }) {
  const badge = find("#phase");
  badge.dataset.phase = phase;
  setText(badge, WORDS[phase] ?? phase);
  setText(find("#why"), why && why !== "schedule" ? `by ${why.replaceAll("-", " ")}` : "");
  setText(find("#bands"), bands ? `${bands.lower} – ${bands.upper}` : "none");
  const last = uncrossed ? `last auction: ${whole.format(uncrossed.quantity)} lots at ${uncrossed.price}` : "";
  setText(find("#uncrossed"), uncrossed?.quantity === 0 ? "last auction: nothing traded" : last);
  for (const button of document.querySelectorAll("[data-to]")) {
    button.setAttribute("aria-pressed", String(button.dataset.to === phase));
  }
  find("#mood").hidden = !regimes;
  if (regimes && !find("#regime").options.length) {
    find("#regime").append(...regimes.map((name) => element("option", name)));
  }
  if (regime && document.activeElement !== find("#regime")) find("#regime").value = regime;
}

/** What waits on both sides, added up: where the curves cross, most lots would trade. */
function drawAuction() {
  const { phase, indicative, demand = [], supply = [] } = state.market;
  const panel = find("#auction");
  panel.hidden = !GATHERING.includes(phase);
  if (panel.hidden) return;
  const { price, quantity, imbalance = 0 } = indicative ?? {};
  setText(find("#indicative"), price ?? "none yet");
  setText(find("#would-trade"), quantity === undefined ? "–" : whole.format(quantity));
  const left = imbalance > 0 ? " to buy" : " to sell";
  setText(find("#left-over"), indicative ? `${whole.format(Math.abs(imbalance))}${imbalance ? left : ""}` : "–");
  const series = [
    { points: curve(demand).reverse(), kind: "buy", steps: true, area: true },
    { points: curve(supply), kind: "sell", steps: true, area: true },
  ];
  const at = price && { points: [[Number(price), 0], [Number(price), quantity]], kind: "line" };
  plot(find("#curves"), at ? [...series, at] : series, {
    height: 150, yLabel: "lots at that price or better", xLabel: "price", xText: (value) => value.toFixed(2),
  }); // prettier-ignore
}

/** Lots added up from the best price on; market orders, which name none, are there from the beginning. */
function curve(levels) {
  let sum = 0;
  const all = levels.reduce((lots, level) => lots + level[1], 0);
  const points = [];
  for (const [price, lots] of levels) {
    if (points.length > 1 && sum > all * REACH) break;
    sum += lots;
    if (price !== null) points.push([Number(price), sum]);
  }
  return points;
}

// The operator -----------------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-to]")) {
  button.addEventListener("click", async () => {
    const wish = { symbol: state.symbol, phase: button.dataset.to };
    show(`market into ${button.dataset.to}`, await send("POST", "/api/phase", wish));
    refreshMarket();
  });
}

for (const button of document.querySelectorAll("[data-block]")) {
  button.addEventListener("click", async () => {
    const is_blocked = button.dataset.block === "true";
    const owner = numberOrText(account());
    const answer = await send("POST", "/api/block", { account: owner, symbol: state.symbol, is_blocked });
    show(`${is_blocked ? "stop" : "release"} account ${owner}`, answer);
  });
}

find("#regime").addEventListener("change", async ({ target }) => {
  show(`traders: ${target.value}`, await send("POST", "/api/regime", { regime: target.value }));
});
