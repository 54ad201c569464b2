// The console: what changes by itself is asked for once a second; what the reader does is sent at once.
// All text goes in as text: a key is whatever somebody called it.
import { element, everyFrame, find, sparkline, whole } from "../portal/portal.js";

const EVERY_MS = 1_000;
const PATIENCE_MS = 15_000; // a state that takes longer is given up, and asked for again
const LOG_MAX = 200;
const VERSIONS_SHOWN = 5; // until all are asked for
const TOAST_MS = 6_000;
const FAULT_WORDS = {
  slow: ["Slow", "Every answer waits 200 ms"],
  full: ["Full", "It stores nothing more"],
  refusing: ["Refusing", "Every request is answered with an error"],
  unreachable: ["Silent", "No request is answered at all"],
};
const FAULTS = JSON.parse(find("#zones").dataset.faults);
const NOT_CHANGES = /^(Get|Head|List)/;

const view = { bucket: "", prefix: "", open: "", version: "", entries: [], more: "" };
const live = { after: 0, log: [], nodes: [], heat: new Map(), perSecond: [], busy: 0 };

// Asking -----------------------------------------------------------------------------------------

async function ask(path, { method = "GET", json, body, patience = PATIENCE_MS } = {}) {
  const options = { method, body, signal: AbortSignal.timeout(patience) };
  if (json !== undefined) {
    options.body = JSON.stringify(json);
    options.headers = { "Content-Type": "application/json" };
  }
  const answer = await fetch(`api/${path}`, options);
  const found = await answer.json().catch(() => ({ reason: `the store answered ${answer.status}` }));
  if (!answer.ok) throw new Error(found.reason);
  return found;
}

const query = (words) => new URLSearchParams(words).toString();

/** Do what a click asks for, and say what went wrong. */
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    say(error.name === "TimeoutError" ? "No answer came in time." : error.message);
    return undefined;
  }
}

let hush;
function say(text) {
  const toast = find("#toast");
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(hush);
  hush = setTimeout(() => (toast.hidden = true), TOAST_MS);
}

// Words ------------------------------------------------------------------------------------------

function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) [count, unit] = [count / 1024, unit + 1];
  return `${unit && count < 100 ? count.toFixed(1) : Math.round(count)} ${units[unit]}`;
}

const day = new Intl.DateTimeFormat("sv", { dateStyle: "short", timeStyle: "short" });
const clock = new Intl.DateTimeFormat("sv", { timeStyle: "medium" });
const plural = (count, word) => `${whole.format(count)} ${word}${count === 1 ? "" : "s"}`;

