// The page: albums, search, the queue, a waveform, and what the player is doing.

import { element, everyFrame, find, whole } from "/portal/portal.js";
import { Mine } from "./mine.js";
import { Player, post } from "./player.js";
import { drawn, drawViews, menu } from "./views.js";

const LOOK_MS = 1_000;
const TYPE_MS = 60;
const player = new Player(find("#audio"), everyFrame(() => draw()));
window.kitPlayer = player;
let library = { users: [], albums: [] };
let known = new Map(); // tracks by id
let view = "albums"; // or "charts", "liked", "list": what mine has open
const mine = new Mine(() => drawShelf());

const setState = (word) => {
  find("#state").dataset.state = word;
  find("#state").textContent = word;
};
const market = () => library.users.find((each) => each.name === find("#user").value)?.market;
const isPlayable = (track) => track.markets.includes("*") || track.markets.includes(market());
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

async function load() {
  library = await (await fetch("/api/library")).json();
  const chosen = find("#user").value;
  find("#user").replaceChildren(...library.users.map((each) => Object.assign(element("option", `${each.name} (${each.market})`), { value: each.name })));
  if (chosen) find("#user").value = chosen;
  known = new Map(library.albums.flatMap((each) => each.tracks).map((track) => [track.id, track]));
}

/** Draw what is chosen to be seen: all albums, the charts, what is liked, a playlist. */
async function drawShelf() {
  if (view === "list" && !mine.open) view = "albums";
  drawViews(find("#views"), view, mine, show);
  find("#home").hidden = view !== "albums";
  find("#shelf").className = view === "albums" ? "albums" : "";
  if (view === "albums") find("#shelf").replaceChildren(...library.albums.map(album));
  else {
    const asked = view;
    const node = await drawn(view, { mine, market: market(), known, line, start, act });
    if (view !== asked || document.querySelector("#name:focus")) return; // something else by now, or a name is being typed
    find("#shelf").replaceChildren(node);
  }
  markLikes();
}

async function show(name, id = "") {
  view = name;
  await act(() => mine.show(id));
  await drawShelf();
}

/** Do something that the service may refuse, and say so if it does. */
async function act(operation) {
  try {
    return await operation();
  } catch (error) {
    find("#artist").textContent = error.message;
    return null;
  }
}

function markLikes() {
  const liked = new Set(mine.likes);
  document.querySelectorAll("[data-like]").forEach((each) => {
    const isLiked = liked.has(each.dataset.like);
    each.setAttribute("aria-pressed", isLiked);
    each.textContent = isLiked ? "♥" : "♡";
  });
}

document.addEventListener("click", (event) => {
  const { like, add } = event.target.dataset ?? {};
  if (like) act(() => mine.like(like, event.target.getAttribute("aria-pressed") !== "true"));
  if (add) menu(find("#menu"), event.target, mine, add, act);
});

function album(facts) {
  const node = element("section", "", "album panel");
  const image = Object.assign(element("img"), { src: `/cover/${facts.id}`, alt: "", loading: "lazy" });
  const head = element("header");
  const words = element("div");
  words.append(element("h2", facts.title), element("span", `${facts.artist} · ${facts.year || ""} ${facts.genre ? `· ${facts.genre}` : ""}`, "note"));
  head.append(image, words);
  const list = element("ol", "", "tracks");
  list.append(...facts.tracks.map((track, place) => line(track, () => start(facts.tracks, place), facts.artist)));
  node.append(head, list);
  return node;
}

function line(track, onPlay, albumArtist = "") {
  const node = element("li");
  const button = element("button", "", "track");
  button.type = "button";
  button.dataset.track = track.id;
  const by = track.artist === albumArtist ? "" : ` · ${track.artist}`;
  button.append(element("b", track.title), element("span", by, "note"), element("span", clock(track.duration_ms / 1000), "time"));
  if (!isPlayable(track)) {
    button.classList.add("away");
    button.title = `may be played in ${track.markets.join(", ")}; another recording is tried`;
  }
  button.addEventListener("click", onPlay);
  node.append(button, tool("♡", `Like ${track.title}`, { like: track.id }), tool("+", `Add ${track.title} to a playlist`, { add: track.id }));
  return node;
}

/** A small button beside a track; what it does is known by its data. */
function tool(sign, label, data) {
  const button = Object.assign(element("button", sign, "act"), { type: "button", ariaLabel: label, title: label });
  Object.assign(button.dataset, data);
  return button;
}

async function start(tracks, place, from) {
  try {
    await take();
    await player.play(tracks, place, find("#user").value, find("#quality").value, from);
    setState("live");
  } catch (error) {
    player.state.problem = error.message;
    setState("away");
    find("#artist").textContent = error.message;
  }
}

// Home: rows made for this listener, in an order that the server learns ---------------------------

