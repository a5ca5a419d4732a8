// Findings on their way: kept in IndexedDB until the server has them, each under a key made here once.
import { post } from "./api.js";

const NAME = "estate-visits";
export const GRACE_MS = 5000;
const AGAIN_MS = 15000;

const wished = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("results", { keyPath: "key" });
    request.result.createObjectStore("lists");
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const store = async (name, mode) => (await opened).transaction(name, mode, { durability: "strict" }).objectStore(name);

// A console on an estate's network is plain HTTP, where randomUUID does not exist.
const newKey = () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** What waits on this phone, oldest first. */
export const waiting = async () =>
  (await wished((await store("results", "readonly")).getAll())).sort((a, b) => a.found_at.localeCompare(b.found_at));

/** Keep a finding. It leaves the phone after a moment in which it can be taken back. */
export async function keep(visitId, { outcome, note, inspector }) {
  const item = { key: newKey(), visit_id: visitId, outcome, note, inspector, found_at: new Date().toISOString(), ready_at: Date.now() + GRACE_MS };
  await wished((await store("results", "readwrite")).put(item));
  setTimeout(send, GRACE_MS + 50);
  return item;
}

/** Take back what has not left yet. */
export const drop = async (key) => wished((await store("results", "readwrite")).delete(key));

export const keepList = async (name, list) => wished((await store("lists", "readwrite")).put(list, name));
export const keptList = async (name) => wished((await store("lists", "readonly")).get(name));

let sending = null;
let tell = () => {};

/** Call `told(item, visit, error)` when a finding arrived (with the visit as it stands) or was refused for good. */
export function onSent(told) {
  tell = told;
  addEventListener("online", () => send());
  document.addEventListener("visibilitychange", () => { if (document.hidden) send({ now: true }); });
  setInterval(send, AGAIN_MS);
  setTimeout(send, GRACE_MS);
  send();
}

/** Send what is ready, one after the other; what does not arrive stays and is tried again. */
export function send({ now = false } = {}) {
  sending ??= sendAll(now).finally(() => { sending = null; });
  return sending;
}

async function sendAll(now) {
  for (const item of await waiting().catch(() => [])) {
    if (item.refused || (!now && item.ready_at > Date.now())) continue;
    const { key, visit_id: id, outcome, note, inspector, found_at: foundAt } = item;
    try {
      const visit = await post(`/visits/${id}/result`, { key, outcome, note, inspector, found_at: foundAt });
      await drop(key);
      tell(item, visit, null);
    } catch (error) {
      if (error.passing) return tell(item, null, error);
      const refused = { ...item, refused: error.message };
      await wished((await store("results", "readwrite")).put(refused));
      tell(refused, null, error);
    }
  }
}
