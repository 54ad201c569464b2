// A player in three hundred lines: Media Source Extensions, one buffer for pictures and one for sound.
// What to fetch next is not decided here: the rule is asked for it, over HTTP, and it runs in Python.

import { unlock } from "./keys.js";
import { Line } from "./line.js";

const AHEAD_S = 16; // fetched before it is needed, unless told otherwise; more is lost when one stops
const BEHIND_S = 20; // kept of what was played, for small steps back
const IDLE_MS = 150;
const NEAR_END_S = 0.3;
const HISTORY_MAX = 600;

/** Post JSON and return the JSON of the answer; an Error with the server's own line when it refuses. */
export async function post(url, facts) {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(facts) });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error ?? `${url} answers ${answer.status}`);
  return found;
}

/** One session: a title, a video element, and everything that is known of how it goes. */
export class Player {
  constructor(video, onChange = () => {}) {
    this.video = video;
    this.onChange = onChange;
    this.rule = "bolae";
    this.aheadS = AHEAD_S;
    this.isOver = true;
    video.addEventListener("waiting", () => this.#stalled());
    video.addEventListener("playing", () => this.#playing());
    video.addEventListener("ended", () => this.#finish());
    video.addEventListener("seeking", () => this.#seek());
  }

  /** Play a title from where its profile left it. Throws what the control plane refuses. */
  async play(title, profile) {
    await this.stop();
    const offer = await post("/api/play", { title, profile, device: { has_keys: Boolean(navigator.requestMediaKeySystemAccess) } });
    this.offer = offer;
    this.line = new Line(offer.edges);
    this.state = {
      title, session: offer.session, rung: -1, edge: "", stalls: 0, stalled_s: 0, ended: false, begun: false,
      problem: "", heights: [], history: [], switches: 0, abandoned: 0, failovers: 0, buffer_s: 0, throughput_kbps: 0,
    };
    this.told = [];
    this.report = { number: 0, at: 0, stalled_s: 0, stalls: 0, profile };
    this.startedAt = performance.now();
    this.isOver = false;
    this.facts = JSON.parse(new TextDecoder().decode((await this.line.get("title.json")).data));
    if (offer.key_system) await unlock(this.video, offer);
    await this.#open(offer.resume_s);
    this.heart = setInterval(() => this.#beat(), offer.heartbeat_s * 1000);
    this.#beat();
    await this.video.play().catch((error) => { this.state.problem = String(error); });
  }

  /** End the session and free its stream. */
  async stop() {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.heart);
    await this.#beat();
    await post("/api/stop", { session: this.offer.session }).catch(() => {});
  }

  async #open(at) {
    const source = new MediaSource();
    const opened = new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
    this.video.src = URL.createObjectURL(source);
    await opened;
    source.duration = Math.max(...this.facts.tracks.map(length));
    this.source = source;
    const rungs = this.facts.tracks.filter((track) => this.offer.rungs.includes(track.name));
    const sound = this.facts.tracks.find((track) => track.kind === "audio");
    this.pictures = lane(source, rungs, at);
    this.lanes = [this.pictures, ...(sound ? [lane(source, [sound], at)] : [])];
    if (at) this.video.currentTime = this.report.at = at;
    for (const each of this.lanes) this.#fill(each);
  }

  /** Fetch and append until the title is all there, or somebody else is played. */
  async #fill(own) {
    const { source } = this;
    while (!this.isOver && this.source === source) {
      const count = own.tracks[0].segments.length;
      const next = own.next;
      if (next >= count) {
        this.#endIfAllThere(source);
        await pause(IDLE_MS);
        continue;
      }
      if (starts(own.tracks[0])[next] - this.video.currentTime > this.aheadS) {
        await pause(IDLE_MS);
        continue;
      }
      try {
        const rung = own === this.pictures ? await this.#advice(next) : 0;
        const isThere = await this.#fetch(own, next, rung);
        if (isThere && own.next === next) own.next += 1;
      } catch (error) {
        if (this.isOver || this.source !== source) return;
        this.state.problem = error.message;
        this.onChange(this.state);
        await pause(1000);
      }
    }
  }

  /** Ask the rule for a rung, telling it of the downloads since it was asked last. */
  async #advice(segment) {
    const downloads = this.told.splice(0, 50);
    const found = await post("/api/advice", {
      session: this.offer.session, rule: this.rule, segment, buffer_s: this.ahead(),
      now_s: (performance.now() - this.startedAt) / 1000, downloads,
    });
    this.state.problem = found.problem;
    if (found.wait_s > 0) await pause(Math.min(found.wait_s, 5) * 1000);
    return Math.min(found.rung, this.pictures.tracks.length - 1);
  }

  async #fetch(own, segment, rung) {
    const track = own.tracks[rung];
    const init = own.rung === rung ? null : (own.inits[rung] ??= (await this.line.get(`${track.name}/init.mp4`)).data);
    const watch = own === this.pictures && rung > 0 ? (progress) => this.#instead(rung, progress) : null;
    const got = await this.line.get(`${track.name}/${segment + 1}.m4s`, watch);
    if (own === this.pictures) this.#note(segment, rung, track, got);
    if (got.instead !== null) return false;
    if (init) {
      await own.append(init);
      own.rung = rung;
    }
    await own.append(got.data, () => this.#forget(own));
    this.#forget(own);
    return true;
  }

  /** Ask the rule whether a download under way is to be broken off for a lower rung; null: go on. */
  async #instead(rung, { size, came, firstByteS, tookS }) {
    const found = await post("/api/progress", {
      session: this.offer.session, rung, size_bits: 8 * size, came_bits: 8 * came,
      first_byte_s: firstByteS, took_s: tookS, buffer_s: this.ahead(),
    }).catch(() => ({ rung: null }));
    return found.rung;
  }