async function drawHome() {
  const { rows } = await (await fetch(`/api/home?user=${encodeURIComponent(find("#user").value)}`)).json();
  find("#home").replaceChildren(...rows.map(({ name, title, tracks }) => {
    const node = element("section", "", "row");
    const list = element("ol", "", "cards");
    list.append(...tracks.map((track, place) => card(track, () => start(tracks, place, `home:${name}`))));
    node.append(element("h2", title), list);
    return node;
  }));
}

function card(track, onPlay) {
  const node = line(track, onPlay, track.artist);
  node.querySelector("button").prepend(Object.assign(element("img"), { src: `/cover/${track.album_id}`, alt: "", loading: "lazy" }));
  node.querySelector(".note").textContent = track.artist;
  return node;
}

// Search -----------------------------------------------------------------------------------------

let typing;
find("#search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(search, TYPE_MS);
});

async function search() {
  const words = find("#search").value.trim();
  find("#found").hidden = !words;
  if (!words) return;
  const asked = performance.now();
  const { tracks } = await (await fetch(`/api/search?q=${encodeURIComponent(words)}`)).json();
  if (words !== find("#search").value.trim()) return;
  const list = element("ol", "", "tracks");
  list.append(...tracks.map((track, place) => line(track, () => start(tracks, place))));
  const told = element("p", tracks.length ? `${tracks.length} found in ${whole.format(performance.now() - asked)} ms` : "nothing like that", "note");
  find("#found").replaceChildren(list, told);
}

// What sounds ------------------------------------------------------------------------------------

function draw() {
  const { lane, state, line: wire } = player;
  find("#toggle").dataset.playing = find("#audio").paused ? "no" : "yes";
  find("#start").textContent = state.start_ms === null ? "–" : `${whole.format(state.start_ms)} ms${state.was_kept ? " (kept)" : ""}`;
  find("#stutters").textContent = state.stutters;
  find("#ping").textContent = `${whole.format(wire.ping_s * 1000)} ms`;
  find("#from").textContent = wire.from || "–";
  find("#requests").replaceChildren(...wire.log.map(request));
  document.querySelectorAll(".track[aria-current]").forEach((each) => each.removeAttribute("aria-current"));
  if (!lane) return;
  const { track } = lane;
  find("#title").textContent = track.title;
  find("#artist").textContent = state.problem || `${track.artist} · ${track.album}${lane.offer.track === track.id ? "" : " (from another album)"}`;
  if (find("#cover").dataset.album !== track.album_id) {
    find("#cover").dataset.album = track.album_id;
    find("#cover").src = `/cover/${track.album_id}`;
  }
  if (find("#like").dataset.like !== track.id) {
    find("#like").dataset.like = track.id;
    find("#like").hidden = false;
    markLikes();
  }
  document.querySelectorAll(`.track[data-track="${track.id}"]`).forEach((each) => each.setAttribute("aria-current", "true"));
  find("#ahead").textContent = `${ahead().toFixed(1)} s`;
  find("#time").textContent = clock(player.position());
  find("#length").textContent = clock(lane.length);
  drawPieces("#pieces", lane);
  drawPieces("#following", player.lanes.find((each) => each.index === lane.index + 1));
  drawQueue();
  drawWave(lane);
}

function ahead() {
  const { buffered, currentTime } = find("#audio");
  for (let i = 0; i < buffered.length; i += 1) if (buffered.start(i) <= currentTime + 0.1 && currentTime < buffered.end(i)) return buffered.end(i) - currentTime;
  return 0;
}

function drawPieces(where, lane) {
  const node = find(where);
  const origins = lane ? player.line.origins(lane.offer) : [];
  const at = lane === player.lane ? lane.offer.pieces.findLastIndex((piece) => piece[2] * 0.02 + lane.offset <= find("#audio").currentTime) : -1;
  const key = `${lane?.play}${origins.join("")}${at}`;
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  node.replaceChildren(...origins.map((is, place) => {
    const cell = element("i");
    cell.dataset.is = is;
    if (place === at) cell.className = "now";
    return cell;
  }));
}

function request({ edge, bytes, is, ms, what }) {
  const node = element("li");
  node.dataset.is = is;
  node.textContent = what ? `:${edge} ${what}` : `:${edge}  ${whole.format(bytes / 1024)} KiB  ${is}  ${whole.format(ms)} ms`;
  return node;
}

function drawQueue() {
  const key = `${player.index}/${player.queue.length}/${player.queue[0]?.id}`;
  const node = find("#queue");
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  node.replaceChildren(...player.queue.slice(player.index + 1, player.index + 8).map((track, place) =>
    line(track, () => start(player.queue, player.index + 1 + place))));
}