function button(text, onClick, { className = "", title = "" } = {}) {
  const made = element("button", text, className);
  made.type = "button";
  if (title) made.title = title;
  made.addEventListener("click", onClick);
  return made;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Buckets and objects ----------------------------------------------------------------------------

/** Show a bucket's level, or all buckets; the address remembers where we are. */
async function go(bucket, prefix = "", { remember = true } = {}) {
  Object.assign(view, { bucket, prefix, open: "", version: "" });
  find("#detail").hidden = true;
  const hash = bucket ? `#${encodeURIComponent(bucket)}/${encodeURI(prefix)}` : "#";
  if (remember && location.hash !== hash) history.pushState(null, "", hash);
  await refresh();
}

let asking = 0;
async function refresh(marker = "") {
  const turn = (asking += 1); // an answer that comes after a later question is too late
  const found = view.bucket ? await level(marker) : { entries: await everyBucket(), more: "" };
  if (turn !== asking) return;
  view.entries = marker ? [...view.entries, ...found.entries] : found.entries;
  view.more = found.more;
  drawEntries();
}

async function everyBucket() {
  const found = await ask("buckets");
  return found.map((bucket) => ({ kind: "bucket", name: bucket.name, ...bucket }));
}

async function level(marker) {
  const { bucket, prefix } = view;
  const found = await ask(`objects?${query({ bucket, prefix, marker })}`);
  const folders = found.folders.map((key) => ({ kind: "folder", key, name: key.slice(prefix.length) }));
  const objects = found.objects.map((each) => ({ kind: "object", name: each.key.slice(prefix.length), ...each }));
  return { entries: [...folders, ...objects], more: found.more };
}

function drawEntries() {
  drawCrumbs();
  find("#upload").hidden = !view.bucket;
  find("#make").hidden = Boolean(view.bucket);
  if (view.bucket) showMaker(false);
  find("#more").hidden = !view.more;
  find(".list").hidden = view.entries.length === 0;
  const empty = find("#empty");
  empty.hidden = view.entries.length > 0;
  empty.textContent = view.bucket ? "Nothing here yet. Drop files, or upload them." : "No bucket yet. Make one: it is where objects live.";
  const focused = document.activeElement?.dataset?.name;
  find("#entries").replaceChildren(...view.entries.map(rowOf));
  if (focused !== undefined) find(`#entries [data-name="${CSS.escape(focused)}"]`)?.focus();
}

function rowOf(entry) {
  const row = element("tr", "", entry.kind === "object" && entry.key === view.open ? "is-open" : "");
  const name = element("td", "", entry.kind === "object" ? "" : "is-folder");
  const open = {
    bucket: () => go(entry.name),
    folder: () => go(view.bucket, entry.key),
    object: () => show(entry.key),
  }[entry.kind];
  const link = button(entry.name || "(no name)", () => attempt(open));
  link.dataset.name = entry.name;
  link.title = entry.name;
  name.append(link);
  const size = entry.kind === "object" ? bytes(entry.size_bytes) : entry.versioning === "Enabled" ? "versioned" : "";
  const at = entry.modified_ms ?? entry.created_ms;
  row.append(name, element("td", size), element("td", at ? day.format(at) : "", "when"));
  return row;
}

function drawCrumbs() {
  const steps = [["buckets", "", ""]];
  if (view.bucket) steps.push([view.bucket, view.bucket, ""]);
  let prefix = "";
  for (const folder of view.prefix.split("/").slice(0, -1)) {
    prefix += `${folder}/`;
    steps.push([folder || "(empty)", view.bucket, prefix]);
  }
  const parts = steps.flatMap(([text, bucket, below], index) => {
    const step = button(text, () => attempt(() => go(bucket, below)));
    if (index === steps.length - 1) step.setAttribute("aria-current", "page");
    return index ? [element("span", "/"), step] : [step];
  });
  find("#crumbs").replaceChildren(...parts);
}

function showMaker(isShown) {
  find("#maker").hidden = !isShown;
  find("#make").setAttribute("aria-expanded", String(isShown));
  if (isShown) find("#maker input").focus();
}

find("#make").addEventListener("click", () => showMaker(find("#maker").hidden));
find("#maker").addEventListener("submit", (event) => {
  event.preventDefault();
  const { name, is_versioned } = event.target.elements;
  attempt(async () => {
    await ask("buckets", { method: "POST", json: { name: name.value, is_versioned: is_versioned.checked } });
    const made = name.value;
    event.target.reset();
    showMaker(false);
    await go(made);
  });
});
find("#more").addEventListener("click", () => attempt(() => refresh(view.more)));

// Uploads: XMLHttpRequest, as fetch does not say how much has been sent -----------------------------

const UPLOADS_AT_ONCE = 3;
const queue = [];
let running = 0;

function upload(files) {
  for (const file of files) queue.push({ file, bucket: view.bucket, key: view.prefix + file.name });
  next();
}

function next() {
  while (running < UPLOADS_AT_ONCE && queue.length) {
    running += 1;
    send(queue.shift()).finally(() => {
      running -= 1;
      next();
    });
  }
}

function send({ file, bucket, key }) {
  const item = element("li");
  const word = element("b", "0 %");
  const bar = Object.assign(element("progress"), { max: file.size || 1, value: 0 });
  bar.setAttribute("aria-label", `Uploading ${file.name}`);
  item.append(element("span", file.name), word, bar);
  find("#uploads").append(item);
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const fail = (reason) => {
      item.classList.add("is-bad");
      word.textContent = reason;
      bar.remove();
      setTimeout(() => item.remove(), 2 * TOAST_MS);
      done();
    };
    request.open("PUT", `api/object?${query({ bucket, key })}`);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.onprogress = ({ loaded }) => {
      bar.value = loaded;
      word.textContent = loaded < file.size ? `${Math.floor((100 * loaded) / file.size)} %` : "storing…";
    };
    request.onload = () => {
      if (request.status >= 300) return fail(reasonIn(request.responseText));
      item.remove();
      attempt(refresh);
      return done();
    };
    request.onerror = () => fail("the connection was lost");
    request.send(file);
  });
}