  #note(segment, rung, track, got) {
    const { state } = this;
    const bits = got.data.byteLength * 8;
    const told = { segment, rung, size_bits: bits, first_byte_s: got.firstByteS, took_s: got.tookS };
    this.told.push(got.instead === null ? told : { ...told, abandoned_for: got.instead });
    if (got.instead !== null) {
      state.abandoned += 1;
      return;
    }
    if (state.rung >= 0 && state.rung !== rung) state.switches += 1;
    Object.assign(state, {
      rung, height: track.height, edge: got.edge, cache: got.cache, failovers: this.line.failovers,
      throughput_kbps: bits / got.tookS / 1000, chosen_kbps: track.mean_bps / 1000,
    });
    if (state.heights.at(-1) !== track.height) state.heights.push(track.height);
    this.#history();
  }

  /** Seconds of pictures in the buffer from the playing position on. */
  ahead() {
    const { buffered, currentTime } = this.video;
    for (let i = 0; i < buffered.length; i += 1) {
      if (buffered.start(i) <= currentTime + 0.2 && currentTime < buffered.end(i)) return buffered.end(i) - currentTime;
    }
    return 0;
  }

  /** Called now and then by whoever shows the state. */
  tick() {
    if (this.isOver || !this.state) return;
    this.state.buffer_s = this.ahead();
    this.#history();
    this.onChange(this.state);
  }

  #history() {
    const { state } = this;
    const at = (performance.now() - this.startedAt) / 1000;
    state.history.push([at, this.ahead(), state.throughput_kbps, state.chosen_kbps ?? 0]);
    if (state.history.length > HISTORY_MAX) state.history.shift();
  }

  #forget(own) {
    const limit = this.video.currentTime - BEHIND_S;
    if (limit > 0 && !own.buffer.updating && own.buffer.buffered.length && own.buffer.buffered.start(0) < limit - 5) {
      own.buffer.remove(0, limit);
    }
  }

  #endIfAllThere(source) {
    const isAll = this.lanes.every((each) => each.next >= each.tracks[0].segments.length && !each.buffer.updating);
    if (isAll && source.readyState === "open") source.endOfStream();
  }

  #seek() {
    if (!this.lanes) return;
    for (const own of this.lanes) {
      const begins = starts(own.tracks[0]);
      const wanted = begins.findLastIndex((begin) => begin <= this.video.currentTime + 0.01);
      if (!has(own.buffer, this.video.currentTime)) own.next = Math.max(0, wanted);
    }
  }

  #stalled() {
    const { state, video } = this;
    if (!state?.begun || video.seeking || video.duration - video.currentTime < NEAR_END_S) return;
    state.stalls += 1;
    this.stalledAt = performance.now();
  }

  #playing() {
    if (!this.state) return;
    if (!this.state.begun) this.state.waited_s = (performance.now() - this.startedAt) / 1000;
    this.state.begun = true;
    if (this.stalledAt) this.state.stalled_s += (performance.now() - this.stalledAt) / 1000;
    this.stalledAt = 0;
  }

  #finish() {
    if (this.state) this.state.ended = true;
    this.onChange(this.state);
    this.stop();
  }

  /** Tell what was played since the last report; one that is lost is told with the next. */
  async #tell(kind) {
    const { state, report } = this;
    const now = this.video.currentTime;
    const played_ms = Math.max(0, Math.round((now - report.at) * 1000));
    const event = {
      session: state.session, number: report.number, kind, at_ms: Date.now(), profile: report.profile,
      title: state.title, edge: state.edge, kbps: Math.round(state.chosen_kbps ?? 0), played_ms,
      waited_ms: report.number === 0 ? Math.round((state.waited_s ?? 0) * 1000) : 0,
      stalled_ms: Math.round((state.stalled_s - report.stalled_s) * 1000), stalls: state.stalls - report.stalls,
    };
    if (!event.edge) delete event.edge;
    await post("/api/events", [event]);
    Object.assign(report, { number: report.number + 1, at: now, stalled_s: state.stalled_s, stalls: state.stalls });
  }

  async #beat() {
    const { session } = this.offer;
    const position_ms = Math.round(Math.min(this.video.currentTime, this.facts ? Math.min(...this.facts.tracks.map(length)) : 0) * 1000);
    if (this.state.begun) await this.#tell(this.report.number ? (this.isOver ? "end" : "progress") : "start").catch(() => {});
    await post("/api/heartbeat", { session, position_ms, at_ms: Date.now() }).catch((error) => {
      if (this.state) this.state.problem = error.message;
    });
  }
}

