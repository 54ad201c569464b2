// The machines behind the page, when there are any: who is primary, and buttons to take it away.
import { element, find, whole } from "/portal/portal.js";
import { getJson, send, setText, show } from "./floor.js";

const LOOK_MS = 200;
const STOP_S = 3; // long enough to be taken for dead
const SIGNS = { primary: "●", standby: "○", giver: "◆", stopped: "✕", silent: "◌", "was primary": "◌" };
const WORDS = { giver: "gives the lease", stopped: "stopped by itself" };
const PROCESSES = { running: "runs as process", dead: "dead, was process", asleep: "stopped, process" };

const cards = new Map();

/** Build a machine's card once: what is built anew five times a second cannot be clicked. */
function card(name) {
  if (cards.has(name)) return cards.get(name);
  const item = element("li");
  const made = { item, role: element("b"), process: element("span", "", "note"), facts: element("span", "", "facts") };
  made.kill = button("kill", () => act(name, { do: "kill" }));
  made.stop = button("stop", () => act(name, { do: "stop", seconds: STOP_S }));
  made.kill.classList.add("danger");
  const actions = element("span", "", "actions");
  actions.append(made.kill, made.stop);
  item.append(element("b", name, "name"), made.role, made.process, made.facts, actions);
  find("#machines").append(item);
  cards.set(name, made);
  return made;
}

function button(text, onClick) {
  const node = element("button", text);
  node.type = "button";
  node.addEventListener("click", onClick);
  return node;
}

async function act(name, wish) {
  show(`${wish.do} ${name}`, await send("POST", `/api/machines/${name}`, wish));
  look();
}

function drawMachine({ name, role, process, pid, last, committed, copies }) {
  const { item, ...parts } = card(name);
  item.dataset.role = role;
  item.dataset.process = process;
  setText(parts.role, `${SIGNS[role] ?? "?"} ${WORDS[role] ?? role}`);
  setText(parts.process, `${PROCESSES[process]} ${pid}`);
  const records = last === undefined ? "" : `record ${whole.format(last)}`;
  const behind = last > committed ? `, ${whole.format(last - committed)} not committed` : "";
  const safe = copies === undefined ? "" : ` · on ${copies} ${copies === 1 ? "disk" : "disks"}`;
  setText(parts.facts, records + behind + safe);
  const what = role === "primary" ? " the primary" : ` ${name}`;
  setText(parts.kill, `✕ Kill${what}`);
  setText(parts.stop, `‖ Stop it for ${STOP_S} s`);
  parts.kill.disabled = process === "dead";
  parts.stop.disabled = process !== "running";
}

function drawTakeover({ primary, why, epoch, under_way, takeover }) {
  const who = primary ? `${primary} is primary, epoch ${epoch}` : `nobody is primary${why ? `: ${why}` : ""}`;
  const waits = under_way ? ` · ${under_way} under way` : "";
  const at = takeover && new Date(takeover.at_ns / 1e6).toLocaleTimeString();
  const last = takeover ? ` · last takeover ${at}: ${takeover.before} → ${takeover.after} in ${takeover.took_ms} ms` : "";
  setText(find("#takeover"), who + waits + last);
}

async function look() {
  if (document.hidden) return;
  const found = await getJson("/api/machines").catch(() => null);
  if (!found) return setText(find("#takeover"), "the page's own process does not answer");
  found.machines.forEach(drawMachine);
  drawTakeover(found);
}

setInterval(look, LOOK_MS);
look();
