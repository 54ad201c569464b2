// A music player: one source buffer, on whose timeline track follows track without a gap.
// What to fetch next is not decided here: the policy is asked for it, over HTTP, and it runs in Python.

import { Line } from "./line.js";

const RATE = 48_000;
const FRAME_S = 960 / RATE;
const IDLE_MS = 60;
const BEHIND_S = 40; // kept of what was heard, for small steps back
const QUIET_MS = 400; // a wait this long while playing is a stutter

/** Post JSON and return the JSON of the answer; an Error with the server's own line when it refuses. */
export async function post(url, facts, options = {}) {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(facts), ...options });
  const found = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(found.error ?? `${url} answers ${answer.status}`), { reason: found.reason });
  return found;
}

export class Player {
  constructor(audio, onChange = () => {}) {
    this.audio = audio;
    this.onChange = onChange;
    this.line = new Line();
    this.queue = [];
    this.index = -1;
    this.lanes = []; // tracks on the timeline, in order: what is known of each and where it lies
    this.state = { start_ms: null, stutters: 0, problem: "", was_kept: false };
    audio.addEventListener("waiting", () => { this.waitingAt = performance.now(); });
    audio.addEventListener("playing", () => this.#sounds());
    audio.addEventListener("timeupdate", () => this.#moved());
    audio.addEventListener("ended", () => this.#ended());
    audio.addEventListener("seeking", () => this.#sought());
    addEventListener("pagehide", () => this.#report(this.lane, true));
  }

  /** Play a list of tracks from one of them on. Throws what the service refuses. */
  async play(queue, index, user, quality, from = "page") {
    this.#report(this.lane);
    Object.assign(this, { queue, index, user, quality, from, lane: null });
    this.state = { start_ms: null, stutters: 0, problem: "", was_kept: false };
    this.tappedAt = performance.now();
    this.generation = (this.generation ?? 0) + 1;
    const generation = this.generation;
    this.lanes = [];
    this.refused = new Set(); // places of the queue that may not be played
    const first = await this.#lane(index, 0, null);
    if (generation !== this.generation) return;
    await this.#open(first.offer.mime);
    this.lanes = [first];
    this.state.was_kept = this.line.has(first.offer, 0) && this.line.has(first.offer, 1);
    this.#enter(first);
    this.#fetching(generation);
    this.#appending(generation);
    await this.audio.play().catch((error) => { this.state.problem = String(error); });
  }

  next() { if (this.index + 1 < this.queue.length) return this.play(this.queue, this.index + 1, this.user, this.quality, this.from); }
  previous() { if (this.index > 0) return this.play(this.queue, this.index - 1, this.user, this.quality, this.from); }

  /** Seconds into the track that sounds. */
  position() { return this.lane ? Math.max(0, this.audio.currentTime - this.lane.begins) : 0; }

  seek(seconds) { if (this.lane) this.audio.currentTime = this.lane.begins + Math.min(seconds, this.lane.length - 0.05); }

  async #open(mime) {
    const source = new MediaSource();
    const opened = new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
    this.audio.src = URL.createObjectURL(source);
    await opened;
    this.source = source;
    this.buffer = source.addSourceBuffer(mime);
  }

  /** What is known of a track: its offer, where it begins on the timeline, and whether it goes on from the last. */
  async #lane(index, begins, before) {
    const offer = await post("/api/play", { user: this.user, track: this.queue[index].id, quality: this.quality });
    const joins = Boolean(before) && continues(before.offer, offer);
    return {
      index, offer, begins, joins, length: offer.samples / RATE, track: this.queue[index],
      // Packet 0 of this file lies so far before the track's first sample.
      offset: joins ? before.offset + (offer.number - before.offer.number) * FRAME_S : begins - offer.skip / RATE,
      next: joins ? 1 : 0, headed: joins, play: crypto.randomUUID(), at_ms: Date.now(), heard_s: 0, last: 0,
    };
  }

  async #fetching(generation) {
    while (generation === this.generation) {
      const current = this.lane;
      const following = this.lanes.find((each) => each.index === current.index + 1) ?? (await this.#upcoming(current, generation));
      if (generation !== this.generation) return;
      const wanted = await post("/api/want", this.#hearing(current, following)).catch(() => null);
      if (generation !== this.generation) return;
      if (!wanted || wanted.first === undefined) {
        await pause(4 * IDLE_MS);
        continue;
      }
      const lane = wanted.track ? following : current;
      try {
        await this.line.get(lane.offer, wanted.first, wanted.end);
        this.state.problem = "";
      } catch (error) {
        this.state.problem = error.message;
        await pause(1000);
        if (error.expired) lane.offer.urls = (await post("/api/play", { user: this.user, track: lane.track.id, quality: this.quality })).urls;
      }
      this.onChange();
    }
  }

  /** The next track's lane, known before it is needed; null at the end of the queue. */
  async #upcoming(current, generation) {
    const index = current.index + 1;
    if (index >= this.queue.length || this.refused.has(index)) return null;
    try {
      const lane = await this.#lane(index, current.begins + current.length, current);
      if (generation === this.generation) this.lanes.push(lane);
      return lane;
    } catch (error) {
      this.refused.add(index);
      this.state.problem = error.message;
      return null;
    }
  }

  #hearing(current, following) {
    const told = (lane) => ({ track: lane.offer.track, rendition: rendition(lane.offer), here: this.line.here(lane.offer) });
    return {
      current: told(current), following: following && told(following), at: pieceAt(current, this.audio.currentTime),
      left_s: Math.max(0, current.begins + current.length - this.audio.currentTime),
      is_playing: this.state.start_ms !== null, ping_s: this.line.ping_s,
    };
  }

  /** Put pieces on the timeline, each lane's in order, as they come. */
  async #appending(generation) {
    while (generation === this.generation) {
      const lane = this.lanes.find((each) => each.next < each.offer.pieces.length && !this.#isPast(each));
      const data = lane && this.line.piece(lane.offer, lane.next);
      if (!data) {
        if (!lane && this.#isLast() && this.source.readyState === "open" && !this.buffer.updating) this.source.endOfStream();
        await pause(IDLE_MS);
        continue;
      }
      await this.#append(lane, data);
    }
  }

  async #append(lane, data) {
    const { buffer } = this;
    if (!lane.headed) {
      await this.#put(await this.line.head(lane.offer));
      lane.headed = true;
    }
    const isEnd = lane.next === lane.offer.pieces.length - 1;
    const after = this.lanes.find((each) => each.index === lane.index + 1);
    buffer.timestampOffset = lane.offset;
    // Set the end first: it must never be before the begin.
    buffer.appendWindowEnd = Infinity;
    buffer.appendWindowStart = lane.joins ? 0 : lane.begins;
    // Where the next track goes on in the same stream, the packet that both share is not cut.
    buffer.appendWindowEnd = isEnd && after?.joins ? Infinity : lane.begins + lane.length;
    await this.#put(data);
    lane.next += 1;
    this.#forget();
  }

  async #put(data) {
    await idle(this.buffer);
    this.buffer.appendBuffer(data);
    await idle(this.buffer);
  }

  #forget() {
    const limit = this.audio.currentTime - BEHIND_S;
    const { buffered } = this.buffer;
    if (limit > 0 && buffered.length && buffered.start(0) < limit - 10 && !this.buffer.updating) this.buffer.remove(0, limit);
  }

