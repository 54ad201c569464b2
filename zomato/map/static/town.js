// What all parts of the page share: asking the town, its clock, and what is going on now.

export const town = { box: [0, 0, 1, 1], restaurants: [], roads: [], tracking: 0 };
export const now = { minute: 0, speed: 0, riders: [], open: [], plans: [], gone: [], heard: performance.now() };
export const mine = { restaurant: null, home: null, order: null }; // what is chosen, and the order that is followed

export async function ask(url, facts) {
  const answer = await fetch(url, facts && { method: "POST", body: JSON.stringify(facts) });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error);
  return found;
}

export const learn = async () => Object.assign(town, await ask("/api/town"));
export const lookAt = async () => Object.assign(now, await ask("/api/now"), { heard: performance.now() });
export const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(Math.floor(minute % 60)).padStart(2, "0")}`;
export const minute = () => now.minute + (now.is_over ? 0 : Math.min((performance.now() - now.heard) / 1000, 1) * now.speed);
export const rupees = (paise) => `${paise < 0 ? "−" : ""}₹${(Math.abs(paise) / 100).toFixed(2)}`;