function drawWave(lane) {
  const canvas = find("#waveform");
  const width = canvas.clientWidth;
  const scale = devicePixelRatio || 1;
  if (canvas.width !== width * scale) Object.assign(canvas, { width: width * scale, height: 44 * scale });
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const bars = lane.track.waveform;
  const played = player.position() / lane.length;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  bars.forEach((height, place) => {
    pen.fillStyle = style.getPropertyValue(place / bars.length < played ? "--kit-accent" : "--kit-faint");
    const tall = Math.max(2, (height / 100) * canvas.height);
    pen.fillRect((place * canvas.width) / bars.length, (canvas.height - tall) / 2, Math.max(1, canvas.width / bars.length - scale), tall);
  });
  canvas.setAttribute("aria-valuenow", Math.round(player.position()));
  canvas.setAttribute("aria-valuemax", Math.round(lane.length));
}

find("#waveform").addEventListener("click", (event) => {
  if (player.lane) player.seek((event.offsetX / event.target.clientWidth) * player.lane.length);
});
find("#waveform").addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -5, ArrowRight: 5 }[event.key];
  if (step && player.lane) player.seek(Math.max(0, player.position() + step));
});
find("#toggle").addEventListener("click", () => {
  const audio = find("#audio");
  if (!player.lane && library.albums.length) return start(library.albums[0].tracks, 0);
  return audio.paused ? audio.play() : audio.pause();
});
find("#next").addEventListener("click", () => player.next());
find("#previous").addEventListener("click", () => player.previous());
for (const name of ["pause", "play"]) find("#audio").addEventListener(name, () => draw());
find("#user").addEventListener("change", () => Promise.all([act(() => mine.of(find("#user").value)), drawHome()]));

// Edges ------------------------------------------------------------------------------------------

async function look() {
  try {
    const edges = await (await fetch("/api/edges")).json();
    find("#edges").replaceChildren(...edges.map(edge));
    if (find("#state").dataset.state !== "away") setState("live");
  } catch {
    setState("away");
  }
}

function edge(facts) {
  const node = element("button", "", "edge");
  node.type = "button";
  node.dataset.state = facts.is_down ? "dead" : "alive";
  node.dataset.edge = facts.name;
  node.append(element("b", facts.name), element("span", facts.is_down ? "dead" : `${whole.format(100 * facts.hit_ratio)} % of blocks were there`),
    element("span", facts.is_down ? "a click brings it back" : `${whole.format((facts.sent_bytes ?? 0) / 1024)} KiB sent`));
  node.addEventListener("click", async () => {
    await post(`/api/edges/${facts.name}`, { up: facts.is_down }).catch(() => {});
    look();
  });
  return node;
}

// Devices: this tab is one; of a listener's devices one sounds -----------------------------------

const device = crypto.randomUUID();
const name = `tab ${device.slice(0, 4)}`;
const who = () => ({ user: find("#user").value, device });
let epoch = 0;

/** Sound here; whoever sounded before hears that it does not any more. */
async function take() {
  await post("/api/connect/hello", { ...who(), name }).catch(() => {});
  epoch = (await post("/api/connect/take", who())).epoch;
}

async function beat() {
  const said = await post("/api/connect/hello", { ...who(), name }).catch(() => null);
  if (!said) return;
  const sounding = said.sounding.device;
  const others = said.devices.filter((each) => each.id !== device);
  find("#devices").replaceChildren(...others.map((each) => elsewhere(each, each.id === sounding && said.sounding.is_playing)));
  const audio = find("#audio");
  if (sounding === device && said.epoch > epoch && audio.paused) return goOn(said.sounding, said.epoch);
  if (!epoch || audio.paused) return;
  const now = { tracks: player.queue.map((track) => track.id), index: player.index, position_ms: Math.round(player.position() * 1000) };
  await post("/api/connect/tell", { ...who(), epoch, ...now, is_playing: !audio.paused }).catch((error) => {
    if (error.reason !== "epoch") return;
    epoch = 0;
    audio.pause();
    player.state.problem = "sounds on another device now";
    draw();
  });
}

function elsewhere({ id, name }, isSounding) {
  const node = element("li");
  const button = Object.assign(element("button", `${name}${isSounding ? " ♪ sounds there" : ""}`, "track"), { type: "button" });
  button.addEventListener("click", () => act(() => mine.handOver(id)));
  node.append(button);
  return node;
}

/** Somebody has handed the sound over to this tab: go on where it was. */
async function goOn(sounding, granted) {
  epoch = granted;
  const queue = sounding.tracks.map((id) => known.get(id)).filter(Boolean);
  if (!queue.length) return;
  await player.play(queue, sounding.index, find("#user").value, find("#quality").value);
  player.seek(sounding.position_ms / 1000);
}

await load();
await Promise.all([act(() => mine.of(find("#user").value)), drawHome(), look()]);
setInterval(() => mine.look().catch(() => {}), 2 * LOOK_MS);
setInterval(beat, LOOK_MS);
setInterval(look, LOOK_MS);
setInterval(() => { if (player.lane) draw(); }, 250);