function reasonIn(text) {
  try {
    return JSON.parse(text).reason;
  } catch {
    return "it was refused";
  }
}

find("#upload").addEventListener("click", () => find("#files").click());
find("#files").addEventListener("change", ({ target }) => {
  upload([...target.files]);
  target.value = "";
});
const shelf = find("#objects");
for (const name of ["dragenter", "dragover"]) {
  shelf.addEventListener(name, (event) => {
    if (!view.bucket) return;
    event.preventDefault();
    shelf.classList.add("over");
  });
}
for (const name of ["dragleave", "drop"]) shelf.addEventListener(name, () => shelf.classList.remove("over"));
shelf.addEventListener("drop", (event) => {
  event.preventDefault();
  if (view.bucket) upload([...event.dataTransfer.files]);
});
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault()); // a near miss opens no file

// One object -------------------------------------------------------------------------------------

async function show(key, version = "", { focus = true } = {}) {
  if (view.open !== key) view.all = false;
  Object.assign(view, { open: key, version });
  drawEntries();
  const found = await ask(`detail?${query({ bucket: view.bucket, key, version })}`, { patience: 2 * PATIENCE_MS });
  if (view.open !== key) return;
  const detail = find("#detail");
  detail.replaceChildren(...detailOf(key, found));
  detail.hidden = false;
  if (focus) {
    detail.focus({ preventScroll: true });
    detail.scrollIntoView({ block: "nearest" });
  }
}

function detailOf(key, { versions, shown, stripes, stripes_total }) {
  const head = element("div", "", "row");
  head.append(element("h3", key));
  if (!shown.is_marker) head.append(button("Download", () => download(key, shown.id)));
  head.append(button("Delete", () => remove(key)), button("Close", close));
  const facts = element("dl", "", "facts");
  const known = { Size: bytes(shown.size_bytes), Type: shown.type, ETag: shown.etag, Class: shown.storage_class, Parts: shown.parts || "", Encrypted: shown.is_encrypted ? "yes" : "", Lock: shown.lock.mode ?? "" };
  for (const [name, value] of Object.entries(known)) {
    if (value === "") continue;
    const pair = element("div");
    pair.append(element("dt", name), element("dd", String(value)));
    facts.append(pair);
  }
  return [head, facts, ...versionsOf(key, versions, shown), ...stripesOf(key, shown, stripes, stripes_total)];
}

function versionsOf(key, versions, shown) {
  if (versions.length < 2 && versions[0]?.id === "null") return [];
  const list = element("ul", "", "versions");
  const listed = view.all ? versions : versions.slice(0, VERSIONS_SHOWN);
  listed.forEach((version, index) => {
    const item = element("li", "", version.id === shown.id ? "is-shown" : "");
    item.append(element("span", day.format(version.modified_ms)));
    item.append(element("span", version.is_marker ? "delete marker" : bytes(version.size_bytes), "size"));
    item.append(element("code", version.id.length > 14 ? `…${version.id.slice(-12)}` : version.id));
    if (index === 0) item.append(element("span", "current", "tag"));
    item.append(element("span", "", "spring"));
    if (!version.is_marker) {
      item.append(button("Where", () => attempt(() => show(key, version.id, { focus: false }))));
      item.append(button("Download", () => download(key, version.id)));
    }
    item.append(button("Remove", () => remove(key, version.id)));
    list.append(item);
  });
  if (listed.length < versions.length) {
    const rest = element("li");
    rest.append(button(`Show all ${versions.length}`, () => attempt(() => ((view.all = true), show(key, shown.id, { focus: false })))));
    list.append(rest);
  }
  return [element("h4", plural(versions.length, "version")), list];
}

