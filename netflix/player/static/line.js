// The line to the edges: asks the best one, measures what it does, and goes on to the next when it fails.

const ANSWER_MS_MAX = 4_000; // for the first byte; a living edge is a hundred times as quick
const LATE_MS = 1_000; // a download that takes longer is looked at
const LOOK_MS = 500;
const ROUNDS_MAX = 3; // of all edges, before the player is told that nobody answers

export class Line {
  /** `edges`: [{name, url}], the best first, as the control plane ranked them. */
  constructor(edges) {
    this.edges = [...edges];
    this.failovers = 0;
  }

  /**
   * Fetch a file of the title; return its bytes, the edge, and how long it took. `watch` is shown the progress now and then:
   * what it returns, if anything, breaks the download off, and comes back as `instead`, with the bytes that came.
   */
  async get(path, watch = null) {
    let reason;
    for (let attempt = 0; attempt < ROUNDS_MAX * this.edges.length; attempt += 1) {
      const edge = this.edges[0];
      try {
        return await fetched(edge, path, watch);
      } catch (error) {
        reason = error;
        if (error.isFinal) throw error;
        if (edge !== this.edges[0]) continue; // somebody else has found out already
        this.edges.push(this.edges.shift()); // it comes last from now on
        this.failovers += 1;
      }
    }
    throw new Error(`no edge answers: ${reason?.message}`);
  }
}

async function fetched(edge, path, watch) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), ANSWER_MS_MAX);
  const begun = performance.now();
  try {
    const answer = await fetch(`${edge.url}/${path}`, { signal: control.signal });
    clearTimeout(timer);
    if (!answer.ok) await refuse(answer);
    const firstByteS = (performance.now() - begun) / 1000;
    const { data, instead } = await bodyOf(answer, watch, { firstByteS, begun });
    const tookS = Math.max((performance.now() - begun) / 1000, 0.001);
    if (instead !== null) control.abort();
    return { data, instead, edge: edge.name, cache: answer.headers.get("X-Cache"), firstByteS: Math.min(firstByteS, tookS), tookS };
  } finally {
    clearTimeout(timer);
  }
}

/** Read a body; `watch` is asked at most every LOOK_MS, and not before it has taken LATE_MS. */
async function bodyOf(answer, watch, { firstByteS, begun }) {
  if (!watch) return { data: await answer.arrayBuffer(), instead: null };
  const size = Number(answer.headers.get("Content-Length"));
  const reader = answer.body.getReader();
  const pieces = [];
  let came = 0;
  let lookAt = begun + LATE_MS;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    came += value.byteLength;
    if (came < size && performance.now() >= lookAt) {
      lookAt = performance.now() + LOOK_MS;
      const instead = await watch({ size, came, firstByteS, tookS: (performance.now() - begun) / 1000 });
      if (instead !== null) return { data: new Uint8Array(came).buffer, instead };
    }
  }
  return { data: await new Blob(pieces).arrayBuffer(), instead: null };
}

/** A 4xx is about the request, and every edge would say the same; the rest is about this edge. */
async function refuse(answer) {
  const facts = await answer.json().catch(() => ({}));
  const error = new Error(facts.error ?? `an edge answers ${answer.status}`);
  error.isFinal = answer.status >= 400 && answer.status < 500;
  throw error;
}
