// The page: what is going on now, asked a few times a second, and the order from here.

import { element, find, whole } from "/portal/portal.js";
import { draw, onClick, pixel } from "/zomato/map.js";
import "/zomato/money.js";
import { choose, feel, leave, live, tell } from "/zomato/order.js";
import { ask, learn, lookAt, mine, now } from "/zomato/town.js";

const ASK_MS = 400;
window.kitTown = { now, mine, pixel };

async function look() {
  await lookAt().then(() => setState("live"), () => setState("away"));
  show();
  setTimeout(look, ASK_MS);
}

function setState(word) {
  find("#state").dataset.state = word;
  find("#state").textContent = now.is_over && word === "live" ? "the day is over" : word;
}

function show() {
  find("#delivered").textContent = whole.format(now.delivered ?? 0);
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
  const words = `${rider} ← ${orders.map((each) => each.slice(0, 6)).join(" ")}`;
  const button = Object.assign(element("button", words), { type: "button", title: `Lose ${rider}` });
  button.addEventListener("click", () => ask("/api/lose", { rider }).then(lookAt).then(show).catch((error) => tell(error.message)));
  node.append(button);
  return node;
}

for (const each of document.querySelectorAll("[data-speed]")) {
  each.addEventListener("click", () => ask("/api/speed", { minutes_a_second: Number(each.dataset.speed) }).then(lookAt).then(show));
}
find("#another").addEventListener("click", async () => {
  leave();
  await ask("/api/day", {});
  await learn();
  Object.assign(mine, { restaurant: null, home: null });
  for (const part of ["#steps", "#menu", "#bill"]) find(part).replaceChildren();
  tell("Search, or click a restaurant on the map.");
});

onClick(choose, live);
await learn();
await look();
draw();
feel();