function stripesOf(key, shown, stripes, total) {
  if (total === 0 && !shown.size_bytes) return [];
  const title = element("h4", "Where its bytes are");
  if (total === 0) return [title, element("p", "In the metadata, beside its record, as it is small.", "note")];
  const more = total > stripes.length ? `the first ${stripes.length} of ${plural(total, "stripe")}; ` : "";
  title.append(element("span", `${more}a click on a shard flips a bit of it on the disk`, "note"));
  return [title, ...stripes.flatMap((stripe) => stripeOf(key, shown, stripe))];
}

function stripeOf(key, shown, { part, stripe, shard_bytes, shards, spare }) {
  const where = shown.parts ? `Part ${part}, stripe ${stripe}` : `Stripe ${stripe}`;
  const left = spare < 0 ? "cannot be read now" : spare === 0 && shards.length > 1 ? "can lose nothing more" : `${spare} may be lost`;
  const row = element("div", "", "stripe");
  row.append(...shards.map((shard, index) => shardOf(key, shown, shard, index)));
  const only = shards.length === 1 ? "the only copy" : left;
  return [element("p", `${where}: ${plural(shards.length, "shard")} of ${bytes(shard_bytes)}, ${only}`, "stripe-name"), row];
}

function shardOf(key, shown, { name, home, at, is_parity }, index) {
  const node = at.includes(home) ? home : at[0];
  const kind = is_parity ? "parity" : "data";
  if (node === undefined) {
    const gone = element("div", `— `, "shard is-gone");
    gone.append(element("small", `${kind} ${index}, lost or away from ${home}`));
    return gone;
  }
  const zone = live.nodes.find((each) => each.name === node)?.zone ?? "";
  const made = button(`${node} `, () => flip(key, shown, node, name), {
    className: `shard${is_parity ? " is-parity" : ""}${node === home ? "" : " is-stray"}`,
    title: `Flip a bit of ${name} on ${node}`,
  });
  made.append(element("small", node === home ? `${kind} ${index} · zone ${zone}` : `${kind} ${index}, for ${home}`));
  return made;
}

function flip(key, shown, node, shard) {
  attempt(async () => {
    await ask("damage", { method: "POST", json: { node, shard } });
    say(`A bit of shard ${shard.slice(-2)} on ${node} is flipped. Reads go around it; “Read everything” finds and mends it.`);
  });
}

function download(key, version) {
  const link = element("a");
  link.href = `api/object?${query({ bucket: view.bucket, key, version: version === "null" ? "" : version })}`;
  link.download = key.split("/").at(-1);
  link.click();
}

function remove(key, version = "") {
  attempt(async () => {
    await ask(`object?${query({ bucket: view.bucket, key, version })}`, { method: "DELETE" });
    say(version ? "That version is gone." : `${key} is deleted.`);
    await refresh();
    if (!version) return close();
    return show(key).catch(close);
  });
}

function close() {
  const { open } = view;
  Object.assign(view, { open: "", version: "" });
  find("#detail").hidden = true;
  drawEntries();
  find(`#entries [data-name="${CSS.escape(open.slice(view.prefix.length))}"]`)?.focus();
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && view.open) close();
});

// Nodes ------------------------------------------------------------------------------------------

/** The parts of the page that show a node are made once: a button that is made anew loses the focus. */
const cards = new Map();

