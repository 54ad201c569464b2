// What the shelf shows besides albums: charts, what is liked, a playlist that several people edit.

import { element } from "/portal/portal.js";

/** Draw the row of choices. `show(view, id)` is called with what is chosen. */
export function drawViews(where, view, mine, show) {
  const fixed = [["albums", "Home"], ["charts", "Charts"], ["liked", `Liked ${mine.likes.length || ""}`]];
  const choices = fixed.map(([name, title]) => button(title, () => show(name), view === name));
  const lists = mine.playlists.map((each) => button(each.name, () => show("list", each.id), view === "list" && mine.open === each.id));
  const more = button("New playlist", async () => show("list", await mine.create(`Playlist ${mine.playlists.length + 1}`)), false);
  where.replaceChildren(...choices, ...lists, more);
}

function button(text, onClick, isPressed) {
  const node = Object.assign(element("button", text), { type: "button", ariaPressed: isPressed });
  node.addEventListener("click", onClick);
  return node;
}

/** Return a view, drawn. `page` has what it needs of the page: mine, market, known, line, start, act. */
export async function drawn(view, page) {
  const node = element("section", "", "panel view");
  if (view === "charts") node.append(...(await charts(page)));
  if (view === "liked") node.append(...liked(page));
  if (view === "list") node.append(...playlist(page));
  return node;
}

async function charts({ market, line, start }) {
  const [here, all] = await Promise.all([market, ""].map(async (each) => (await fetch(`/api/charts?market=${each}`)).json()));
  const list = (title, { tracks }) => {
    const most = tracks[0]?.plays ?? 1;
    const node = element("ol", "", "tracks numbered");
    node.append(...tracks.map((track, place) => {
      const row = line(track, () => start(tracks, place, "charts"));
      const bar = element("span", `${track.plays}`, "plays");
      bar.style.setProperty("--share", track.plays / most);
      row.querySelector(".time").replaceWith(bar);
      return row;
    }));
    const empty = element("p", "Nobody has heard a track for thirty seconds yet this week.", "note");
    return [element("h2", title), tracks.length ? node : empty];
  };
  return [...list(`Most heard in ${market}, ${here.week}`, here), ...list("Everywhere", all)];
}

function liked({ mine, known, line, start }) {
  const tracks = mine.likes.map((id) => known.get(id)).filter(Boolean);
  const list = element("ol", "", "tracks");
  list.append(...tracks.map((track, place) => line(track, () => start(tracks, place, "liked"))));
  return [element("h2", "Liked"), tracks.length ? list : element("p", "Nothing yet: the heart beside a track keeps it here.", "note")];
}

function playlist({ mine, known, line, start, act }) {
  const { opened, entries } = mine;
  const isOwn = opened.owner.id === mine.user;
  const mayEdit = mine.mayEdit(opened);
  const name = Object.assign(element("input"), { id: "name", value: opened.name, disabled: !mayEdit, ariaLabel: "Name of the playlist" });
  name.addEventListener("change", () => act(() => mine.change({ name: name.value })));
  const share = button(opened.collaborative ? "Anybody may edit" : "Only you may edit", () => act(() => mine.change({ collaborative: !opened.collaborative })), opened.collaborative);
  const drop = button("Delete", () => confirm(`Delete ${opened.name}?`) && act(() => mine.drop()), false);
  const head = element("header");
  head.append(name, ...(isOwn ? [share, drop] : [element("span", `by ${opened.owner.id}`, "note")]));
  const tracks = entries.map((each) => known.get(each.track?.id)).filter(Boolean);
  const list = element("ol", "", "tracks");
  list.append(...entries.map((entry, place) => row(entry, place)).filter(Boolean));
  const empty = element("p", "Nothing yet: the + beside a track puts it here.", "note");
  return [head, entries.length ? list : empty];

  function row(entry, place) {
    const track = known.get(entry.track?.id);
    if (!track) return null; // it is in the library no more
    const node = line(track, () => start(tracks, tracks.indexOf(track), "playlist"));
    node.querySelector(".note").textContent += ` · added by ${entry.added_by.id}`;
    if (!mayEdit) return node;
    const tools = [["↑", "Up", () => mine.move(place, place - 1), place > 0], ["↓", "Down", () => mine.move(place, place + 2), place + 1 < entries.length], ["×", "Remove", () => mine.remove(place), true]];
    node.append(...tools.map(([sign, label, operation, isPossible]) => {
      const facts = { className: "act", disabled: !isPossible, title: label, ariaLabel: `${label}: ${track.title}` };
      return Object.assign(button(sign, () => act(operation), false), facts);
    }));
    node.draggable = true;
    node.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", place));
    node.addEventListener("dragover", (event) => event.preventDefault());
    node.addEventListener("drop", (event) => {
      event.preventDefault();
      const from = Number(event.dataTransfer.getData("text/plain"));
      if (from !== place) act(() => mine.move(from, from < place ? place + 1 : place));
    });
    return node;
  }
}

/** Open a small menu at a button: the playlists that a track can be added to. */
export function menu(where, at, mine, track, act) {
  const choose = (operation) => { where.hidePopover(); act(operation); };
  const lists = mine.playlists.filter((each) => mine.mayEdit(each)).map((each) => button(each.name, () => choose(() => mine.add(each.id, track)), false));
  where.replaceChildren(...lists, button("New playlist", () => choose(() => mine.create(`Playlist ${mine.playlists.length + 1}`, [track])), false));
  where.showPopover();
  const { left, bottom } = at.getBoundingClientRect();
  where.style.left = `${Math.max(8, Math.min(left, innerWidth - where.offsetWidth - 8))}px`;
  where.style.top = `${Math.max(8, Math.min(bottom, innerHeight - where.offsetHeight - 8))}px`;
}
