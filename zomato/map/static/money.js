// The money: what stands in the books, what the payment company says, and buttons that break things.

import { element, find } from "/portal/portal.js";
import { ask } from "/zomato/town.js";
import { tell } from "/zomato/order.js";

const ASK_MS = 1000;
const MOODS = { fine: { down: false, rudeness: 0 }, rude: { down: false, rudeness: 0.5 }, down: { down: true, rudeness: 0 } };

async function look() {
  try {
    show(await ask("/api/money"));
  } catch {
    // the page's state says that the town is away
  }
  setTimeout(look, ASK_MS);
}

function show(found) {
  const states = Object.entries(found.states).map(([state, count]) => `${count} ${state}`).join(", ");
  find("#states").textContent = found.runs ? states || "no orders yet" : "the order process is dead; it comes back by itself";
  const rows = [...Object.entries(found.books), ["all of it", found.sum]];
  find("#books").replaceChildren(...rows.map(([name, amount]) => {
    const row = element("div");
    row.append(element("dt", name), element("dd", amount));
    return row;
  }));
  const agree = found.differ.length ? `${found.differ.length} lines differ, so far` : "and our books agree";
  find("#statement").textContent = `The payment company took ${found.taken} and gave ${found.back} back, ${agree}.`;
  for (const [mood, { down, rudeness }] of Object.entries(MOODS)) {
    find(`[data-mood="${mood}"]`).setAttribute("aria-pressed", found.gateway.down === down && (down || found.gateway.rudeness > 0 === rudeness > 0));
  }
}

for (const [mood, facts] of Object.entries(MOODS)) {
  find(`[data-mood="${mood}"]`).addEventListener("click", () => ask("/api/gateway", facts).catch((error) => tell(error.message)));
}
find("#kill").addEventListener("click", () => ask("/api/kill", {}).catch((error) => tell(error.message)));

look();