function drawNodes() {
  const zones = Map.groupBy(live.nodes, (node) => node.zone);
  const shape = live.nodes.map((node) => `${node.zone}/${node.name}`).join();
  const home = find("#zones");
  if (home.dataset.shape !== shape) {
    home.dataset.shape = shape;
    cards.clear();
    home.replaceChildren(...[...zones].flatMap(([zone, nodes]) => [zoneOf(zone, nodes), ...nodes.map(cardOf)]));
  }
  const all = Math.max(1, live.nodes.reduce((sum, node) => sum + (node.used_bytes ?? 0), 0));
  for (const node of live.nodes) cards.get(node.name)(node, all);
  for (const [zone, nodes] of zones) {
    const isCut = nodes.every((node) => node.faults?.is_unreachable);
    find(`[data-zone="${CSS.escape(zone)}"]`)?.setAttribute("aria-pressed", String(isCut));
  }
  const ill = live.nodes.filter((node) => wordOf(node) !== "healthy").length;
  setText(find("#health"), ill ? `${ill} of ${live.nodes.length} not well` : "all well");
  find("#heal").disabled = ill === 0;
}

function zoneOf(zone, nodes) {
  const head = element("div", "", "zone");
  const name = element("span", "Zone ");
  name.append(element("b", zone));
  head.append(name);
  if (live.nodes.length > nodes.length) {
    const cut = button("Cut off", () => {
      const is_on = cut.getAttribute("aria-pressed") !== "true";
      attempt(async () => apply(await ask("faults", { method: "POST", json: { zone, is_on } })));
    }, { className: "quiet", title: `Nothing gets in or out of zone ${zone}` });
    cut.dataset.zone = zone;
    head.append(cut);
  }
  return head;
}

function cardOf(node) {
  const card = element("article", "", "node");
  card.setAttribute("aria-label", `Node ${node.name}`);
  const top = element("div", "", "top");
  const [word, numbers] = [element("span", "", "word"), element("span", "", "numbers-of")];
  top.append(element("b", node.name), word, numbers);
  const fill = element("div", "", "fill");
  const level = element("i");
  fill.append(level);
  const faults = element("div", "", "faults");
  const switches = FAULTS.map((fault) => {
    const [text, title] = FAULT_WORDS[fault] ?? [fault, ""];
    const made = button(text, () => {
      const is_on = made.getAttribute("aria-pressed") !== "true";
      attempt(async () => apply(await ask("faults", { method: "POST", json: { node: node.name, fault, is_on } })));
    }, { title });
    faults.append(made);
    return [fault, made];
  });
  if (node.can_wipe) {
    faults.append(button("New disk", () => attempt(async () => {
      await ask("wipe", { method: "POST", json: { node: node.name } });
      say(`${node.name} has an empty disk. Repair brings its shards back.`);
    }), { title: "Replace its disk by an empty one" }));
  }
  card.append(top, fill, faults);
  cards.set(node.name, (now, all) => {
    const said = wordOf(now);
    card.className = `node${now.is_up ? "" : " is-down"}${said === "healthy" || !now.is_up ? "" : " is-ill"}`;
    setText(word, said);
    word.title = now.reason ?? "";
    const rate = now.rate === undefined ? "" : ` · ${now.rate.toFixed(now.rate < 10 ? 1 : 0)}/s`;
    setText(numbers, now.is_up ? `${plural(now.shards, "shard")} · ${bytes(now.used_bytes)}${rate}` : "");
    level.style.width = `${now.is_up ? (100 * now.used_bytes) / (now.capacity_bytes ?? all) : 0}%`;
    fill.title = now.capacity_bytes ? `${bytes(now.used_bytes)} of ${bytes(now.capacity_bytes)}` : "its share of all bytes";
    for (const [fault, made] of switches) {
      made.setAttribute("aria-pressed", String(isOn(now, fault)));
      made.disabled = !now.is_up;
    }
  });
  return card;
}