  #isPast(lane) { return lane.begins + lane.length < this.audio.currentTime - 1; }

  #isLast() {
    const last = this.lanes.at(-1);
    return last && last.next >= last.offer.pieces.length && (last.index + 1 >= this.queue.length || this.refused.has(last.index + 1));
  }

  #sounds() {
    if (this.state.start_ms === null) this.state.start_ms = performance.now() - this.tappedAt;
    else if (this.waitingAt && performance.now() - this.waitingAt > QUIET_MS && !this.seekedAt) this.state.stutters += 1;
    this.waitingAt = 0;
    this.seekedAt = 0;
    this.onChange();
  }

  #moved() {
    const time = this.audio.currentTime;
    const { lane } = this;
    if (!lane) return;
    if (time > lane.last && time - lane.last < 1.5) lane.heard_s += time - lane.last;
    lane.last = time;
    const now = this.lanes.findLast((each) => each.begins <= time + 0.01);
    if (now && now !== lane) {
      this.#report(lane);
      this.#enter(now);
    }
    this.onChange();
  }

  #enter(lane) {
    this.lane = lane;
    this.index = lane.index;
    lane.last = this.audio.currentTime;
    lane.at_ms = Date.now();
    const { offer } = lane;
    const goesOn = lane.joins || this.lanes.some((each) => each.index === lane.index + 1 && each.joins);
    this.audio.volume = Math.min(1, 10 ** ((goesOn ? offer.album_gain_db : offer.gain_db) / 20));
    this.onChange();
  }

  #sought() {
    this.seekedAt = performance.now();
    const time = this.audio.currentTime;
    const lane = this.lanes.findLast((each) => each.begins <= time + 0.01);
    if (!lane) return;
    if (lane !== this.lane) this.#enter(lane);
    lane.last = time;
    const { buffered } = this.buffer;
    for (let i = 0; i < buffered.length; i += 1) if (buffered.start(i) <= time && time < buffered.end(i)) return;
    lane.next = Math.max(0, pieceAt(lane, time) - 1); // the piece before, for the decoder to settle
    lane.headed = false;
  }

  #ended() {
    this.#report(this.lane);
    this.lane = null;
    this.onChange();
  }

  /** Tell what was heard of a track; it keeps its id until it was taken. */
  async #report(lane, isLeaving = false) {
    if (!lane || lane.reported || lane.heard_s < 1) return;
    lane.reported = true;
    const play = {
      id: lane.play, user: this.user, track: lane.offer.track, at_ms: lane.at_ms,
      played_ms: Math.min(Math.round(lane.heard_s * 1000), Math.round(lane.length * 1000)), source: this.from,
    };
    for (let tries = 0; tries < 5; tries += 1) {
      try {
        await post("/api/plays", [play], { keepalive: isLeaving });
        return;
      } catch {
        await pause(1000 * 2 ** tries);
      }
    }
  }
}

/** Whether one track goes on where the other ends, in the same encode. */
function continues(before, after) {
  const isSame = before.album_id === after.album_id && before.quality === after.quality;
  return isSame && before.number * 960 + before.skip + before.samples === after.number * 960 + after.skip;
}

/** The piece in which a time of the timeline lies. */
function pieceAt(lane, time) {
  const packet = (time - lane.offset) / FRAME_S;
  const place = lane.offer.pieces.findLastIndex((piece) => piece[2] <= packet);
  return Math.max(lane.joins ? 1 : 0, place);
}

const rendition = (offer) => ({ low: "web24", normal: "web96", high: "web160" })[offer.quality];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const idle = (buffer) =>
  buffer.updating ? new Promise((resolve) => buffer.addEventListener("updateend", resolve, { once: true })) : undefined;
