// Pieces of tracks: fetched by range from the edge that should have them, or the next; checked; kept.

const KEPT_BYTES_MAX = 64 * 1024 * 1024;
const WAIT_MS = 4_000; // an edge that sends nothing for so long is not asked again this time
const DIGEST_CHARS = 16;
const LOG_MAX = 8;

export class Line {
  constructor() {
    this.kept = new Map(); // "track/quality/piece" -> {data, is}; the oldest first
    this.keptBytes = 0;
    this.ping_s = 0.05;
    this.log = [];
    this.from = "";
    this.failovers = 0;
  }

  /** Fetch pieces `first` to before `end`, with the head when piece 0 is among them. Throws when no edge has them whole. */
  async get(offer, first, end) {
    const begin = first === 0 ? 0 : offer.pieces[first][0];
    const stop = offer.pieces[end - 1][0] + offer.pieces[end - 1][1];
    let trouble;
    for (const url of offer.urls) {
      try {
        const { data, is } = await this.#ask(url, begin, stop);
        if (first === 0) await this.#take(offer, "head", data.slice(0, offer.head), offer.head_digest, is, url);
        for (let place = first; place < end; place += 1) {
          const [offset, size, , , digest] = offer.pieces[place];
          await this.#take(offer, place, data.slice(offset - begin, offset - begin + size), digest, is, url);
        }
        return;
      } catch (error) {
        trouble = error;
        this.failovers += 1;
        this.#note({ url, bytes: 0, is: "failed", what: error.message });
      }
    }
    throw trouble;
  }

  /** Keep a part if it is what it should be. */
  async #take(offer, place, data, digest, is, url) {
    if ((await digestOf(data)) !== digest) throw new Error(`${new URL(url).host} sent wrong bytes`);
    this.#keep(offer, place, data, is);
  }

  async #ask(url, begin, stop) {
    const asked = performance.now();
    const watch = new AbortController();
    const timer = setTimeout(() => watch.abort(new Error(`${new URL(url).host} sends nothing`)), WAIT_MS);
    try {
      const answer = await fetch(url, { headers: { Range: `bytes=${begin}-${stop - 1}` }, signal: watch.signal });
      const firstByte = performance.now() - asked;
      if (!answer.ok) {
        const told = await answer.json().catch(() => ({}));
        throw Object.assign(new Error(told.error ?? `status ${answer.status}`), { expired: told.reason === "expired" });
      }
      const data = new Uint8Array(await answer.arrayBuffer());
      if (data.length !== stop - begin) throw new Error(`${new URL(url).host} sent ${data.length} of ${stop - begin} bytes`);
      this.ping_s = 0.7 * this.ping_s + 0.3 * (firstByte / 1000);
      const is = answer.headers.get("X-Cache") ?? "hit";
      this.from = answer.headers.get("X-Edge") ?? "";
      this.#note({ url, bytes: data.length, is, ms: performance.now() - asked });
      return { data, is };
    } finally {
      clearTimeout(timer);
    }
  }

  #note(request) {
    this.log.unshift({ at: performance.now(), edge: new URL(request.url).port, ...request });
    this.log.length = Math.min(this.log.length, LOG_MAX);
  }

  #keep(offer, place, data, is) {
    const key = keyOf(offer, place);
    if (!this.kept.has(key)) this.keptBytes += data.length;
    this.kept.set(key, { data, is });
    for (const [old, { data: own }] of this.kept) {
      if (this.keptBytes <= KEPT_BYTES_MAX) break;
      this.kept.delete(old);
      this.keptBytes -= own.length;
    }
  }

  has(offer, place) { return this.kept.has(keyOf(offer, place)); }

  piece(offer, place) { return this.kept.get(keyOf(offer, place))?.data; }

  /** The head, which a decoder must have before any piece. */
  async head(offer) {
    if (!this.has(offer, "head")) await this.get(offer, 0, 1);
    return this.piece(offer, "head");
  }

  /** A 1 for each piece that is here. */
  here(offer) { return offer.pieces.map((_, place) => (this.has(offer, place) ? "1" : "0")).join(""); }

  /** For each piece where it came from: hit, miss, or none. */
  origins(offer) { return offer.pieces.map((_, place) => this.kept.get(keyOf(offer, place))?.is ?? "none"); }
}

const keyOf = (offer, place) => `${offer.track}/${offer.quality}/${place}`;

async function digestOf(data) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, DIGEST_CHARS);
}