function isOn({ faults }, fault) {
  return Boolean(fault === "slow" ? faults?.slow_ms : faults?.[`is_${fault}`]);
}

function wordOf(node) {
  if (!node.is_up) return "no answer";
  const on = FAULTS.filter((fault) => isOn(node, fault)).map((fault) => (FAULT_WORDS[fault]?.[0] ?? fault).toLowerCase());
  return on.length ? on.join(", ") : "healthy";
}

find("#heal").addEventListener("click", () => attempt(async () => {
  apply(await ask("faults", { method: "POST", json: {} }));
  say("All faults are off.");
}));

/** Take over the nodes' states, and what they did since the last ones. */
function apply(nodes) {
  const now = performance.now();
  for (const node of nodes) {
    if (!node.heat) continue;
    const count = node.heat.puts + node.heat.gets;
    const before = live.heat.get(node.name);
    if (before && now - before.at > 900) {
      node.rate = Math.max(0, (1000 * (count - before.count)) / (now - before.at));
      live.heat.set(node.name, { count, at: now, rate: node.rate });
    } else {
      node.rate = before?.rate;
      if (!before) live.heat.set(node.name, { count, at: now });
    }
  }
  live.nodes = nodes;
  drawNodes();
}

// Scrub and repair -------------------------------------------------------------------------------

find("#scrub").addEventListener("click", () => attempt(async () => drawMending(await ask("scrub", { method: "POST", json: {} }))));

let phase = "idle";
function drawMending({ phase: now, reason, scrub, repair }) {
  const isBusy = now === "scrubbing" || now === "repairing";
  find("#scrub").disabled = isBusy;
  const bar = find("#scrubbed");
  const mended = repair.mended + repair.failed.length + repair.beyond_repair.length;
  const [done, total] = now === "repairing" ? [mended, repair.wounded] : [scrub.shards, scrub.shards_total];
  bar.value = now === "idle" ? 0 : total ? Math.min(1, done / total) : isBusy ? 0 : 1;
  const read = `${plural(scrub.shards, "shard")} read, ${bytes(scrub.size_bytes)}`;
  const silent = scrub.silent.length ? `; silent: ${scrub.silent.join(", ")}` : "";
  const found = scrub.damaged.length ? `${plural(scrub.damaged.length, "shard")} damaged` : "no damage";
  const outcome = repair.wounded ? `; ${repair.mended} of ${plural(repair.wounded, "wounded stripe")} mended${repair.beyond_repair.length ? `, ${repair.beyond_repair.length} beyond repair` : ""}${repair.failed.length ? `, ${repair.failed.length} to be tried again` : ""}` : "";
  setText(find("#mending"), {
    idle: "Bytes rot while nobody looks. Read every shard, and mend what fails its checksum.",
    scrubbing: `Reading: ${scrub.shards} of ${plural(scrub.shards_total, "shard")}`,
    repairing: `${read}, ${found}. Mending: ${mended} of ${plural(repair.wounded, "stripe")}`,
    done: `${read}, ${found}${silent}${outcome}.`,
    failed: `It was given up: ${reason || "see the server's log"}.`,
  }[now]);
  const damaged = scrub.damaged.map(([node, shard]) => `${node}: ${shard}`);
  if (find("#damaged").childElementCount !== damaged.length) {
    find("#damaged").replaceChildren(...damaged.map((text) => element("li", text)));
  }
  if (phase !== now && now === "done" && view.open) attempt(() => show(view.open, view.version, { focus: false }));
  phase = now;
}

function drawUpkeep({ stripes, wounded, mended, shards, beyond_repair }) {
  const told = wounded ? `${plural(wounded, "stripe")} of ${whole.format(stripes)} wounded, ${mended} mended with ${plural(shards, "shard")}${beyond_repair.length ? `, ${beyond_repair.length} beyond repair` : ""}` : `${plural(stripes, "stripe")}, none wounded`;
  const isAlone = live.nodes.length < 2;
  setText(find("#upkeep"), isAlone ? "One node keeps one copy of everything: what is damaged here is lost. Try kit serve s3 --cluster." : `The last round in the background: ${told}.`);
}

