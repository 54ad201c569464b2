// The page: rows of titles, the player's numbers and plots, the line's limit, the edges and their switches.

import { element, everyFrame, find, plot, whole } from "/portal/portal.js";
import { Player, post } from "./player.js";

const LOOK_MS = 1_000;
const TICK_MS = 250;
const UNLIMITED = 40; // the last step of the slider

const player = new Player(find("#video"), everyFrame(() => draw(player.state)));
window.kitPlayer = player;

const setState = (word) => {
  find("#state").dataset.state = word;
  find("#state").textContent = word;
};

// Titles -----------------------------------------------------------------------------------------

async function loadTitles() {
  const profile = find("#profile").value;
  const found = await (await fetch(`/api/titles?profile=${encodeURIComponent(profile)}`)).json();
  if (!find("#profile").options.length) {
    for (const name of found.profiles) find("#profile").append(element("option", name));
    return loadTitles();
  }
  const begun = new Map(found.continue.map((each) => [each.title, each.share]));
  const known = new Map(found.titles.map((title) => [title.title, { ...title, share: begun.get(title.title) }]));
  const rows = await chosenRows(profile, known);
  find("#rows").replaceChildren(...rows.filter((each) => each.titles.length).map((each) => row(each.name, each.titles)));
  return undefined;
}

/** The rows for a profile; all titles in one row when there is no recommendation to be had. */
async function chosenRows(profile, known) {
  try {
    const answer = await fetch(`/api/home?profile=${encodeURIComponent(profile)}`);
    const { rows } = await answer.json();
    return rows.map(({ name, titles }) => ({
      name, titles: titles.filter((each) => known.has(each.title)).map((each) => ({ ...known.get(each.title), picture: each.picture })),
    }));
  } catch {
    return [{ name: "All titles", titles: [...known.values()] }];
  }
}

function row(name, titles) {
  const node = element("section", "", "row");
  const shelf = element("div", "", "shelf");
  shelf.append(...titles.map(card));
  node.append(element("h2", name), shelf);
  return node;
}

function card(title) {
  const node = element("button", "", "card");
  node.type = "button";
  node.dataset.title = title.title;
  const image = element("img");
  image.src = `/poster/${title.title}.jpg?picture=${title.picture ?? 0}`;
  image.alt = "";
  image.loading = "lazy";
  const words = element("span", "", "words");
  const lock = title.encrypted ? " · encrypted" : "";
  words.append(element("b", title.name), element("span", `${title.genres.join(", ")} · ${Math.round(title.duration_s)} s${lock}`, "note"));
  node.append(image);
  if (title.share) {
    const seen = element("span", "", "seen");
    seen.style.width = `${Math.round(100 * title.share)}%`;
    node.append(seen);
  }
  node.append(words);
  node.addEventListener("click", () => watch(title));
  return node;
}

async function watch(title) {
  find("#hint").textContent = "";
  find("#name").textContent = title.name;
  find("#now").textContent = "";
  find(".stage").scrollIntoView({ block: "nearest" });
  const profile = find("#profile").value;
  if (title.picture !== undefined) post("/api/artwork", { title: title.title, profile, picture: title.picture }).catch(() => {});
  try {
    await player.play(title.title, profile);
    listRules(player.offer.rules);
  } catch (error) {
    find("#hint").textContent = error.message;
  }
  await loadTitles();
}

function listRules(rules) {
  const select = find("#rule");
  if (select.options.length) return;
  for (const name of rules) select.append(element("option", name));
  select.value = player.rule;
}

// The session ------------------------------------------------------------------------------------

function draw(state) {
  if (!state) return;
  find("#quality").textContent = state.height ? `${state.height}p` : "–";
  find("#buffer").textContent = `${state.buffer_s.toFixed(1)} s`;
  find("#throughput").textContent = state.throughput_kbps ? `${whole.format(state.throughput_kbps)} kbit/s` : "–";
  find("#stalls").textContent = state.stalls;
  find("#from").textContent = state.edge || "–";
  const begun = state.waited_s ? `first frame after ${state.waited_s.toFixed(2)} s` : "";
  find("#now").textContent = state.problem || [begun, state.ended ? "ended" : ""].filter(Boolean).join(" · ");
  const column = (index) => state.history.map((each) => [each[0], each[index]]);
  const seconds = (x) => `${Math.round(x)} s`;
  plot(find("#buffer-plot"), [{ points: column(1), kind: "line", area: true }], { height: 110, xText: seconds });
  const cap = 4 * Math.max(...state.history.map((each) => each[3]), 1); // a line far faster than the film is "fast"
  const measured = column(2).map(([x, y]) => [x, Math.min(y, cap)]);
  plot(find("#rate-plot"), [{ points: measured, kind: "buy", steps: true, area: true }, { points: column(3), kind: "rung", steps: true }], { height: 130, xText: seconds });
}

/** The slider's steps are a doubling each five: 0 is 64 kbit/s, the last is no limit. */
const limitOf = (step) => (step >= UNLIMITED ? 0 : Math.round(64 * 2 ** (step / 5)));

async function throttle() {
  const kbps = limitOf(Number(find("#throttle").value));
  find("#line").textContent = kbps ? `${whole.format(kbps)} kbit/s` : "no limit";
  await post("/api/throttle", { kbps }).catch(() => {});
}

// Edges ------------------------------------------------------------------------------------------

async function look() {
  try {
    const edges = await (await fetch("/api/edges")).json();
    showEdges(edges);
    setState("live");
  } catch {
    setState("away");
  }
}

function showEdges(edges) {
  const map = find("#edges");
  for (const edge of edges) {
    let node = find(`[data-edge="${edge.name}"]`, map);
    if (!node) {
      node = element("button", "", "edge");
      node.type = "button";
      node.dataset.edge = edge.name;
      node.append(element("b", edge.name), element("span"), element("span"));
      node.addEventListener("click", () => flip(node));
      map.append(node);
    }
    const isDead = edge.is_down || edge.age_s > 3;
    node.dataset.state = isDead ? "dead" : "live";
    node.dataset.serving = !player.isOver && player.state?.edge === edge.name ? "yes" : "no";
    const [, first, second] = node.children;
    const serving = node.dataset.serving === "yes" && !isDead ? "serves you · " : "";
    first.textContent = isDead ? "dead: a click revives it" : `${serving}load ${Math.round(100 * edge.load)} %`;
    second.textContent = isDead ? "\u00a0" : `${whole.format(edge.used_bytes / 1000)} kB kept · ${Math.round(100 * edge.hit_ratio)} % hits`;
  }
}

async function fill() {
  try {
    const { edges } = await post("/api/fill", {});
    const files = edges.reduce((sum, each) => sum + each.files, 0);
    const size = edges.reduce((sum, each) => sum + each.bytes, 0);
    find("#filled").textContent = files ? `${whole.format(files)} files, ${whole.format(size / 1000)} kB are fetched` : "nothing is missing";
  } catch (error) {
    find("#filled").textContent = error.message;
  }
}

async function flip(node) {
  await post(`/api/edges/${node.dataset.edge}`, { up: node.dataset.state === "dead" }).catch(() => {});
  await look();
}

find("#profile").addEventListener("change", loadTitles);
find("#rule").addEventListener("change", () => { player.rule = find("#rule").value; });
find("#fill").addEventListener("click", fill);
find("#throttle").addEventListener("input", throttle);
window.addEventListener("pagehide", () => player.stop());
setInterval(() => player.tick(), TICK_MS);
setInterval(look, LOOK_MS);
look();
loadTitles();