/** A source buffer with its tracks: appends wait for each other. */
function lane(source, tracks, at) {
  const mime = `${tracks[0].kind}/mp4; codecs="${tracks[0].codec}"`;
  const buffer = source.addSourceBuffer(mime);
  const begins = starts(tracks[0]);
  const own = { buffer, tracks, inits: [], rung: -1, next: Math.max(0, begins.findLastIndex((begin) => begin <= at)) };
  own.append = async (data, makeRoom = () => {}) => {
    await idle(buffer);
    try {
      buffer.appendBuffer(data);
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
      makeRoom();
      await idle(buffer);
      buffer.appendBuffer(data);
    }
    await idle(buffer);
  };
  return own;
}

function has(buffer, time) {
  for (let i = 0; i < buffer.buffered.length; i += 1) {
    if (buffer.buffered.start(i) <= time && time < buffer.buffered.end(i)) return true;
  }
  return false;
}

const starts = (track) => {
  let begin = 0;
  return (track.starts ??= track.segments.map((each) => {
    const own = begin / track.timescale;
    begin += each.duration_ticks;
    return own;
  }));
};
const length = (track) => track.segments.reduce((sum, each) => sum + each.duration_ticks, 0) / track.timescale;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const idle = (buffer) =>
  buffer.updating ? new Promise((resolve) => buffer.addEventListener("updateend", resolve, { once: true })) : undefined;