// Heat and requests ------------------------------------------------------------------------------

const drawHeat = everyFrame(() => sparkline(find("#spark"), live.perSecond, 48, true));

function drawTicker(state) {
  const up = state.nodes.filter((node) => node.is_up && !node.faults.is_unreachable && !node.faults.is_refusing);
  const sum = (name) => state.nodes.reduce((total, node) => total + (node[name] ?? 0), 0);
  const recent = live.log.slice(-100).map((seen) => seen.took_ms).sort((a, b) => a - b);
  setText(find("#rate"), whole.format(state.per_second.at(-1)));
  setText(find("#median"), recent.length ? `${recent[recent.length >> 1].toFixed(1)} ms` : "–");
  setText(find("#up"), `${up.length} of ${state.nodes.length}`);
  setText(find("#code"), state.code[1] ? `${state.code[0]} + ${state.code[1]}` : "one copy");
  setText(find("#shards"), whole.format(sum("shards")));
  setText(find("#used"), bytes(sum("used_bytes")));
}

function drawHottest(hottest, ranges) {
  const most = Math.max(...hottest.map(([, rate]) => rate), 0.1);
  find("#cold").hidden = hottest.length > 0;
  find("#hottest").replaceChildren(...hottest.map(([prefix, rate]) => {
    const item = element("li");
    item.style.setProperty("--share", `${(100 * rate) / most}%`);
    item.append(element("span", prefix), element("span", `${rate.toFixed(1)}/s`));
    return item;
  }));
  setText(find("#ranges"), `keys in ${plural(ranges, "range")} by heat`);
}

function drawLog(fresh) {
  if (fresh.length === 0) return;
  live.after = fresh.at(-1).number;
  live.log = [...live.log, ...fresh].slice(-LOG_MAX);
  find("#quiet").hidden = true;
  const rows = fresh.slice(-LOG_MAX).reverse().map((seen) => {
    const row = element("tr");
    row.append(element("td", clock.format(seen.at_ms)), element("td", seen.operation));
    const what = element("td", seen.path);
    what.title = `${seen.operation} ${seen.path}`;
    row.append(what, element("td", String(seen.status), seen.status >= 400 ? "is-bad" : ""), element("td", seen.took_ms.toFixed(1)));
    return row;
  });
  const body = find("#log");
  body.prepend(...rows);
  while (body.rows.length > LOG_MAX) body.deleteRow(-1);
  const isTouched = fresh.some((seen) => !NOT_CHANGES.test(seen.operation) && (!view.bucket || seen.bucket === view.bucket));
  if (isTouched) attempt(refresh);
}

// The pulse --------------------------------------------------------------------------------------

function onState(word) {
  const node = find("#state");
  if (node.dataset.state === word) return;
  node.dataset.state = word;
  node.textContent = { live: "live", away: "no connection, trying again" }[word];
}

async function pulse() {
  try {
    const state = await ask(`state?${query({ after: live.after })}`);
    if (state.last < live.after) live.after = 0; // started anew, the store counts from one again
    live.perSecond = state.per_second;
    apply(state.nodes);
    drawLog(state.log);
    drawTicker(state);
    drawHeat();
    drawHottest(state.hottest, state.ranges);
    drawMending(state.mending);
    drawUpkeep(state.upkeep);
    onState("live");
  } catch {
    onState("away");
  }
  setTimeout(pulse, document.hidden ? 5 * EVERY_MS : EVERY_MS);
}

function whereTheAddressSays() {
  const [bucket, ...rest] = location.hash.slice(1).split("/");
  return go(decodeURIComponent(bucket), decodeURIComponent(rest.join("/")), { remember: false });
}

addEventListener("popstate", () => attempt(whereTheAddressSays));
addEventListener("resize", drawHeat);
attempt(whereTheAddressSays);
pulse();
