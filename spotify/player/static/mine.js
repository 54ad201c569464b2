// What a listener keeps, by the Web API that any other program uses: likes, playlists, and who else edits them.

import { post } from "./player.js";

const PAGE = 50;
const EARLY_S = 60; // a token is renewed so long before it ends
const uri = (track) => `spotify:track:${track}`;

export class Mine {
  /** `onChange` is called whenever something of it is another than before. */
  constructor(onChange) {
    this.onChange = onChange;
    this.user = "";
    this.#forget();
  }

  #forget() {
    Object.assign(this, { likes: [], playlists: [], entries: [], open: "", token: "", until: 0 });
  }

  /** Be another listener. */
  async of(user) {
    this.#forget();
    this.user = user;
    await this.look();
  }

  get opened() { return this.playlists.find((each) => each.id === this.open); }
  mayEdit(playlist) { return playlist.collaborative || playlist.owner.id === this.user; }

  /** Show one playlist, by its id. */
  async show(id) {
    this.open = id;
    this.entries = [];
    await this.look();
  }

  /** Ask what is new: others edit too. */
  async look() {
    const { user, open, seen } = this;
    const [likes, playlists] = await Promise.all([this.#all("/me/tracks"), this.#all("/me/playlists")]);
    const current = playlists.find((each) => each.id === open);
    const isOther = current && current.snapshot_id !== this.opened?.snapshot_id;
    const entries = !current ? [] : isOther || !this.entries.length ? await this.#all(`/playlists/${open}/tracks`) : this.entries;
    if (user !== this.user || open !== this.open) return; // asked for something else meanwhile
    const liked = likes.map((each) => each.track.id);
    Object.assign(this, { likes: liked, playlists, entries, open: current ? open : "" });
    this.seen = JSON.stringify([user, liked, playlists, this.open]);
    if (this.seen !== seen) this.onChange();
  }

  async like(track, isLiked) {
    await this.#ask(isLiked ? "PUT" : "DELETE", `/me/tracks?ids=${track}`);
    await this.look();
  }

  async create(name, tracks = []) {
    const made = await this.#ask("POST", "/me/playlists", { name, public: false });
    if (tracks.length) await this.#ask("POST", `/playlists/${made.id}/tracks`, { uris: tracks.map(uri) });
    await this.look();
    return made.id;
  }

  async add(id, track) {
    await this.#ask("POST", `/playlists/${id}/tracks`, { uris: [uri(track)] });
    await this.look();
  }

  /** Places are those of the snapshot that is shown: the service finds what they mean now. */
  async move(from, before) { await this.#edit("PUT", { range_start: from, insert_before: before }); }
  async remove(place) { await this.#edit("DELETE", { tracks: [{ uri: uri(this.entries[place].track.id), positions: [place] }] }); }

  async #edit(method, facts) {
    await this.#ask(method, `/playlists/${this.open}/tracks`, { ...facts, snapshot_id: this.opened.snapshot_id });
    await this.look();
  }

  /** Rename it, or let others edit it: `{name}` or `{collaborative}`. */
  async change(facts) {
    await this.#ask("PUT", `/playlists/${this.open}`, facts);
    await this.look();
  }

  async drop() {
    await this.#ask("DELETE", `/playlists/${this.open}/followers`);
    await this.look();
  }

  /** Let another device sound. */
  async handOver(device) { await this.#ask("PUT", "/me/player", { device_ids: [device], play: true }); }

  async #all(path) {
    const found = [];
    for (;;) {
      const page = await this.#ask("GET", `${path}?limit=${PAGE}&offset=${found.length}`);
      found.push(...page.items);
      if (!page.items.length || found.length >= page.total) return found;
    }
  }

  async #ask(method, path, facts) {
    const { user } = this;
    if (Date.now() > this.until) {
      const { token, expires_s } = await post("/api/sign-in", { user });
      Object.assign(this, { token, until: Date.now() + (expires_s - EARLY_S) * 1000 });
    }
    const headers = { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" };
    const answer = await fetch(`/v1${path}`, { method, headers, body: facts && JSON.stringify(facts) });
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.error.message);
    return found;
  }
}
